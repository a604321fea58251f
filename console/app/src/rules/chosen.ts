import type { Chosen, Rule } from './queries'

/** Whether a rule of a pack that is chosen applies: verified ones unless they are switched off, others only when switched on. */
export const applies = (rule: Pick<Rule, 'id' | 'status'>, chosen: Chosen): boolean =>
  rule.status === 'verified' ? !chosen.off?.includes(rule.id) : (chosen.on?.includes(rule.id) ?? false)

/** The choice with a rule switched. */
export function switched(chosen: Chosen, rule: Pick<Rule, 'id' | 'status'>, on: boolean): Chosen {
  const list = rule.status === 'verified' ? 'off' : 'on'
  const rest = (chosen[list] ?? []).filter((id) => id !== rule.id)
  const named = (rule.status === 'verified') !== on
  return { ...chosen, [list]: named ? [...rest, rule.id] : rest }
}
