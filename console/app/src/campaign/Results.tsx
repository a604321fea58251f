import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from '@/locale/language'
import type { Schemas } from '@/api/client'
import { Trouble } from '@/app/Trouble'
import { lasting, number, percent } from '@/locale/format'
import { zoneName } from '@/locale/zone'
import { Bar, Button, Empty, Group, IconPhone, IconPrinter, SimpleGrid, Skeleton, Stack, Status, Text, Title, type Tone } from '@/ui'
import { AnswerHours } from './AnswerHours'
import { OverTime } from './OverTime'
import { outcomeName } from './outcome'
import { resultsQuery } from './queries'
import { classes, type Campaign } from './words'

type Finding = Schemas['FindingView']
type View = Schemas['ResultsView']

const tones: Record<Finding['health'], Tone> = { healthy: 'good', low: 'miss', high: 'miss', too_few: 'idle' }

/** The numbers of a campaign beside what is usual, and what they are made of. */
export function Results({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation()
  const results = useQuery(resultsQuery(c.id, c.state === 'active'))
  const r = results.data
  if (results.error) return <Trouble error={results.error} again={() => void results.refetch()} />
  if (!r) return <Skeleton height={240} aria-busy />
  if (r.counts.attempts === 0)
    return (
      <Empty icon={<IconPhone size={34} stroke={1.5} />} title={t('campaign.noAttempts')}>
        {t('results.noneAbout')}
      </Empty>
    )
  return (
    <Stack gap="md">
      <Group justify="flex-end" className="no-print">
        <Button variant="default" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
          {t('results.print')}
        </Button>
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Part title={t('campaign.healthy')}>
          {r.findings.map((f) => (
            <OneFinding key={f.rate} finding={f} />
          ))}
        </Part>
        <Part title={t('results.funnel')} about={t('results.funnelAbout')}>
          <Funnel of={r} />
        </Part>
        <Part title={t('campaign.outcomes')}>
          {r.outcomes.map((o) => (
            <Stack gap={4} key={o.outcome}>
              <Group justify="space-between" gap="xs">
                <Status tone={classes[o.class]}>{outcomeName(o.outcome)}</Status>
                <Text size="sm" className="numbers">
                  {number(o.n)} · {percent(o.share)}
                </Text>
              </Group>
              <Bar parts={[{ tone: classes[o.class], value: o.share, label: outcomeName(o.outcome) }]} whole={r.outcomes[0]?.share ?? 1} label={`${outcomeName(o.outcome)}: ${number(o.n)}`} />
            </Stack>
          ))}
        </Part>
        <Part title={t('results.hours')} about={t('results.hoursAbout', { zone: zoneName(r.hours.zone) })}>
          <AnswerHours of={r.hours} />
        </Part>
      </SimpleGrid>
      <Part title={t('results.time')} about={t(r.series.every === 'hour' ? 'results.byHour' : 'results.byDay', { zone: zoneName(r.series.zone) })}>
        <OverTime of={r.series} />
      </Part>
      <Part title={t('results.cost')}>
        <Text size="sm">{r.cost.text}</Text>
      </Part>
    </Stack>
  )
}

function Part({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  return (
    <section className="card" aria-label={title}>
      <Stack p="md" gap="md">
        <div>
          <Title order={2}>{title}</Title>
          {about && (
            <Text size="sm" c="dimmed">
              {about}
            </Text>
          )}
        </div>
        {children}
      </Stack>
    </section>
  )
}

/** How far people came, each stage beside everybody and beside the stage before. */
function Funnel({ of: r }: { of: View }) {
  const { t } = useTranslation()
  const all = r.funnel[0]?.n ?? 0
  return (
    <ol className="funnel">
      {r.funnel.map((s, i) => {
        const before = r.funnel[i - 1]?.n
        return (
          <li key={s.stage}>
            <Group justify="space-between" gap="xs">
              <Text size="sm">{t(`results.stage.${s.stage}`)}</Text>
              <Text size="sm" className="numbers">
                <b>{number(s.n)}</b>
                {before !== undefined && before > 0 && ` · ${percent(s.n / before)}`}
              </Text>
            </Group>
            <i aria-hidden style={{ width: all > 0 ? `max(2px, ${(100 * s.n) / all}%)` : 2 }} />
          </li>
        )
      })}
    </ol>
  )
}

function OneFinding({ finding: f }: { finding: Finding }) {
  const { t } = useTranslation()
  const value = (n: number) => (f.rate === 'mean_call_seconds' ? lasting(n * 1000) : percent(n))
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text fw={600} size="sm">
          {t(`campaign.rate.${f.rate}`)}
        </Text>
        <Text fw={650} className="numbers">
          {value(f.value)}
        </Text>
      </Group>
      <div className="spread">
        <Text size="sm" c="dimmed">
          {t('campaign.usual', { least: value(f.least), most: value(f.most) })}
        </Text>
        <Status tone={tones[f.health]}>{t(`campaign.health.${f.health}`)}</Status>
      </div>
      {f.text && <Text size="sm">{f.text}</Text>}
    </Stack>
  )
}
