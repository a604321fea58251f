import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { api, ask } from '@/api/client'
import { Kept } from '@/app/Kept'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { Uses } from '@/campaign/Uses'
import { moment } from '@/locale/format'
import { readable } from '@/locale/phone'
import { Alert, Box, Button, Group, IconArrowLeft, IconCheck, IconTrash, Page, Section, Skeleton, Stack, Status, Text, Title, toast, useConfirm, type Tone } from '@/ui'
import { LineForm } from './LineForm'
import { lineQuery, lineTroublesQuery, often, usesQuery } from './queries'
import type { Line } from './settings'
import { useLineState } from './state'

/** One line: how it is, whether it works, what uses it, and its settings. */
export function LinePage() {
  const { t } = useTranslation()
  const { line: id } = useParams({ from: '/lines/$line' })
  const line = useQuery({ ...lineQuery(id), ...often })
  const troubles = useQuery(lineTroublesQuery)
  const stateOf = useLineState()
  const manages = useMay('manage')
  const operates = useMay('operate')
  const l = line.data
  const state = l && stateOf(l, troubles.data?.get(l.id))
  return (
    <Stack gap="sm">
      <Link to="/lines" className="back">
        <IconArrowLeft size={15} /> {t('shell.lines')}
      </Link>
      {line.error && <Trouble error={line.error} again={() => void line.refetch()} />}
      {line.isPending && <Skeleton height={300} aria-busy />}
      {l && state && (
        <Page
          title={l.name} about={<span className="numbers">{readable(l.from)}</span>}
          heading={
            <Group gap="sm">
              {l.name}
              <Status tone={state.tone}>{state.word}</Status>
            </Group>
          }
          actions={manages && <Remove line={l} />}
        >
          {state.about && (
            <Text size="sm" role="status">
              {state.about}
            </Text>
          )}
          {l.kind === 'voice' && l.settings.register === true && <Registered line={l} />}
          {(operates || l.checked) && <Check line={l} operates={operates} />}
          <Kept of={l}>{(x, saved) => <LineForm line={x} locked={!manages} onSaved={saved} />}</Kept>
          <Uses query={usesQuery({ line: l.id })} />
        </Page>
      )}
    </Stack>
  )
}

type Standing = NonNullable<Line['registration']>['state']
const standings: Record<Standing, Tone> = { registered: 'good', registering: 'wait', refused: 'bad', unanswered: 'bad' }

/** How the carrier takes the line: its gateways one by one, and since when. */
function Registered({ line: l }: { line: Line }) {
  const { t } = useTranslation()
  const r = l.registration
  const since = (at?: string) => at && t('line.since', { when: moment(at) })
  return (
    <Section title={t('line.registrationTitle')} about={r ? r.text : t(l.running ? 'line.registersAtCall' : 'line.registersNot')} actions={r && <Status tone={standings[r.state]}>{t(`line.registration.${r.state}`)}</Status>}>
      {r && (
        <ul className="plain">
          {r.gateways.map((g) => (
            <li key={g.gateway}>
              <Group justify="space-between" gap="xs" py={4}>
                <Text size="sm" className="numbers wrap">
                  {g.gateway}
                </Text>
                <Text size="sm" c="dimmed">
                  {[t(`line.registration.${g.state}`), g.status && `SIP ${g.status}`, since(g.since)].filter(Boolean).join(' · ')}
                </Text>
              </Group>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

/** Tries whether the line works, and says how it went, now or the last time. */
function Check({ line: l, operates }: { line: Line; operates: boolean }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const check = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/lines/{line}/check', { params: { path: { line: l.id } } })),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['lines'] }),
  })
  const last = check.data ? { ...check.data, at: undefined, changed: false } : l.checked
  return (
    <Box className="card" p={{ base: 'md', sm: 'lg' }}>
      <Stack gap={last ? 'sm' : 0}>
        <Group justify="space-between">
          <div style={{ flex: '1 1 260px' }}>
            <Title order={2}>{t('line.test')}</Title>
            <Text size="sm" c="dimmed">
              {t(`line.testAbout.${l.kind as 'voice' | 'email'}`)}
            </Text>
          </div>
          {operates && (
            <Button variant="light" onClick={() => check.mutate()} loading={check.isPending}>
              {t('line.testNow')}
            </Button>
          )}
        </Group>
        <div role="status" aria-live="polite">
          {last && (
            <Alert color={last.ok ? (last.changed ? 'gray' : 'brand') : 'red'} variant="light" icon={last.ok && <IconCheck />} title={t(last.at ? (last.ok ? 'line.worked' : 'line.failed') : last.ok ? 'line.works' : 'line.fails')}>
              {last.at && <div>{t('line.tested', { when: moment(last.at) })}</div>}
              {last.ok && !last.at && t('line.worksAbout')}
              {last.problems.map((p) => (
                <div key={`${p.code} ${p.field ?? ''}`}>{p.text}</div>
              ))}
              {last.changed && <div>{t('line.testedBefore')}</div>}
            </Alert>
          )}
        </div>
      </Stack>
    </Box>
  )
}

function Remove({ line: l }: { line: Line }) {
  const { t } = useTranslation()
  const go = useNavigate()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const uses = useQuery(usesQuery({ line: l.id }))
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/lines/{line}', { params: { path: { line: l.id } } })),
    onSuccess: () => {
      toast.done(t('line.deleted'))
      void queries.invalidateQueries({ queryKey: ['lines'] })
      void go({ to: '/lines' })
    },
    onError: refused,
  })
  const press = async () => {
    const n = uses.data?.items.length ?? 0
    const sure = await confirm({ title: t('line.delete'), consequence: t('line.deleteAbout', { name: l.name, count: n }), yes: t('line.delete'), no: t('action.back'), grave: true })
    if (sure) remove.mutate()
  }
  return (
    <Button className="lesser" variant="default" leftSection={<IconTrash size={17} />} onClick={() => void press()} loading={remove.isPending}>
      {t('line.delete')}
    </Button>
  )
}
