import type { Filter } from './queries'

/** One line of the builder. */
export interface Condition {
  field: string
  not: boolean
  is: string[]
  days: number | ''
}

/** What the builder shows: conditions of which all, or any, must hold. */
export interface Simple {
  join: 'all' | 'any'
  conditions: Condition[]
}

export const dates = ['created', 'imported', 'contacted', 'heard']

/** Reads a filter that the builder can show; undefined for one that says more. */
export function readFilter(f: Filter): Simple | undefined {
  if (Object.keys(f).length === 0) return { join: 'all', conditions: [] }
  const join = f.any ? 'any' : 'all'
  const list = f.any ?? f.all ?? [f]
  if (Object.keys(f).length > 1 && (f.all ?? f.any)) return undefined
  const conditions: Condition[] = []
  for (const one of list) {
    const not = one.not !== undefined
    const c = one.not ?? one
    const known = Object.keys(c).every((k) => ['field', 'is', 'within_days'].includes(k))
    if (!known || !c.field || (not && Object.keys(one).length > 1)) return undefined
    conditions.push({ field: c.field, not, is: c.is ?? [], days: c.within_days ?? '' })
  }
  return { join, conditions }
}

/** Writes what the builder shows. Lines that say nothing yet are left out. */
export function writeFilter(s: Simple): Filter {
  const list = s.conditions.flatMap((c): Filter[] => {
    const plain: Filter | undefined = dates.includes(c.field)
      ? c.days === '' ? undefined : { field: c.field, within_days: c.days }
      : c.is.length > 0 ? { field: c.field, is: c.is } : undefined
    return plain ? [c.not ? { not: plain } : plain] : []
  })
  return list.length === 0 ? {} : { [s.join]: list }
}
