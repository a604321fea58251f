import { useQuery } from '@tanstack/react-query'
import { useTranslation, type Key } from '@/locale/language'
import { Trouble } from '@/app/Trouble'
import { exact, lasting, moment } from '@/locale/format'
import { readable } from '@/locale/phone'
import { zoneName } from '@/locale/zone'
import { Facts, Group, Panel, Skeleton, Stack, Status, Text, Timeline, Title } from '@/ui'
import { Conversation } from './Conversation'
import { outcomeName } from './outcome'
import { recipientAttemptsQuery, recipientQuery } from './queries'
import { classes, statuses, type Attempt, type Campaign } from './words'

/** Everything that happened to one person in a campaign. */
export function RecipientDrawer({ campaign: c, number, onClose }: { campaign: Campaign; number: number; onClose: () => void }) {
  const { t } = useTranslation()
  const one = useQuery(recipientQuery(c.id, number))
  const attempts = useQuery(recipientAttemptsQuery(c.id, number))
  const r = one.data
  return (
    <Panel onClose={onClose} title={r?.name || readable(r?.contact ?? '…')} close={t('action.close')}>
      {one.error && <Trouble error={one.error} />}
      {!r && !one.error && <Skeleton height={200} aria-busy />}
      {r && (
        <Stack gap="lg">
          <Facts
            of={[
              { name: t('campaign.field.status'), value: <Status tone={statuses[r.status]}>{t(`campaign.status.${r.status}`)}</Status> },
              ...(r.reason && r.reason.text !== t(`campaign.status.${r.status}`) ? [{ name: t('campaign.field.why'), value: r.reason.text }] : []),
              ...(r.waits ? [{ name: t('campaign.field.next'), value: `${t(`campaign.waits.${r.waits.for}`)}${r.waits.until ? ` – ${moment(r.waits.until)}` : ''}` }] : []),
              { name: t('campaign.field.contact'), value: [r.contact, ...r.secondary_contacts].map(readable).join(', ') },
              ...(r.id ? [{ name: t('campaign.field.id'), value: r.id }] : []),
              ...(r.tags.length > 0 ? [{ name: t('campaign.field.tags'), value: r.tags.join(', ') }] : []),
              { name: t('campaign.field.zone'), value: [...new Set(r.zones.map(zoneName))].join(', ') || '–' },
              ...Object.entries(r.variables).map(([name, value]) => ({ name, value })),
            ]}
          />
          <Stack gap="sm">
            <Title order={2}>{t('campaign.history')}</Title>
            {attempts.isSuccess && attempts.data.items.length === 0 && <Text c="dimmed">{t('campaign.noHistory')}</Text>}
            <Timeline bulletSize={14} lineWidth={2} active={99}>
              {attempts.data?.items.map((a) => (
                <Timeline.Item key={a.id} title={<Outcome attempt={a} />}>
                  <OneAttempt attempt={a} call={c.channel === 'voice'} />
                </Timeline.Item>
              ))}
            </Timeline>
          </Stack>
        </Stack>
      )}
    </Panel>
  )
}

function Outcome({ attempt: a }: { attempt: Attempt }) {
  return (
    <Group gap={8}>
      <Status tone={classes[a.class]}>{outcomeName(a.outcome)}</Status>
      <Text size="sm" c="dimmed">
        {exact(a.placed_at)}
      </Text>
    </Group>
  )
}

/** What is kept of a yes and a no. */
const told: Record<string, Key> = { true: 'ways.yes', false: 'ways.no' }

function OneAttempt({ attempt: a, call }: { attempt: Attempt; call: boolean }) {
  const { t } = useTranslation()
  const collected = Object.entries(a.collected).map(([name, value]) => ({ name, value: told[value] ? t(told[value]) : value }))
  return (
    <Stack gap={8} mt={6}>
      <Text size="sm" className="wrap">
        {[a.reason.text !== outcomeName(a.outcome) && a.reason.text, a.talk_ms > 0 && lasting(a.talk_ms), a.class !== 'reached' && `${a.provider_code} ${a.provider_text}`.trim()].filter(Boolean).join(' · ')}
      </Text>
      {collected.length > 0 && <Facts of={collected} />}
      <Conversation of={a} call={call} />
    </Stack>
  )
}
