import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMay } from '@/access/queries'
import { Trouble } from '@/app/Trouble'
import { useWorkspaceLive } from '@/campaign/live'
import { ProgressBar } from '@/campaign/Progress'
import { listQuery } from '@/campaign/queries'
import { lasting, number, percent, soon } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { Alert, Button, Empty, Figure, Group, IconCheck, IconPlus, IconSpeakerphone, Page, Skeleton, Stack, Status, Text, Tiles, Title, type Tone } from '@/ui'
import { homeQuery, type Attention, type Figures, type Home as View } from './queries'

const urgencies: Record<Attention['urgency'], Tone> = { broken: 'bad', decision: 'miss', notice: 'wait' }

/** What matters now: what needs somebody, what is going on, and how today goes beside yesterday. */
export function Home() {
  const { t } = useTranslation()
  const live = useWorkspaceLive()
  const home = useQuery({ ...homeQuery, refetchInterval: live ? false : 5000 })
  const h = home.data
  const quiet = h && h.attention.length === 0 && h.today.attempts + h.yesterday.attempts + h.live.calls + h.live.messages === 0
  return (
    <Page title={t('shell.home')}>
      {home.error && <Trouble error={home.error} again={() => void home.refetch()} />}
      {home.isPending && <Skeleton height={240} aria-busy />}
      {h && (
        <>
          <Needed home={h} />
          {quiet ? <Begin /> : <Numbers home={h} />}
          <Running live={live} />
        </>
      )}
    </Page>
  )
}

function Needed({ home: h }: { home: View }) {
  const { t } = useTranslation()
  return (
    <Stack gap="sm" component="section" aria-labelledby="needed">
      <Title order={2} id="needed">
        {t('home.needed')}
      </Title>
      {h.attention.length === 0 ? (
        <Alert color="brand" variant="light" icon={<IconCheck />}>
          {t('home.nothing')}
        </Alert>
      ) : (
        <ul className="card rows">
          {h.attention.map((a) => (
            <li key={`${a.code} ${a.id}`}>
              <Stack gap={4}>
                <Group justify="space-between" gap="xs">
                  <Where of={a} />
                  <Status tone={urgencies[a.urgency]}>{t(`home.urgency.${a.urgency}`)}</Status>
                </Group>
                <Text size="sm" className="wrap">
                  {a.text}
                </Text>
                {a.since && (
                  <Text size="sm" c="dimmed">
                    {t('home.since', { when: soon(a.since) })}
                  </Text>
                )}
              </Stack>
            </li>
          ))}
        </ul>
      )}
      {h.attention_more > 0 && <Text size="sm">{t('home.more', { count: h.attention_more, number: number(h.attention_more) })}</Text>}
    </Stack>
  )
}

/** What it is about, as the way to where it is mended. */
function Where({ of: a }: { of: Attention }) {
  if (a.kind === 'campaign')
    return (
      <Link to="/campaigns/$campaign" params={{ campaign: a.id }} className="as-link wrap">
        {a.name}
      </Link>
    )
  if (a.kind === 'import')
    return (
      <Link to="/imports/$import" params={{ import: a.id }} className="as-link wrap">
        {a.name}
      </Link>
    )
  return (
    <Link to="/lines/$line" params={{ line: a.id }} className="as-link wrap">
      {a.name}
    </Link>
  )
}

function Begin() {
  const { t } = useTranslation()
  const may = useMay('operate')
  return (
    <Empty
      icon={<IconSpeakerphone size={36} stroke={1.5} />} title={t('home.begin')}
      action={may && (
        <Button component={Link} to="/campaigns/new" leftSection={<IconPlus size={17} />}>
          {t('campaign.new')}
        </Button>
      )}
    >
      {t('campaign.noneAbout')}
    </Empty>
  )
}

interface Row {
  name: string
  now?: number
  before?: number
  show?: (n: number) => string
}

/** A number as its row shows it. There is no rate of nothing. */
const told = (r: Row, n?: number) => (n === undefined ? '–' : (r.show ?? number)(n))

function Numbers({ home: h }: { home: View }) {
  const { t } = useTranslation()
  const { today, yesterday } = h
  const row = (name: string, of: (f: Figures) => number | undefined, show?: Row['show']): Row => ({ name, now: of(today), before: of(yesterday), show })
  const some = (wanted: boolean, r: Row) => (wanted ? [r] : [])
  const any = (of: (f: Figures) => number) => of(today) + of(yesterday) > 0
  const rows = [
    ...some(any((f) => f.calls), row(t('home.calls'), (f) => f.calls)),
    ...some(any((f) => f.messages), row(t('home.messages'), (f) => f.messages)),
    row(t('home.people'), (f) => f.first_turns),
    row(t('home.reached'), (f) => f.reached),
    row(t('campaign.figure.success'), (f) => f.success_rate, percent),
    ...some(any((f) => f.talk_ms), row(t('home.talk'), (f) => f.talk_ms, lasting)),
    ...some(any((f) => f.goals), row(t('home.goals'), (f) => f.goals)),
    ...some(any((f) => f.refused), row(t('home.refused'), (f) => f.refused)),
    ...some(any((f) => f.failed), row(t('campaign.figure.failure'), (f) => f.failed)),
  ]
  return (
    <>
      <Stack gap="sm" component="section" aria-labelledby="now">
        <Title order={2} id="now">
          {t('home.now')}
        </Title>
        <Tiles count={3}>
          <Figure name={t('home.calling')} value={number(h.live.calls)} tone={h.live.calls > 0 ? 'live' : 'idle'} />
          <Figure name={t('home.talking')} value={number(h.live.calls_answered)} tone={h.live.calls_answered > 0 ? 'good' : 'idle'} />
          <Figure name={t('campaign.figure.sending')} value={number(h.live.messages)} tone={h.live.messages > 0 ? 'live' : 'idle'} />
        </Tiles>
      </Stack>
      <Stack gap="sm" component="section" aria-labelledby="today">
        <Group gap="2px 10px" align="baseline">
          <Title order={2} id="today">
            {t('home.today')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('home.beside')}
          </Text>
        </Group>
        <Tiles count={rows.length}>
          {rows.map((r) => (
            <Figure key={r.name} name={r.name} value={told(r, r.now)} about={t('home.yesterday', { value: told(r, r.before) })} />
          ))}
        </Tiles>
      </Stack>
    </>
  )
}

/** The campaigns that are running, as far as one looks. */
function Running({ live }: { live: boolean }) {
  const { t } = useTranslation()
  const list = useInfiniteQuery(listQuery({ status: 'active' }, live))
  const campaigns = list.data?.pages[0]?.items ?? []
  if (campaigns.length === 0) return null
  return (
    <Section
      title={t('home.running')}
      aside={
        <Link to="/campaigns" className="as-link">
          {t('home.all')}
        </Link>
      }
    >
      <ul className="card rows">
        {campaigns.slice(0, 8).map((c) => (
          <li key={c.id}>
            <Stack gap={6}>
              <Group justify="space-between" gap="xs">
                <Link to="/campaigns/$campaign" params={{ campaign: c.id }} className="as-link wrap">
                  {c.name}
                </Link>
                <Text size="sm" className="numbers">
                  {t('campaign.progressOf', { percent: percent(c.rates.progress), settled: number(c.counts.settled), total: number(c.counts.total) })}
                </Text>
              </Group>
              <ProgressBar counts={c.counts} progress={c.rates.progress} />
            </Stack>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Section({ title, aside, children }: { title: string; aside: ReactNode; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section" aria-label={title}>
      <Group justify="space-between" gap="xs" fz="sm">
        <Title order={2}>{title}</Title>
        {aside}
      </Group>
      {children}
    </Stack>
  )
}
