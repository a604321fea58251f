import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask, send, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { audiencesQuery, previewQuery } from '@/audience/queries'
import { bytes, number } from '@/locale/format'
import { Alert, Box, Button, FileDrop, Group, Radio, Select, Stack, TabList, Tabs, Text, Textarea, UnstyledButton } from '@/ui'
import { campaignQuery } from '../queries'
import type { Campaign } from '../words'

type Enrolled = Schemas['Enrolled']

/** The second step: whom the campaign is for. Whatever is added is added at once. */
export function People({ campaign: c, onBack, onNext }: { campaign: Campaign; onBack?: () => void; onNext: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const added = () => void queries.invalidateQueries({ queryKey: campaignQuery(c.id).queryKey })
  return (
    <Stack gap="md">
      <Box className="card" p={{ base: 'md', sm: 'lg' }}>
        <Stack gap="md">
          <Text fw={600} className="numbers" role="status">
            {t('wizard.inside', { count: c.counts.total, people: number(c.counts.total) })}
          </Text>
          <Tabs defaultValue="paste" keepMounted={false}>
            <TabList>
              <Tabs.Tab value="paste">{t('wizard.paste')}</Tabs.Tab>
              <Tabs.Tab value="file">{t('wizard.file')}</Tabs.Tab>
              <Tabs.Tab value="audience">{t('wizard.audience')}</Tabs.Tab>
            </TabList>
            <Tabs.Panel value="paste">
              <Paste campaign={c} onAdded={added} />
            </Tabs.Panel>
            <Tabs.Panel value="file">
              <FromFile campaign={c} onAdded={added} />
            </Tabs.Panel>
            <Tabs.Panel value="audience">
              <FromAudience campaign={c} onAdded={added} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      </Box>
      <Group justify={onBack ? 'space-between' : 'flex-end'}>
        {onBack && (
          <Button variant="default" onClick={onBack}>
            {t('action.back')}
          </Button>
        )}
        <Button onClick={onNext}>{onBack ? t('wizard.next') : t('action.done')}</Button>
      </Group>
    </Stack>
  )
}

interface Props {
  campaign: Campaign
  onAdded: () => void
}

/** Adds what a text or a file holds; the server finds out what it is. */
function useAdd({ campaign: c, onAdded }: Props) {
  return useMutation({
    mutationFn: (body: Blob) => send<Enrolled>(`/api/v1/campaigns/${encodeURIComponent(c.id)}/recipients`, body, 'application/octet-stream'),
    onError: refused,
    onSettled: onAdded,
  })
}

function Paste(props: Props) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const add = useAdd(props)
  const voice = props.campaign.channel === 'voice'
  return (
    <Stack>
      <Textarea
        label={t(voice ? 'wizard.pasteNumbers' : 'wizard.pasteMailboxes')} description={t('wizard.pasteAbout')} value={text} onChange={(e) => setText(e.currentTarget.value)}
        placeholder={voice ? '11 98765-4321\n+55 21 99876-5432' : 'ana@example.com\njoao@example.com'} autosize minRows={6} maxRows={16}
        styles={{ input: { fontVariantNumeric: 'tabular-nums' } }}
      />
      <Group>
        <Button variant="light" disabled={!text.trim()} loading={add.isPending} onClick={() => add.mutate(new Blob([text]), { onSuccess: () => setText('') })}>
          {t('wizard.add')}
        </Button>
      </Group>
      {add.data && <Added what={add.data} />}
    </Stack>
  )
}

function FromFile(props: Props) {
  const { t } = useTranslation()
  const add = useAdd(props)
  const [name, setName] = useState('')
  return (
    <Stack>
      <FileDrop
        title={t('wizard.drop')} choose={t('wizard.chooseFile')} accept=".csv,.txt,.json,.ndjson,.jsonl" busy={add.isPending}
        onFile={(file) => {
          setName(`${file.name} (${bytes(file.size)})`)
          add.mutate(file)
        }}
        about={t('wizard.fileAbout')}
      />
      {add.isPending && (
        <Text size="sm" role="status">
          {t('wizard.sending', { name })}
        </Text>
      )}
      {add.data && <Added what={add.data} />}
      <Text size="sm" c="dimmed">
        {t('wizard.orImport')} <Link to="/imports">{t('shell.imports')}</Link>
      </Text>
    </Stack>
  )
}

/** What became of the rows. */
function Added({ what: e }: { what: Enrolled }) {
  const { t } = useTranslation()
  return (
    <Alert color={e.refused > 0 ? 'yellow' : 'brand'} variant="light" title={t('wizard.added', { count: e.added, people: number(e.added) })} role="status">
      <Text size="sm">
        {[
          e.duplicates > 0 && t('wizard.duplicates', { count: e.duplicates, number: number(e.duplicates) }),
          e.refused > 0 && t('wizard.refused', { count: e.refused, number: number(e.refused) }),
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      {e.refusals.length > 0 && (
        <ul>
          {e.refusals.slice(0, 10).map((r) => (
            <li key={`${r.line} ${r.code} ${r.column ?? ''}`}>{t('wizard.row', { line: number(r.line), text: r.text })}</li>
          ))}
        </ul>
      )}
      {e.refusals.length > 10 && <Text size="sm">{t('wizard.moreRows', { count: e.refused - 10, number: number(e.refused - 10) })}</Text>}
    </Alert>
  )
}

function FromAudience({ campaign: c, onAdded }: Props) {
  const { t } = useTranslation()
  const audiences = useQuery(audiencesQuery)
  const [audience, setAudience] = useState<string | null>(null)
  const preview = useQuery({ ...previewQuery(audience ?? ''), enabled: Boolean(audience) })
  const fill = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/campaigns/{campaign}/recipients/contacts', { params: { path: { campaign: c.id } }, body: { audience: audience ?? '' } })),
    onError: refused,
    onSettled: onAdded,
  })
  const [when, setWhen] = useState<'now' | 'start'>('now')
  const draw = useMutation({
    // Null takes what is there away (RFC 7396).
    mutationFn: (whom?: string) => {
      const body = { contacts: whom ? { audience: whom, filter: null, at: 'start' } : null } as unknown as Schemas['CampaignEdit']
      return ask(api.PATCH('/api/v1/campaigns/{campaign}', { params: { path: { campaign: c.id } }, body }))
    },
    onError: refused,
    onSettled: onAdded,
  })
  const f = fill.data
  return (
    <Stack>
      <Select
        label={t('wizard.audience')} placeholder={t('wizard.choose')} value={audience} onChange={setAudience} searchable nothingFoundMessage={t('wizard.noAudience')}
        data={audiences.data?.items.map((a) => ({ value: a.id, label: a.name })) ?? []} description={preview.data && t('audience.count', { count: preview.data.count, people: number(preview.data.count) })}
        error={preview.error?.message}
      />
      {audiences.isSuccess && audiences.data.items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('wizard.noAudience')} <Link to="/audiences">{t('shell.audiences')}</Link>
        </Text>
      )}
      {c.can.includes('edit') && (
        <Radio.Group label={t('wizard.drawn')} value={when} onChange={(v) => setWhen(v === 'start' ? 'start' : 'now')}>
          <Stack gap="xs" mt="xs">
            <Radio value="now" label={t('wizard.drawnNow')} />
            <Radio value="start" label={t('wizard.drawnAtStart')} />
          </Stack>
        </Radio.Group>
      )}
      <Group>
        <Button variant="light" disabled={!audience} loading={fill.isPending || draw.isPending} onClick={() => (when === 'start' ? draw.mutate(audience ?? '') : fill.mutate())}>
          {t('wizard.add')}
        </Button>
      </Group>
      {c.contacts && (
        <Alert color="brand" variant="light" role="status" title={t('wizard.draws', { name: audiences.data?.items.find((a) => a.id === c.contacts?.audience)?.name ?? t('wizard.aFilter') })}>
          {c.can.includes('edit') && (
            <UnstyledButton className="as-link" fz="sm" onClick={() => draw.mutate(undefined)}>
              {t('wizard.drawNoMore')}
            </UnstyledButton>
          )}
        </Alert>
      )}
      {f && (
        <Alert color="brand" variant="light" title={t('wizard.added', { count: f.added, people: number(f.added) })} role="status">
          {[
            f.duplicates > 0 && t('wizard.duplicates', { count: f.duplicates, number: number(f.duplicates) }),
            f.no_address + f.unreachable > 0 && t('wizard.unreachable', { count: f.no_address + f.unreachable, number: number(f.no_address + f.unreachable) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </Alert>
      )}
    </Stack>
  )
}
