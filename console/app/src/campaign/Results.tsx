import { useQuery } from '@tanstack/react-query'
import { useTranslation } from '@/locale/language'
import type { Schemas } from '@/api/client'
import { Trouble } from '@/app/Trouble'
import { lasting, number, percent } from '@/locale/format'
import { Bar, Group, SimpleGrid, Skeleton, Stack, Status, Text, Title, type Tone } from '@/ui'
import { outcomeName } from './outcome'
import { resultsQuery } from './queries'
import type { Campaign } from './words'

type Finding = Schemas['FindingView']

const tones: Record<Finding['health'], Tone> = { healthy: 'good', low: 'miss', high: 'miss', too_few: 'idle' }

/** The numbers of a campaign beside what is usual, and how its attempts ended. */
export function Results({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation()
  const results = useQuery(resultsQuery(c.id, c.state === 'active'))
  if (results.error) return <Trouble error={results.error} again={() => void results.refetch()} />
  if (!results.data) return <Skeleton height={240} aria-busy />
  const outcomes = Object.entries(results.data.counts.by_outcome).toSorted((a, b) => b[1] - a[1])
  const most = outcomes[0]?.[1] ?? 0
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <section className="card">
        <Stack p="md" gap="md">
          <Title order={2}>{t('campaign.healthy')}</Title>
          {results.data.findings.map((f) => (
            <OneFinding key={f.rate} finding={f} />
          ))}
        </Stack>
      </section>
      <section className="card">
        <Stack p="md" gap="sm">
          <Title order={2}>{t('campaign.outcomes')}</Title>
          {outcomes.length === 0 && <Text c="dimmed">{t('campaign.noAttempts')}</Text>}
          {outcomes.map(([code, n]) => (
            <Stack gap={4} key={code}>
              <Group justify="space-between">
                <Text size="sm">{outcomeName(code)}</Text>
                <Text size="sm" className="numbers">
                  {number(n)} · {percent(n / results.data.counts.attempts)}
                </Text>
              </Group>
              <Bar parts={[{ tone: 'live', value: n, label: outcomeName(code) }]} whole={most} label={`${outcomeName(code)}: ${number(n)}`} />
            </Stack>
          ))}
        </Stack>
      </section>
    </SimpleGrid>
  )
}

function OneFinding({ finding: f }: { finding: Finding }) {
  const { t } = useTranslation()
  const value = (n: number) => (f.rate === 'mean_call_seconds' ? lasting(n * 1000) : percent(n))
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text fw={600} size="sm">
          {t(`campaign.rate.${f.rate}`)}
        </Text>
        <Group gap="sm">
          <Text fw={650} className="numbers">
            {value(f.value)}
          </Text>
          <Status tone={tones[f.health]}>{t(`campaign.health.${f.health}`)}</Status>
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {t('campaign.usual', { least: value(f.least), most: value(f.most) })}
        {f.text && ` ${f.text}`}
      </Text>
    </Stack>
  )
}
