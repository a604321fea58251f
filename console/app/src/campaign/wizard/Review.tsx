import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { agentsQuery } from '@/agent/queries'
import { api, ask, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { linesQuery } from '@/channel/queries'
import { listed, moment, number, weekday } from '@/locale/format'
import { Alert, Box, Button, Facts, Group, IconAlertTriangle, IconCheck, IconPlayerPlay, Skeleton, Stack, Text, Title, toast, UnstyledButton, useConfirm } from '@/ui'
import { clock, readWeek, runs } from '@/ui/week'
import { preflightQuery } from '../queries'
import type { Campaign } from '../words'

/** Which step a problem is mended in: where its field is typed. */
const steps: [RegExp, number][] = [
  [/^(recipients|contacts|source)/, 2],
  [/^(window|starts_at|ends_at|zone|retry|laps|pace|release|recurrence)/, 3],
]

const stepOf = (field?: string) => steps.find(([re]) => re.test(field ?? ''))?.[1] ?? 1

/** The plan before it begins, with everything that keeps it from beginning. */
export function Review({ campaign: c, onStep }: { campaign: Campaign; onStep: (step: number) => void }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const go = useNavigate()
  const queries = useQueryClient()
  const lines = useQuery(linesQuery)
  const agents = useQuery(agentsQuery)
  const check = useQuery(preflightQuery(c.id))
  const start = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/campaigns/{campaign}/start', { params: { path: { campaign: c.id } } })),
    onSuccess: () => {
      toast.done(t('campaign.done.start', { name: c.name }))
      return go({ to: '/campaigns/$campaign', params: { campaign: c.id } })
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['campaigns'] }),
  })
  const begin = async () => {
    const people = c.counts.total - c.counts.settled
    if (await confirm({ title: t('wizard.startTitle'), consequence: t('campaign.confirm.start', { count: people, people: number(people) }), yes: t('campaign.action.start'), no: t('action.back') }))
      start.mutate()
  }
  const week = runs(readWeek(c.window.days))
  const days = (from: number, to: number) => (from === to ? weekday(from) : t('week.run', { from: weekday(from), to: weekday(to) }))
  const hours = week.map((r) => `${days(r.from, r.to)} ${listed(r.intervals.map(([a, b]) => `${clock(a)}–${clock(b)}`))}`).join('; ')
  return (
    <Stack gap="md">
      <Box className="card" p={{ base: 'md', sm: 'lg' }}>
        <Stack gap="md">
          <Title order={2}>{t('wizard.plan')}</Title>
          <Facts
            of={[
              { name: t('campaign.field.name'), value: c.name },
              { name: t('campaign.field.channel'), value: t(`channel.${c.channel}`) },
              { name: t('campaign.field.line'), value: lines.data?.items.find((l) => l.id === c.line)?.name ?? t('campaign.unset') },
              ...(c.channel === 'voice'
                ? [{ name: t('campaign.field.agent'), value: c.use_line_agent ? t('campaign.lineAgent') : (agents.data?.items.find((a) => a.id === c.agent)?.name ?? t('campaign.unset')) }]
                : [{ name: t('campaign.field.subject'), value: c.message?.subject ?? t('campaign.unset') }]),
              { name: t('campaign.tab.recipients'), value: c.contacts ? t('wizard.atStartToo', { people: number(c.counts.total) }) : t('wizard.inside', { count: c.counts.total, people: number(c.counts.total) }) },
              { name: t('wizard.when'), value: c.starts_at ? moment(c.starts_at) : t('wizard.atOnce') },
              { name: t('campaign.section.window'), value: `${hours} · ${t(`campaign.clock.${c.window.zone ?? 'campaign'}`)}` },
              {
                name: t('campaign.section.retry'),
                value: t('wizard.upTo', { count: c.retry.max_attempts, attempts: number(c.retry.max_attempts), minutes: number(c.retry.interval_minutes) }),
              },
            ]}
          />
        </Stack>
      </Box>
      {check.isPending && <Skeleton height={80} aria-busy />}
      {check.data && <Problems of={check.data} onStep={onStep} />}
      <Group justify="space-between">
        <Button variant="default" onClick={() => onStep(3)}>
          {t('action.back')}
        </Button>
        <Group>
          <Button variant="default" component={Link} to={`/campaigns/${c.id}`}>
            {t('wizard.keep')}
          </Button>
          <Button leftSection={<IconPlayerPlay size={17} />} disabled={!check.data?.ok || !c.can.includes('start')} loading={start.isPending} onClick={() => void begin()}>
            {t('campaign.action.start')}
          </Button>
        </Group>
      </Group>
    </Stack>
  )
}

function Problems({ of, onStep }: { of: Schemas['PreflightView']; onStep: (step: number) => void }) {
  const { t } = useTranslation()
  if (of.problems.length === 0)
    return (
      <Alert color="brand" variant="light" icon={<IconCheck />} title={t('wizard.ready')} role="status">
        {t('wizard.readyAbout')}
      </Alert>
    )
  return (
    <Alert color={of.ok ? 'yellow' : 'red'} variant="light" icon={<IconAlertTriangle />} title={t(of.ok ? 'wizard.warnings' : 'wizard.problems')} role="status">
      <Stack gap={6} component="ul" className="plain">
        {of.problems.map((p) => (
          <li key={p.code + (p.field ?? '')}>
            <Text size="sm" component="span">
              {p.text}{' '}
            </Text>
            <UnstyledButton className="as-link" fz="sm" onClick={() => onStep(stepOf(p.field))}>
              {t('wizard.mend')}
            </UnstyledButton>
          </li>
        ))}
      </Stack>
    </Alert>
  )
}
