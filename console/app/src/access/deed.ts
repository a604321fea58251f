import { hasWords, t } from '@/locale/language'

interface Deed {
  actor_name: string
  actor_kind: string
  operation: string
  details: Record<string, unknown>
}

/** Who did something, as they were called then. */
export const actorOf = (d: Deed) => d.actor_name || t('logAbout.program')

/** What was done. Operations without words of their own are told by their names. */
export function deedOf(d: Deed): string {
  const key = `log.${d.operation}`
  return hasWords(key) ? t(key) : d.operation
}

/** A field that was changed. Of some fields it is not kept what they were and became. */
export interface Difference {
  field: string
  kept: boolean
  before: string
  after: string
}

/** The fields that were changed. Of something new nothing was changed. */
export function diffOf(d: Deed): Difference[] {
  if (!Array.isArray(d.details.changes) || d.operation.startsWith('create-') || d.operation === 'join') return []
  const value = (v: unknown) => (v === undefined || v === null ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v))
  return (d.details.changes as { field: string; before?: unknown; after?: unknown }[]).map((c) => ({
    field: c.field, kept: c.before !== undefined || c.after !== undefined, before: value(c.before), after: value(c.after),
  }))
}

/** Which fields were changed, with what they were and became where that is kept, in one line. */
export const changesOf = (d: Deed) =>
  diffOf(d)
    .map((c) => (c.kept ? `${c.field}: ${c.before} → ${c.after}` : c.field))
    .join('; ')
