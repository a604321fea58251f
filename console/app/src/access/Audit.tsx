import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Schemas } from '@/api/client'
import { More } from '@/app/More'
import { Trouble } from '@/app/Trouble'
import { exact } from '@/locale/format'
import { hasWords, t as say, useTranslation } from '@/locale/language'
import { Box, Button, Choice, Code, Empty, Group, IconList, Section, Skeleton, Status, Text, TextInput } from '@/ui'
import { actorOf, deedOf, deeds, diffOf } from './deed'
import { auditQuery, keysQuery, membersQuery } from './people'

type Event = Schemas['EventView']

const route = getRouteApi('/settings/audit')

/** The kinds of things that are changed. */
const kinds = ['campaign', 'contact', 'import', 'audience', 'suppression', 'registry', 'agent', 'line', 'template', 'user', 'invitation', 'key', 'workspace', 'security', 'rules', 'retention'] as const

const kindName = (kind: string) => {
  const key = `audit.kinds.${kind}`
  return hasWords(key) ? say(key) : kind
}

/** The first instant of a day of the browser's calendar, some days later. */
const dayOf = (day?: string, later = 0) => {
  if (!day) return undefined
  const at = new Date(`${day}T00:00:00`)
  at.setDate(at.getDate() + later)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

/** Who changed what in the workspace. */
export function Audit() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const go = useNavigate({ from: '/settings/audit' })
  const set = (part: typeof search) => void go({ search: (s) => ({ ...s, ...part }), replace: true })
  const filter = useMemo(
    () => ({ subject_kind: search.kind, operation: search.did, actor: search.actor, from: dayOf(search.from), to: dayOf(search.to, 1) }),
    [search.kind, search.did, search.actor, search.from, search.to],
  )
  const list = useInfiniteQuery(auditQuery(filter))
  const members = useQuery(membersQuery)
  const keys = useQuery(keysQuery)
  const events = list.data?.pages.flatMap((p) => p.items) ?? []
  const filtered = Object.values(search).some(Boolean)
  const actors = [
    ...(members.data?.items ?? []).map((m) => ({ value: m.id, label: m.name || m.email })),
    ...(keys.data?.items ?? []).map((k) => ({ value: k.id, label: t('audit.key', { name: k.name }) })),
  ]
  return (
    <Section title={t('audit.title')} about={t('audit.about')}>
      <Group gap="xs" align="flex-end">
        <Choice label={t('audit.what')} w={{ base: '100%', xs: 120 }} none={t('audit.anything')} value={search.kind ?? ''} options={kinds.map((k) => ({ value: k, label: t(`audit.kinds.${k}`) }))} onChange={(kind) => set({ kind })} />
        <Choice label={t('audit.did')} w={{ base: '100%', xs: 165 }} none={t('audit.anyDeed')} value={search.did ?? ''} options={deeds()} onChange={(did) => set({ did })} />
        <Choice label={t('audit.who')} w={{ base: '100%', xs: 130 }} none={t('audit.anybody')} value={search.actor ?? ''} options={actors} onChange={(actor) => set({ actor })} />
        <TextInput type="date" w={{ base: 'calc(50% - 5px)', xs: 130 }} label={t('audit.from')} value={search.from ?? ''} onChange={(e) => set({ from: e.currentTarget.value || undefined })} />
        <TextInput type="date" w={{ base: 'calc(50% - 5px)', xs: 130 }} label={t('audit.to')} value={search.to ?? ''} onChange={(e) => set({ to: e.currentTarget.value || undefined })} />
        {filtered && (
          <Button variant="subtle" onClick={() => set({ kind: undefined, did: undefined, actor: undefined, from: undefined, to: undefined })}>
            {t('action.clear')}
          </Button>
        )}
      </Group>
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={240} aria-busy />}
      {list.isSuccess && events.length === 0 && (
        <Empty icon={<IconList size={36} stroke={1.5} />} title={t(filtered ? 'audit.noneFound' : 'logAbout.none')}>
          {filtered && t('audit.noneFoundAbout')}
        </Empty>
      )}
      <Box component="ul" className="rows" mx={{ base: -16, sm: 0 }} aria-label={t('audit.title')}>
        {events.map((e) => (
          <One key={`${e.at} ${e.request} ${e.operation}`} event={e} />
        ))}
      </Box>
      <More of={list} />
    </Section>
  )
}

function One({ event: e }: { event: Event }) {
  const { t } = useTranslation()
  const changes = diffOf(e)
  return (
    <li>
      <Group justify="space-between" gap="4px 12px" align="baseline">
        <Text size="sm" className="wrap">
          <strong>{actorOf(e)}</strong> {deedOf(e)}
        </Text>
        <Text size="sm" c="dimmed" className="numbers">
          {exact(e.at)}
        </Text>
      </Group>
      <Group gap={8} mt={4}>
        <Status tone="idle">{kindName(e.subject_kind)}</Status>
        {e.actor_kind === 'key' && (
          <Text size="sm" c="dimmed">
            {t('audit.byKey')}
          </Text>
        )}
      </Group>
      {e.text && (
        <Text size="sm" mt={4} className="wrap">
          {e.text}
        </Text>
      )}
      {changes.length > 0 && (
        <ul className="diff">
          {changes.map((c) => (
            <li key={c.field}>
              {c.name === c.field ? <Code>{c.field}</Code> : <b title={c.field}>{c.name}</b>}
              {c.kept ? (
                <>
                  <del>
                    <span className="sr-only">{t('audit.before')} </span>
                    {c.before || t('audit.nothing')}
                  </del>
                  <span aria-hidden>→</span>
                  <ins>
                    <span className="sr-only">{t('audit.after')} </span>
                    {c.after || t('audit.nothing')}
                  </ins>
                </>
              ) : (
                <Text size="sm" c="dimmed" component="span">
                  {t('audit.notKept')}
                </Text>
              )}
            </li>
          ))}
        </ul>
      )}
      {(e.subject || Object.keys(e.details).some((k) => k !== 'changes')) && (
        <details className="more">
          <summary>{t('audit.more')}</summary>
          <Text size="sm" c="dimmed" component="div" className="wrap">
            {e.subject && <div>id: {e.subject}</div>}
            <div>{e.operation}</div>
            {e.request && <div>request: {e.request}</div>}
            {Object.entries(e.details)
              .filter(([k]) => k !== 'changes')
              .map(([k, v]) => (
                <div key={k}>
                  {k}: {typeof v === 'object' ? JSON.stringify(v) : String(v)}
                </div>
              ))}
          </Text>
        </details>
      )}
    </li>
  )
}
