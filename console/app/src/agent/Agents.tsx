import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { language, useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { api, ask } from '@/api/client'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { moment, number } from '@/locale/format'
import { Box, Button, Dialog, Empty, IconMessageChatbot, IconPlus, Page, Skeleton, Stack, Table, useDisclosure, type Column } from '@/ui'
import { draftOf, presets, type Preset } from './presets'
import { agentsQuery } from './queries'
import type { Agent } from './script'

/** Who speaks in calls. */
export function Agents() {
  const { t } = useTranslation()
  const list = useQuery(agentsQuery)
  const [adding, form] = useDisclosure()
  const columns: Column<Agent>[] = [
    {
      key: 'name', name: t('agent.name'), phone: 'title',
      cell: (a) => (
        <Link to="/agents/$agent" params={{ agent: a.id }} className="as-link wrap">
          {a.name}
        </Link>
      ),
    },
    { key: 'steps', name: t('agent.steps'), phone: 'below', cell: (a) => t('agent.stepCount', { count: Object.keys(a.script?.steps ?? {}).length }) },
    { key: 'language', name: t('agent.language'), cell: (a) => new Intl.DisplayNames(language(), { type: 'language' }).of(a.language) ?? a.language },
    { key: 'version', name: t('agent.version'), end: true, cell: (a) => number(a.version) },
    { key: 'updated', name: t('agent.updated'), phone: 'below', cell: (a) => moment(a.updated_at) },
  ]
  const add = useMay('manage') && (
    <Button leftSection={<IconPlus size={17} />} onClick={form.open}>
      {t('agent.new')}
    </Button>
  )
  return (
    <Page title={t('shell.agents')} about={t('agent.about')} actions={add}>
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={160} aria-busy />}
      {list.data?.items.length === 0 && (
        <Empty icon={<IconMessageChatbot size={36} stroke={1.5} />} title={t('agent.none')} action={add}>
          {t('agent.noneAbout')}
        </Empty>
      )}
      {(list.data?.items.length ?? 0) > 0 && (
        <Box className="card">
          <Table label={t('shell.agents')} rows={list.data?.items ?? []} columns={columns} id={(a) => a.id} />
        </Box>
      )}
      {adding && <New onClose={form.close} />}
    </Page>
  )
}

/** What an agent is begun with. */
function New({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const go = useNavigate()
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: (preset: Preset) => ask(api.POST('/api/v1/agents', { params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body: draftOf(preset) })),
    onSuccess: (a) => go({ to: '/agents/$agent', params: { agent: a.id } }),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['agents'] }),
  })
  return (
    <Dialog onClose={onClose} title={t('agent.new')} close={t('action.close')}>
      <Stack gap="xs">
        {presets.map((p) => (
          <button key={p} type="button" className="preset" disabled={make.isPending} onClick={() => make.mutate(p)}>
            <b>{t(`agent.preset.${p}`)}</b>
            <span>{t(`agent.presetAbout.${p}`)}</span>
          </button>
        ))}
      </Stack>
    </Dialog>
  )
}
