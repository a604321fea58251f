import { language } from './language'

const none = '–'

/** A whole number as it is written here. */
export const number = (n: number) => new Intl.NumberFormat(language()).format(n)

/** A share of one, as per cent. */
export const percent = (n: number) => new Intl.NumberFormat(language(), { style: 'percent', maximumFractionDigits: n > 0 && n < 0.1 ? 1 : 0 }).format(n)

/** An instant on the browser's clock. */
export const moment = (iso?: string | null) =>
  iso ? new Intl.DateTimeFormat(language(), { dateStyle: 'short', timeStyle: 'short' }).format(new Date(iso)) : none

/** An instant to the second. */
export const exact = (iso?: string | null) =>
  iso ? new Intl.DateTimeFormat(language(), { dateStyle: 'short', timeStyle: 'medium' }).format(new Date(iso)) : none

/** The time of an instant of today; its date as well on other days. */
export function soon(iso: string, now: Date = new Date()): string {
  const at = new Date(iso)
  const today = at.toDateString() === now.toDateString()
  return new Intl.DateTimeFormat(language(), today ? { timeStyle: 'short' } : { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(at)
}

/** An hour or a day of a series, on the clock on which it begins. */
export const spanOf = (iso: string, every: 'hour' | 'day', zone: string) =>
  new Intl.DateTimeFormat(language(), every === 'hour' ? { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZone: zone } : { day: '2-digit', month: '2-digit', timeZone: zone }).format(new Date(iso))

/** A measured length of time, to the second. */
export function lasting(ms: number): string {
  const s = Math.round(ms / 1000)
  const part = (n: number, unit: string) => new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: 'narrow' }).format(n)
  const two = (n: number, unit: string, rest: number, of: string) => (rest > 0 ? `${part(n, unit)} ${part(rest, of)}` : part(n, unit))
  if (s < 60) return part(s, 'second')
  if (s < 3600) return two(Math.floor(s / 60), 'minute', s % 60, 'second')
  return two(Math.floor(s / 3600), 'hour', Math.floor((s % 3600) / 60), 'minute')
}

/** The name of a weekday, 0 being Monday. */
export const weekday = (day: number, width: 'long' | 'short' = 'long') =>
  new Intl.DateTimeFormat(language(), { weekday: width, timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, 1 + day)))

/** Some words with their last "and". */
export const listed = (words: string[]) => new Intl.ListFormat(language(), { type: 'conjunction' }).format(words)

/** A size of a file. */
export const bytes = (n: number) => {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte']
  let i = 0
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000
    i++
  }
  return new Intl.NumberFormat(language(), { style: 'unit', unit: units[i], unitDisplay: i === 0 ? 'long' : 'short', maximumFractionDigits: 1 }).format(n)
}
