import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schemas } from '@/api/client'
import { statuses, type RecipientStatus } from '@/campaign/words'
import { moment as instant } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { readable } from '@/locale/phone'
import { Alert, IconBan, Skeleton, Stack, Status, Text, Title } from '@/ui'
import { historyQuery } from './queries'

type Moment = Schemas['MomentView']

/** What comes next for somebody in every campaign, and why; or why there is nothing to come. */
export function Standing({ contact }: { contact: string }) {
  const { t } = useTranslation()
  const list = useInfiniteQuery(historyQuery(contact))
  const moments = list.data?.pages.flatMap((p) => p.items) ?? []
  const bars = moments.filter((m) => m.suppression?.holds)
  const places = moments.filter((m) => m.enrolment && m.campaign)
  return (
    <section className="card">
      <Stack p="md" gap="sm">
        <Title order={2}>{t('standing.title')}</Title>
        {list.isPending && <Skeleton height={80} aria-busy />}
        {bars.length > 0 && (
          <Alert color="orange" variant="light" icon={<IconBan />} title={t('standing.barred')}>
            {bars.map((m) => (
              <div key={`${m.suppression?.address} ${m.suppression?.channel} ${m.suppression?.reason} ${m.suppression?.registry}`} className="wrap">
                {[m.suppression && readable(m.suppression.address), m.suppression?.text, m.suppression?.expires_at && t('campaign.until', { when: instant(m.suppression.expires_at) })].filter(Boolean).join(' · ')}
              </div>
            ))}
          </Alert>
        )}
        {list.isSuccess && places.length === 0 && <Text c="dimmed" size="sm">{t('standing.none')}</Text>}
        <ul className="plain">
          {places.map((m) => (
            <Place key={`${m.campaign?.id} ${m.enrolment?.recipient}`} moment={m} />
          ))}
        </ul>
      </Stack>
    </section>
  )
}

function Place({ moment: m }: { moment: Moment }) {
  const { t } = useTranslation()
  const { campaign: c, enrolment: e } = m
  if (!c || !e) return null
  const waits = e.waits && `${t(`campaign.waits.${e.waits.for}`)}${e.waits.until ? ` – ${instant(e.waits.until)}` : ''}`
  const status = e.status in statuses && t(`campaign.status.${e.status as RecipientStatus}`)
  return (
    <li>
      <Stack gap={2} py={6}>
        <span className="spread">
          {c.deleted ? (
            <span className="wrap">{c.name}</span>
          ) : (
            <Link to="/campaigns/$campaign" params={{ campaign: c.id }} search={{ who: e.recipient }} className="as-link wrap">
              {c.name}
            </Link>
          )}
          {status && <Status tone={statuses[e.status as RecipientStatus]}>{status}</Status>}
        </span>
        {waits ? (
          <Text size="sm" className="wrap">
            {t('standing.next', { what: waits })}
          </Text>
        ) : (
          <Text size="sm" c="dimmed" className="wrap">
            {e.reason && e.reason.text !== status ? e.reason.text : t('standing.nothingMore')}
          </Text>
        )}
      </Stack>
    </li>
  )
}
