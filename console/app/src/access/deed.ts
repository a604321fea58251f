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

/** Which fields were changed, with what they were and became where that is kept. Of something new nothing was changed. */
export function changesOf(d: Deed): string {
  if (!Array.isArray(d.details.changes) || d.operation.startsWith('create-')) return ''
  const value = (v: unknown) => (v === undefined || v === null ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v))
  return (d.details.changes as { field: string; before?: unknown; after?: unknown }[])
    .map((c) => (c.before === undefined && c.after === undefined ? c.field : `${c.field}: ${value(c.before)} → ${value(c.after)}`))
    .join('; ')
}
