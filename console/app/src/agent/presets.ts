import { language, t } from '@/locale/language'
import type { Draft, Script } from './script'

export const presets = ['reminder', 'collection', 'survey', 'blank'] as const
export type Preset = (typeof presets)[number]

const first = '{{first_name}}'

/** What all of them end with: thanks, a goodbye to who says nothing, and a way out for who wants no more calls. */
const ends = (): Script['steps'] => ({
  [t('script.step.stop')]: { opt_out: true, next: t('script.step.sorry') },
  [t('script.step.sorry')]: { say: t('script.text.sorry'), interrupt: 'never', next: 'end' },
  [t('script.step.thanks')]: { say: t('script.text.thanks'), next: 'end' },
  [t('script.step.goodbye')]: { say: t('script.text.goodbye'), next: 'end' },
})

/** A question answered by keys, asked again by who speaks. */
const question = (say: string, keys: Record<string, string>): Script['steps'] => ({
  [t('script.step.question')]: { ask: { say, keys: { ...keys, 9: t('script.step.stop') }, any_speech: t('script.step.keypad'), retries: 1, no_input: t('script.step.goodbye') } },
  [t('script.step.keypad')]: { say: t('script.text.keypad'), next: t('script.step.question') },
})

/** An agent to begin with, in the language that is spoken. */
export function draftOf(preset: Preset): Draft {
  const [start, won, yes, no] = [t('script.step.start'), t('script.step.won'), t('script.step.yes'), t('script.step.no')]
  const common = { name: t(`agent.preset.${preset}`), kind: 'script', language: language() } as const
  const thanks = t('script.step.thanks')
  if (preset === 'blank') return { ...common, script: { start, steps: { [start]: { say: t('script.text.blank', { name: first }), next: 'end' } } } }
  if (preset === 'survey') {
    const grade = t('script.variable.grade')
    return {
      ...common, variables: [{ name: grade, type: 'enum', values: ['1', '2', '3', '4', '5'] }],
      script: {
        start,
        steps: {
          [start]: { say: t('script.text.survey', { name: first }), next: t('script.step.question') },
          ...question(t('script.text.surveyQuestion'), Object.fromEntries([1, 2, 3, 4, 5].map((n) => [n, `${grade}_${n}`]))),
          ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`${grade}_${n}`, { set: { [grade]: String(n) }, next: won }])),
          [won]: { goal: true, next: thanks },
          ...ends(),
        },
      },
    }
  }
  const answer = t(`script.variable.${preset}`)
  return {
    ...common, variables: [{ name: answer, type: 'boolean' }],
    script: {
      start,
      steps: {
        [start]: { say: t(`script.text.${preset}`, { name: first }), next: t('script.step.question') },
        ...question(t(`script.text.${preset}Question`), { 1: yes, 2: no }),
        [yes]: { set: { [answer]: 'true' }, next: won },
        [won]: { goal: true, next: thanks },
        [no]: { set: { [answer]: 'false' }, next: t('script.step.back') },
        [t('script.step.back')]: { say: t(`script.text.${preset}No`), next: 'end' },
        ...ends(),
      },
    },
  }
}
