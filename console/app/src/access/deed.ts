import { hasWords, t, wordsUnder } from '@/locale/language'
import { fieldName, fieldValue } from './fields'

interface Deed {
  actor_name: string
  actor_kind: string
  operation: string
  /** What it was done to; it tells what fields are called. */
  subject_kind?: string
  details: Record<string, unknown>
}

/** Who did something, as they were called then. */
export const actorOf = (d: Deed) => (d.actor_kind === 'program' && d.actor_name === 'engine' ? t('logAbout.engine') : d.actor_name || t('logAbout.program'))

/** What was done. Operations without words of their own are told by their names. */
export function deedOf(d: Deed): string {
  const key = `log.${d.operation}`
  return hasWords(key) ? t(key) : d.operation
}

/** Everything that can be on record, with its words, in their order. */
export const deeds = () =>
  Object.entries(wordsUnder('log'))
    .map(([value, label]) => ({ value, label: `${label} · ${value}` }))
    .toSorted((a, b) => a.label.localeCompare(b.label))

/** A field that was changed. Of some fields it is not kept what they were and became. */
export interface Difference {
  field: string
  /** What people call the field. */
  name: string
  kept: boolean
  before: string
  after: string
}

// By these somebody comes who was not there.
const arrivals = ['join', 'sign-in']

/** A value as people read it: lists and things by their parts. */
function told(v: unknown): string {
  if (v === undefined || v === null) return ''
  if (Array.isArray(v)) return v.map(told).join(' | ')
  if (typeof v === 'object') return Object.entries(v).map(([name, x]) => `${name}: ${told(x)}`).join(', ')
  return String(v)
}

/** The fields that were changed. Of something new nothing was changed. */
export function diffOf(d: Deed): Difference[] {
  if (!Array.isArray(d.details.changes) || d.operation.startsWith('create-') || arrivals.includes(d.operation)) return []
  const kind = d.subject_kind ?? ''
  const value = (field: string, v: unknown) => fieldValue(kind, field, told(v))
  return (d.details.changes as { field: string; before?: unknown; after?: unknown }[]).map((c) => ({
    field: c.field, name: fieldName(kind, c.field), kept: c.before !== undefined || c.after !== undefined, before: value(c.field, c.before), after: value(c.field, c.after),
  }))
}

/** Which fields were changed, with what they were and became where that is kept, in one line. */
export const changesOf = (d: Deed) =>
  diffOf(d)
    .map((c) => (c.kept ? `${c.name}: ${c.before} → ${c.after}` : c.name))
    .join('; ')
