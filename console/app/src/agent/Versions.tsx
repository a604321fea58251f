import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask } from '@/api/client'
import { More } from '@/app/More'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { moment, number } from '@/locale/format'
import { Box, Button, Group, Panel, Skeleton, Stack, Status, Table, Text, toast, useConfirm, type Column } from '@/ui'
import { Flow } from './Flow'
import { versionQuery, versionsQuery } from './queries'
import type { Agent } from './script'

interface Version {
  version: number
  name: string
  saved_at: string
}

/** Every time that the agent was saved: to look at, and to come back to. */
export function Versions({ agent: a, mayRestore, dirty }: { agent: Agent; mayRestore: boolean; dirty: boolean }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const list = useInfiniteQuery(versionsQuery(a.id))
  const [seen, setSeen] = useState<number>()
  const rows = list.data?.pages.flatMap((p) => p.items) ?? []
  const restore = useMutation({
    mutationFn: (version: number) => ask(api.POST('/api/v1/agents/{agent}/versions/{version}/restore', { params: { path: { agent: a.id, version } } })),
    onSuccess: (r) => toast.done(t('agent.saved', { version: number(r.version) })),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['agents'] }),
  })
  const press = async (version: number) => {
    const consequence = [t('agent.restoreAbout', { version: number(version), next: number(a.version + 1) }), dirty && t('agent.restoreDirty')].filter(Boolean).join(' ')
    if (await confirm({ title: t('agent.restore'), consequence, yes: t('agent.restore'), no: t('action.back') })) restore.mutate(version)
  }
  const columns: Column<Version>[] = [
    { key: 'version', name: t('agent.version'), phone: 'title', cell: (v) => t('agent.versionN', { version: number(v.version) }) },
    { key: 'name', name: t('agent.name'), phone: 'below', cell: (v) => <span className="wrap">{v.name}</span> },
    { key: 'at', name: t('agent.savedAt'), phone: 'below', cell: (v) => moment(v.saved_at) },
    { key: 'now', name: t('line.situation'), phone: 'aside', cell: (v) => (v.version === a.version ? <Status tone="good">{t('agent.current')}</Status> : null) },
  ]
  if (list.error) return <Trouble error={list.error} again={() => void list.refetch()} />
  if (list.isPending) return <Skeleton height={160} aria-busy />
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t('agent.versionsAbout')}
      </Text>
      <Box className="card">
        <Table
          label={t('agent.versions')} rows={rows} columns={columns} id={(v) => String(v.version)}
          actions={(v) => (
            <Group gap={4} wrap="nowrap" justify="flex-end">
              <Button variant="subtle" size="compact-sm" aria-label={t('agent.lookAt', { version: number(v.version) })} onClick={() => setSeen(v.version)}>
                {t('agent.look')}
              </Button>
              {mayRestore && v.version !== a.version && (
                <Button variant="light" size="compact-sm" aria-label={t('agent.restoreN', { version: number(v.version) })} onClick={() => void press(v.version)} loading={restore.isPending && restore.variables === v.version}>
                  {t('agent.restore')}
                </Button>
              )}
            </Group>
          )}
        />
        <More of={list} />
      </Box>
      {seen !== undefined && <Look agent={a.id} version={seen} onClose={() => setSeen(undefined)} />}
    </Stack>
  )
}

function Look({ agent, version, onClose }: { agent: string; version: number; onClose: () => void }) {
  const { t } = useTranslation()
  const { data, error } = useQuery(versionQuery(agent, version))
  return (
    <Panel onClose={onClose} title={t('agent.versionN', { version: number(version) })} close={t('action.close')}>
      {error && <Trouble error={error} />}
      {data?.script ? <Flow script={data.script} faults={[]} /> : <Skeleton height={200} aria-busy />}
    </Panel>
  )
}
