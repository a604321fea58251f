import type { Schemas } from '@/api/client'
import { lasting } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import '@/ui/talk.css'

/** What was said and pressed in a conversation, as it went. */
export function Dialogue({ turns }: { turns?: Schemas['TurnView'][] }) {
  const { t } = useTranslation()
  const said = turns?.filter((turn) => turn.who !== 'system') ?? []
  if (said.length === 0) return null
  return (
    <ol className="dialogue">
      {said.map((turn) => (
        <li key={`${turn.at_ms} ${turn.what} ${turn.text}`} className={turn.who}>
          <span className="numbers">{lasting(turn.at_ms)}</span>
          <p>
            <b className="sr-only">{t(`campaign.who.${turn.who as 'agent' | 'person'}`)}: </b>
            {turn.what === 'key' ? t('campaign.pressed', { key: turn.text }) : turn.text || t('campaign.spoke')}
          </p>
        </li>
      ))}
    </ol>
  )
}
