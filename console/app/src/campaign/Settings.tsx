import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { agentsQuery } from '@/agent/queries'
import type { Agent } from '@/agent/script'
import { linesQuery } from '@/channel/queries'
import { listed, moment, number } from '@/locale/format'
import { zoneName } from '@/locale/zone'
import { Button, Facts, Group, IconPencil, SimpleGrid, Stack, Text, Title, useDisclosure, WeekGrid } from '@/ui'
import { readWeek } from '@/ui/week'
import { Change } from './Change'
import { outcomeName } from './outcome'
import { useWeekWords } from './weekWords'
import type { Campaign } from './words'

/** How a campaign was set up, and what of it can be changed now. */
export function Settings({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation()
  const [changing, change] = useDisclosure()
  if (changing) return <Change campaign={c} onEnd={change.close} />
  return (
    <Stack gap="md">
      {c.editable.length > 0 && (
        <Group justify="flex-end">
          <Button variant="default" leftSection={<IconPencil size={16} />} onClick={change.open}>
            {t('change.edit')}
          </Button>
        </Group>
      )}
      <SetUp campaign={c} />
    </Stack>
  )
}

function SetUp({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation()
  const words = useWeekWords()
  const lines = useQuery(linesQuery)
  const agents = useQuery(agentsQuery)
  const none = t('campaign.unset')
  const line = lines.isPending ? '…' : (lines.data?.items.find((l) => l.id === c.line)?.name ?? none)
  const speaker = c.use_line_agent ? lines.data?.items.find((l) => l.id === c.line)?.agent : c.agent
  const whose = c.window.zone ?? 'campaign'
  const bound = (n: number) => (n > 0 ? number(n) : t('campaign.lineBound'))
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <section className="card">
        <Stack p="md" gap="md">
          <Title order={2}>{t('campaign.section.basics')}</Title>
          <Facts
            of={[
              { name: t('campaign.field.line'), value: line },
              ...(c.channel === 'voice'
                ? [{ name: t('campaign.field.agent'), value: <Speaker agent={agents.data?.items.find((a) => a.id === speaker)} none={agents.isPending ? '…' : c.use_line_agent ? t('campaign.lineAgent') : none} /> }]
                : []),
              ...(c.message ? [{ name: t('campaign.field.subject'), value: c.message.subject }] : []),
              { name: t('campaign.field.purpose'), value: c.purpose ? t(`campaign.purpose.${c.purpose}`) : none },
              ...(c.goal ? [{ name: t('campaign.field.goal'), value: c.goal }] : []),
              { name: t('campaign.field.created'), value: moment(c.created_at) },
              { name: t('campaign.field.started'), value: moment(c.started_at ?? c.starts_at) },
              ...(c.ends_at ? [{ name: t('campaign.field.ends'), value: moment(c.ends_at) }] : []),
              ...(c.ended_at ? [{ name: t('campaign.field.ended'), value: moment(c.ended_at) }] : []),
            ]}
          />
        </Stack>
      </section>
      <section className="card">
        <Stack p="md" gap="md">
          <Title order={2}>{t('campaign.section.retry')}</Title>
          <Facts
            of={[
              { name: t('campaign.field.maxAttempts'), value: number(c.retry.max_attempts) },
              { name: t('campaign.field.interval'), value: t('campaign.minutes', { count: c.retry.interval_minutes, number: number(c.retry.interval_minutes) }) },
              { name: t('campaign.field.retryOn'), value: c.retry.retry_on?.length ? listed(c.retry.retry_on.map(outcomeName)) : none },
              ...(c.laps ? [{ name: t('campaign.field.laps'), value: t('campaign.lapsADay', { count: c.laps.max_per_day, number: number(c.laps.max_per_day) }) }] : []),
              { name: t('campaign.field.concurrent'), value: bound(c.pace.concurrent) },
              { name: t('campaign.field.perSecond'), value: bound(c.pace.per_second) },
              { name: t('campaign.field.perDay'), value: bound(c.pace.per_day) },
            ]}
          />
        </Stack>
      </section>
      <section className="card" style={{ gridColumn: '1 / -1' }}>
        <Stack p="md" gap="sm">
          <Title order={2}>{t('campaign.section.window')}</Title>
          <Text size="sm" c="dimmed">
            {t(`campaign.clock.${whose}`)}
            {whose === 'campaign' && ` (${zoneName(c.zone)})`}
            {c.window.holidays?.length ? ` · ${t('campaign.closedOn', { calendars: listed(c.window.holidays) })}` : ''}
          </Text>
          <WeekGrid week={readWeek(c.window.days)} words={words} />
        </Stack>
      </section>
    </SimpleGrid>
  )
}

/** Who speaks, by the newest version, which calls use from now on. */
function Speaker({ agent: a, none }: { agent?: Agent; none: string }) {
  const { t } = useTranslation()
  if (!a) return none
  return (
    <>
      <Link to="/agents/$agent" params={{ agent: a.id }} className="as-link">
        {a.name}
      </Link>{' '}
      · {t('agent.versionN', { version: number(a.version) })}
    </>
  )
}
