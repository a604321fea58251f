import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { actorOf, changesOf, deedOf } from '@/access/deed'
import type { Schemas } from '@/api/client'
import { More } from '@/app/More'
import { Trouble } from '@/app/Trouble'
import { Conversation } from '@/campaign/Conversation'
import { outcomeName } from '@/campaign/outcome'
import { classes, statuses, type RecipientStatus } from '@/campaign/words'
import { exact, lasting, moment as instant } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { readable } from '@/locale/phone'
import { Group, Skeleton, Stack, Status, Text, Timeline, Title } from '@/ui'
import { historyQuery } from './queries'

type Moment = Schemas['MomentView']

/** Everything that happened with somebody, in all campaigns, the latest first. */
export function History({ contact }: { contact: string }) {
  const { t } = useTranslation()
  const list = useInfiniteQuery(historyQuery(contact))
  const moments = list.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <section className="card" style={{ gridColumn: '1 / -1' }}>
      <Stack p="md">
        <Title order={2}>{t('moment.title')}</Title>
        {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
        {list.isPending && <Skeleton height={120} aria-busy />}
        {list.isSuccess && moments.length === 0 && <Text c="dimmed">{t('moment.none')}</Text>}
        <Timeline bulletSize={14} lineWidth={2}>
          {moments.map((m) => (
            <Timeline.Item key={`${m.at} ${m.kind} ${m.attempt?.id ?? m.campaign?.id ?? m.change?.operation ?? m.suppression?.address ?? ''}`} title={<What moment={m} />}>
              <Stack gap={6}>
                <Text size="sm" c="dimmed" className="numbers">
                  {exact(m.at)}
                </Text>
                <Details moment={m} />
              </Stack>
            </Timeline.Item>
          ))}
        </Timeline>
        <More of={list} />
      </Stack>
    </section>
  )
}

/** The campaign that something happened in; one that was deleted has no page. */
function Campaign({ of: c }: { of: Schemas['CampaignRefView'] }) {
  if (c.deleted) return <span>{c.name}</span>
  return (
    <Link to="/campaigns/$campaign" params={{ campaign: c.id }} className="as-link">
      {c.name}
    </Link>
  )
}

function What({ moment: m }: { moment: Moment }) {
  const { t } = useTranslation()
  const line = (text: ReactNode) => (
    <Text size="sm" fw={600} component="span" className="wrap">
      {text}
    </Text>
  )
  switch (m.kind) {
    case 'attempt':
      return m.attempt ? (
        <Group gap={8}>
          <Status tone={classes[m.attempt.class]}>{outcomeName(m.attempt.outcome)}</Status>
          {m.campaign && <Campaign of={m.campaign} />}
        </Group>
      ) : null
    case 'enrolled':
      return (
        <Group gap={8}>
          {line(t('moment.enrolled', { name: m.campaign?.name ?? '' }))}
          {m.enrolment && m.enrolment.status in statuses && (
            <Status tone={statuses[m.enrolment.status as RecipientStatus]}>{t(`campaign.status.${m.enrolment.status as RecipientStatus}`)}</Status>
          )}
        </Group>
      )
    case 'imported':
      return line(t('moment.imported', { name: m.import?.name ?? '' }))
    case 'changed':
      return m.change ? line(t('moment.changed', { who: actorOf(m.change), what: deedOf(m.change) })) : null
    case 'consent':
      return line(t(m.consent?.given ? 'contact.answer.given' : 'contact.answer.withdrawn'))
    case 'suppressed':
      return line(t(m.suppression?.holds ? 'moment.suppressed' : 'moment.wasSuppressed', { text: m.suppression?.text ?? '' }))
    case 'open':
      return line(t('moment.open', { name: m.campaign?.name ?? '' }))
    default:
      return line(t('moment.created'))
  }
}

function Details({ moment: m }: { moment: Moment }) {
  const { t } = useTranslation()
  const text = (...words: (string | undefined | false)[]) => {
    const said = words.filter(Boolean).join(' · ')
    return said ? (
      <Text size="sm" className="wrap">
        {said}
      </Text>
    ) : null
  }
  if (m.attempt)
    return (
      <>
        {text(m.attempt.to, m.attempt.reason.text, m.attempt.talk_ms > 0 && lasting(m.attempt.talk_ms))}
        <Conversation of={m.attempt} call={m.campaign?.channel === 'voice'} />
      </>
    )
  if (m.enrolment) {
    const waits = m.enrolment.waits
    return text(m.enrolment.reason?.text, waits && `${t('campaign.field.next')}: ${t(`campaign.waits.${waits.for}`)}${waits.until ? ` – ${instant(waits.until)}` : ''}`)
  }
  if (m.suppression) return text(readable(m.suppression.address), m.suppression.registry)
  if (m.consent) return text(m.consent.source, m.consent.channel && t(`channel.${m.consent.channel as 'voice'}`), m.consent.address && readable(m.consent.address))
  if (m.change) return text(changesOf(m.change))
  return null
}
