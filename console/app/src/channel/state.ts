import type { Schemas } from '@/api/client'
import { t, useTranslation } from '@/locale/language'
import type { Tone } from '@/ui'
import type { Line } from './settings'

interface LineState {
  tone: Tone
  word: string
  about: string
}

/** How a line is, in a word and, when something is the matter, in the server's sentence. */
export function useLineState() {
  useTranslation()
  return (l: Line, trouble?: Schemas['AttentionView']): LineState => {
    const standing = l.registration
    const about = trouble?.text ?? standing?.text ?? (l.sandbox ? t('line.leadsToSandbox') : '')
    if (!l.enabled) return { tone: 'stop', word: t('line.state.off'), about }
    if (trouble) return { tone: trouble.urgency === 'broken' ? 'bad' : 'miss', word: t('line.state.trouble'), about }
    if (standing && standing.state !== 'registered') return { tone: standing.state === 'registering' ? 'wait' : 'bad', word: t(`line.registration.${standing.state}`), about }
    if (!l.running) return { tone: 'wait', word: t('line.state.waiting'), about }
    return { tone: 'good', word: t('line.state.running'), about }
  }
}
