import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { agentsQuery } from '@/agent/queries'
import { number } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { IconMicrophone, Text } from '@/ui'
import { Dialogue } from './Dialogue'
import type { Attempt } from './words'

/** What was said in an attempt and who spoke; of calls that were answered also the place of what is not kept of them. */
export function Conversation({ of: a, call }: { of: Attempt; call: boolean }) {
  const { t } = useTranslation()
  return (
    <>
      {a.agent && <Speaker of={a.agent} />}
      <Dialogue turns={a.dialogue} />
      {call && (a.answered_by !== '' || a.talk_ms > 0) && (
        <section className="place" aria-label={t('campaign.recording')}>
          <IconMicrophone size={17} stroke={1.7} aria-hidden />
          <Text size="sm">
            <b>{t('campaign.recording')}</b> {t('campaign.recordingNone')}
          </Text>
        </section>
      )}
    </>
  )
}

/** The agent that spoke, in the version it had then. */
function Speaker({ of: s }: { of: NonNullable<Attempt['agent']> }) {
  const { t } = useTranslation()
  const agents = useQuery(agentsQuery)
  const name = agents.data?.items.find((a) => a.id === s.id)?.name
  return (
    <Text size="sm" c="dimmed" className="wrap">
      {t('campaign.field.agent')}:{' '}
      {name && (
        <>
          <Link to="/agents/$agent" params={{ agent: s.id }} className="as-link">
            {name}
          </Link>
          {' · '}
        </>
      )}
      {t('agent.versionN', { version: number(s.version) })}
    </Text>
  )
}
