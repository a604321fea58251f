import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { api, ask, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { number, soon } from '@/locale/format'
import { Alert, Box, Button, Figure, Group, IconAlertTriangle, IconCheck, IconPlayerPlay, Skeleton, Stack, Text, Tiles, Title, toast, UnstyledButton, useConfirm } from '@/ui'
import { planQuery, preflightQuery } from '../queries'
import type { Campaign } from '../words'

type Mend = Schemas['MendView']

/** The steps in which what the server names is decided. */
const steps: Partial<Record<Mend['place'], number>> = { basics: 1, contacts: 2, schedule: 3 }

/** The screens outside of the wizard in which it is. */
const screens: Record<'line' | 'agent' | 'rules' | 'registries', (id: string) => string> = {
  line: (id) => `/lines/${id}`, agent: (id) => `/agents/${id}`, rules: () => '/settings/rules', registries: () => '/suppressions',
}

interface ToMend {
  of: Mend
  field?: string
  words: string
  /** What is to be decided or mended, for who hears the way alone. */
  about: string
  onStep: (step: number, field?: string) => void
}

/** The way to where something is decided: a step of the wizard, and in it the field, or another screen. */
function ToMend({ of, field, words, about, onStep }: ToMend) {
  const name = `${words}: ${about}`
  const step = steps[of.place]
  if (step)
    return (
      <UnstyledButton className="as-link" fz="sm" aria-label={name} onClick={() => onStep(step, field)}>
        {words}
      </UnstyledButton>
    )
  const path = screens[of.place as keyof typeof screens](encodeURIComponent(of.id ?? ''))
  return (
    // The path comes together here, and is one of ours.
    <Link to={path as '/'} className="as-link" aria-label={name} style={{ fontSize: '0.875rem' }}>
      {words}
    </Link>
  )
}

/** The plan before it begins, with everything that keeps it from beginning. */
export function Review({ campaign: c, onStep }: { campaign: Campaign; onStep: (step: number, field?: string) => void }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const go = useNavigate()
  const queries = useQueryClient()
  const plan = useQuery(planQuery(c.id))
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
  return (
    <Stack gap="md">
      <Box className="card" p={{ base: 'md', sm: 'lg' }}>
        <Stack gap="md">
          <div>
            <Title order={2}>{t('wizard.plan')}</Title>
            <Text size="sm" c="dimmed" className="wrap">
              {c.name}
            </Text>
          </div>
          {plan.error && <Trouble error={plan.error} again={() => void plan.refetch()} />}
          {plan.isPending && <Skeleton height={160} aria-busy />}
          {plan.data && <Plan of={plan.data} onStep={onStep} />}
        </Stack>
      </Box>
      {check.isPending && <Skeleton height={80} aria-busy />}
      {check.data && <Problems of={check.data} onStep={onStep} />}
      <Group justify="space-between" gap="sm" className="wizard-foot">
        <Button variant="default" onClick={() => onStep(3)}>
          {t('action.back')}
        </Button>
        <Group gap="sm">
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

/** The plan in the server's sentences, each with the way to where it is decided. */
function Plan({ of, onStep }: { of: Schemas['PlanView']; onStep: ToMend['onStep'] }) {
  const { t } = useTranslation()
  return (
    <>
      <ul className="plain">
        {of.sentences.map((s) => (
          <li key={s.code}>
            <Group justify="space-between" wrap="nowrap" align="baseline" gap="sm" py={4}>
              <Text size="sm" className="wrap">
                {s.text}
              </Text>
              {s.mend && <ToMend of={s.mend} words={t('wizard.change')} about={s.text} onStep={onStep} />}
            </Group>
          </li>
        ))}
      </ul>
      {of.estimate && (
        <Tiles count={3}>
          <Figure name={t('campaign.tab.recipients')} value={number(of.people)} />
          <Figure name={t('wizard.attemptsFore')} value={number(of.estimate.attempts)} about={t(of.estimate.measured ? 'wizard.measured' : 'wizard.usual')} />
          <Figure name={t('wizard.endsFore')} value={of.estimate.ends_at ? soon(of.estimate.ends_at) : '–'} />
        </Tiles>
      )}
      <Text size="sm" c="dimmed">
        {of.cost.text}
      </Text>
    </>
  )
}

function Problems({ of, onStep }: { of: Schemas['PreflightView']; onStep: ToMend['onStep'] }) {
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
            <ToMend of={p.mend} field={p.field} words={t('wizard.mend')} about={p.text} onStep={onStep} />
          </li>
        ))}
      </Stack>
    </Alert>
  )
}
