import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from '@/locale/language'
import type { Schemas } from '@/api/client'
import { lasting, number, percent, soon } from '@/locale/format'
import { readable } from '@/locale/phone'
import { Alert, Button, Figure, Group, IconAlertTriangle, IconClock, IconPlayerPause, Section, SimpleGrid, Stack, Text, Tiles, Title } from '@/ui'
import '@/ui/talk.css'
import { Legend, ProgressBar } from './Progress'
import { diagnosisQuery, openQuery, planQuery, type Live } from './queries'
import type { Campaign, RecipientStatus } from './words'

/** How many of the attempts in the air are shown by name. */
const shown = 8

interface Props {
  campaign: Campaign
  live?: Live
  /** Attempts that are begun in a minute, when that is known. */
  pace?: number
  onPick: (s: RecipientStatus) => void
}

/** What a campaign is doing at this moment, and why it is not doing anything. */
export function Now({ campaign: c, live, pace, onPick }: Props) {
  const { t } = useTranslation()
  const voice = c.channel === 'voice'
  const rates = c.rates
  const bounds = useBounds(c)
  if (c.state === 'draft') return <Draft campaign={c} />
  return (
    <Stack gap="md">
      <Why campaign={c} live={live} />
      <div className="card">
        <Stack gap="sm" p="md">
          <Group justify="space-between">
            <Text fw={600} className="numbers" aria-live="off">
              {t('campaign.progressOf', { percent: percent(rates.progress), settled: number(c.counts.settled), total: number(c.counts.total) })}
            </Text>
            {c.lap.number > 1 && (
              <Text size="sm" c="dimmed">
                {t('campaign.lap', { number: number(c.lap.number) })}
              </Text>
            )}
          </Group>
          <ProgressBar counts={c.counts} progress={rates.progress} />
          <Legend counts={c.counts} onPick={onPick} />
        </Stack>
      </div>
      {c.state !== 'scheduled' && <Tiles count={c.state === 'active' ? 7 : 6}>
        <Figure name={t(voice ? 'campaign.figure.inAir' : 'campaign.figure.sending')} value={number(c.counts.in_flight)} tone={c.counts.in_flight > 0 ? 'live' : undefined} about={bounds.atOnce} />
        {c.state === 'active' && <Figure name={t('campaign.figure.pace')} value={c.counts.in_flight === 0 ? t('campaign.aMinute', { number: number(0) }) : pace === undefined ? '–' : t('campaign.aMinute', { number: number(pace) })} about={bounds.perSecond} />}
        <Figure name={t('campaign.figure.success')} value={percent(rates.success_rate)} />
        <Figure name={t('campaign.figure.completion')} value={percent(rates.completion_rate)} />
        <Figure name={t(voice ? 'campaign.figure.attempts' : 'campaign.figure.messages')} value={number(c.counts.attempts)} />
        {voice ? (
          <Figure name={t('campaign.figure.meanCall')} value={lasting(rates.mean_call_seconds * 1000)} />
        ) : (
          <Figure name={t('campaign.figure.failure')} value={percent(rates.failure_rate)} />
        )}
        {c.goal ? (
          <Figure name={t('campaign.figure.conversion')} value={percent(rates.conversion_rate)} />
        ) : (
          <Figure name={t('campaign.figure.retry')} value={percent(rates.retry_rate)} />
        )}
      </Tiles>}
      {voice && c.counts.in_flight > 0 && <InTheAir campaign={c} />}
    </Stack>
  )
}

/** In place of numbers that are all nothing: who is in it, and the way on. */
function Draft({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation()
  return (
    <Section
      title={t('wizard.inside', { count: c.counts.total, people: number(c.counts.total) })} about={t('campaign.draftAbout')}
      actions={
        c.can.includes('edit') && (
          <Button variant="light" renderRoot={(props: object) => <Link to="/campaigns/new" search={{ draft: c.id, step: 4 }} {...props} />}>
            {t('campaign.seePlan')}
          </Button>
        )
      }
    />
  )
}

/** What is allowed at most, the line's bounds and the campaign's together. */
function useBounds(c: Campaign) {
  const { t } = useTranslation()
  const plan = useQuery({ ...planQuery(c.id), enabled: c.state === 'active', staleTime: 300_000 })
  const most = (words: 'campaign.atMost' | 'campaign.atMostASecond', n = 0) => (n > 0 ? t(words, { number: number(n) }) : undefined)
  return { atOnce: most('campaign.atMost', plan.data?.limits.concurrent), perSecond: most('campaign.atMostASecond', plan.data?.limits.per_second) }
}

/** Why nothing is being done, in the server's words, and until when. */
function Why({ campaign: c, live }: { campaign: Campaign; live?: Live }) {
  const { t } = useTranslation()
  const diagnosis = useQuery({ ...diagnosisQuery(c.id, c.state === 'active'), enabled: c.state === 'active' || c.state === 'scheduled' })
  const paused = live?.paused ?? (c.state === 'paused' ? c.paused : undefined)
  if (paused)
    return (
      <Alert color="orange" variant="light" icon={<IconPlayerPause />} title={t('campaign.pausedWhy')}>
        {paused.text}
      </Alert>
    )
  const waiting = live?.waiting
  const problems = diagnosis.data?.problems ?? []
  const idle = waiting && c.counts.in_flight === 0
  if (!idle && problems.length === 0 && !live?.begins) return null
  return (
    <Alert color={problems.length > 0 ? 'yellow' : 'gray'} variant="light" icon={problems.length > 0 ? <IconAlertTriangle /> : <IconClock />} title={idle ? waiting.text : live?.begins ? t('campaign.begins', { when: soon(live.begins) }) : t('campaign.look')}>
      {problems.length > 0 &&
        problems.map((p) => (
          <Text size="sm" key={p.code + (p.field ?? '')}>
            {p.text}
          </Text>
        ))}
    </Alert>
  )
}

function InTheAir({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation()
  const open = useQuery(openQuery(c.id, true))
  const calls = open.data?.items ?? []
  if (calls.length === 0) return null
  return (
    <section className="card" aria-labelledby="in-the-air">
      <Group justify="space-between" px="md" pt="sm">
        <Title order={2} id="in-the-air">
          {t('campaign.inTheAir')}
        </Title>
        {calls.length > shown && (
          <Text size="sm" c="dimmed">
            {t('campaign.ofThem', { shown, all: number(calls.length) })}
          </Text>
        )}
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing={{ base: 0, md: 'xl' }} verticalSpacing={0} component="ul" className="plain" px="md" pb="sm" pt={4}>
        {calls.slice(0, shown).map((a) => (
          <Call key={a.id} attempt={a} />
        ))}
      </SimpleGrid>
    </section>
  )
}

function Call({ attempt: a }: { attempt: Schemas['OpenAttemptView'] }) {
  const { t } = useTranslation()
  const now = useSecond()
  return (
    <li>
      <div className="call">
        <span className={`dot tone-${a.stage === 'in_progress' ? 'good' : 'wait'}`} aria-hidden />
        <Text size="sm" className="clip">
          {a.name || readable(a.to)}
        </Text>
        <Text size="xs" c="dimmed" className="clip">
          {[t(`campaign.stage.${a.stage}`), a.stage === 'in_progress' && a.step].filter(Boolean).join(' · ')}
        </Text>
        <Text size="sm" className="numbers" ta="right">
          {lasting(Math.max(0, now - Date.parse(a.answered_at ?? a.placed_at)))}
        </Text>
      </div>
    </li>
  )
}

/** The browser's time, every second. */
function useSecond(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
