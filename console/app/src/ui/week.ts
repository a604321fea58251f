/** From and to, in minutes of the day; the end is not part of it, and 1440 is midnight. */
export type Interval = [from: number, to: number]

/** The intervals of each day, Monday first. */
export type Week = Interval[][]

const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

const minutes = (text: string): number => {
  const [h = '0', m = '0'] = text.split(':')
  return Number(h) * 60 + Number(m)
}

/** A minute of the day as HH:MM. */
export const clock = (m: number): string => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`

/** Reads HH:MM; undefined for anything else. */
export const readClock = (text: string): number | undefined => (/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(text) ? minutes(text) : undefined)

function daysOf(key: string): number[] {
  return key.split(',').flatMap((part) => {
    const [from = '', to = from] = part.trim().split('-')
    const a = names.indexOf(from)
    const b = names.indexOf(to)
    if (a < 0 || b < 0) return []
    return Array.from({ length: ((b - a + 7) % 7) + 1 }, (_, i) => (a + i) % 7)
  })
}

/** Reads days as the API writes them: {"mon-fri": ["09:00-18:00"]}. Absent days are closed; no days at all: always open. */
export function readWeek(days?: Record<string, string[]>): Week {
  const week: Week = names.map(() => [])
  if (!days) return names.map(() => [[0, 1440]])
  for (const [key, intervals] of Object.entries(days))
    for (const day of daysOf(key))
      week[day] = [...(week[day] ?? []), ...intervals.map((i): Interval => [minutes(i.split('-')[0] ?? ''), minutes(i.split('-')[1] ?? '')])].toSorted((x, y) => x[0] - y[0])
  return week
}

/** Writes days as the API reads them; days in a row that are alike are told once. */
export function writeWeek(week: Week): Record<string, string[]> {
  const texts = week.map((day) => day.map(([from, to]) => `${clock(from)}-${clock(to)}`))
  const out: Record<string, string[]> = {}
  for (let from = 0; from < 7; ) {
    let to = from
    while (to < 6 && JSON.stringify(texts[to + 1]) === JSON.stringify(texts[from])) to++
    const intervals = texts[from] ?? []
    if (intervals.length > 0) out[from === to ? (names[from] ?? '') : `${names[from]}-${names[to]}`] = intervals
    from = to + 1
  }
  return out
}

/** Days in a row with the same hours, for telling a week in few words. Closed days are left out. */
export function runs(week: Week): { from: number; to: number; intervals: Interval[] }[] {
  const out: { from: number; to: number; intervals: Interval[] }[] = []
  week.forEach((intervals, day) => {
    const last = out.at(-1)
    if (last && last.to === day - 1 && JSON.stringify(last.intervals) === JSON.stringify(intervals)) last.to = day
    else out.push({ from: day, to: day, intervals })
  })
  return out.filter((r) => r.intervals.length > 0)
}
