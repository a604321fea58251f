import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask, download, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { bytes, moment, number } from '@/locale/format'
import { language, useTranslation } from '@/locale/language'
import { Box, Button, Dialog, Divider, Group, IconDownload, Progress, Radio, Skeleton, Stack, Status, Text, type Tone } from '@/ui'
import { reportsQuery } from './queries'
import type { Campaign } from './words'

type ReportFile = Schemas['ReportView']

const tones: Record<ReportFile['state'], Tone> = { waiting: 'wait', writing: 'live', done: 'good', cancelled: 'idle', failed: 'bad' }

/** Reports as workbooks: asked for, waited for with their progress, and saved. */
export default function Workbooks({ campaign: c, onClose }: { campaign: Campaign; onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [rows, setRows] = useState<ReportFile['rows']>('recipients')
  const list = useQuery(reportsQuery(c.id))
  const prepare = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/campaigns/{campaign}/reports', { params: { path: { campaign: c.id } }, body: { rows, words: language() } })),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: reportsQuery(c.id).queryKey }),
  })
  return (
    <Dialog onClose={onClose} title={t('campaign.workbook.title')} close={t('action.close')} size="lg">
      <Stack>
        <Text size="sm">{t('campaign.workbook.about')}</Text>
        <Radio.Group label={t('campaign.workbook.rows')} value={rows} onChange={(v) => setRows(v as ReportFile['rows'])}>
          <Group mt="xs">
            <Radio value="recipients" label={t('campaign.workbook.recipients')} />
            <Radio value="attempts" label={t('campaign.workbook.attempts')} />
          </Group>
        </Radio.Group>
        <Group justify="flex-end">
          <Button onClick={() => prepare.mutate()} loading={prepare.isPending} data-autofocus>
            {t('campaign.workbook.prepare')}
          </Button>
        </Group>
        {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
        {list.isPending && <Skeleton height={64} aria-busy />}
        {list.data?.items.map((f) => (
          <Box key={f.id}>
            <Divider mb="sm" />
            <One of={f} campaign={c.id} />
          </Box>
        ))}
      </Stack>
    </Dialog>
  )
}

/** One workbook, with what can be done with it. */
function One({ of: f, campaign }: { of: ReportFile; campaign: string }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const path = { params: { path: { report: f.id } } }
  const after = { onError: refused, onSettled: () => queries.invalidateQueries({ queryKey: reportsQuery(campaign).queryKey }) }
  const get = useMutation({ mutationFn: () => download(`/api/v1/reports/${encodeURIComponent(f.id)}/file`, f.name), onError: refused })
  const cancel = useMutation({ mutationFn: () => ask(api.POST('/api/v1/reports/{report}/cancel', path)), ...after })
  const remove = useMutation({ mutationFn: () => ask(api.DELETE('/api/v1/reports/{report}', path)), ...after })
  return (
    <Stack gap={6} data-report={f.state}>
      <Group justify="space-between" gap="xs">
        <Text fw={600} size="sm" className="wrap">
          {f.name}
        </Text>
        <Status tone={tones[f.state]} live={f.state === 'writing'}>
          {t(`campaign.workbook.state.${f.state}`)}
        </Status>
      </Group>
      {f.state === 'writing' && <Progress value={f.progress / 10} animated aria-label={t('campaign.workbook.progress')} />}
      {f.failure && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {f.failure.text}
        </Text>
      )}
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          {t('campaign.workbook.size', { rows: number(f.written), size: bytes(f.size) })}
          {f.state === 'done' && f.expires_at && ` · ${t('campaign.workbook.until', { at: moment(f.expires_at) })}`}
        </Text>
        <Group gap="xs">
          {f.can.includes('delete') && (
            <Button size="compact-sm" variant="subtle" color="gray" onClick={() => remove.mutate()} loading={remove.isPending}>
              {t('campaign.workbook.delete')}
            </Button>
          )}
          {f.can.includes('cancel') && (
            <Button size="compact-sm" variant="default" onClick={() => cancel.mutate()} loading={cancel.isPending}>
              {t('campaign.workbook.cancel')}
            </Button>
          )}
          {f.can.includes('download') && (
            <Button size="compact-sm" leftSection={<IconDownload size={14} aria-hidden />} onClick={() => get.mutate()} loading={get.isPending}>
              {t('campaign.workbook.download')}
            </Button>
          )}
        </Group>
      </Group>
    </Stack>
  )
}
