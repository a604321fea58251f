import type { Schemas } from '@/api/client'
import { readWeek, writeWeek, type Week } from '@/ui/week'
import type { Campaign } from '../words'
import { changesOf } from './patch'

type Edit = Schemas['CampaignEdit']
type Zone = NonNullable<Schemas['Window']['zone']>

/** When people may be contacted, how often, and how fast, as it is being written. */
export interface Fields {
  startsAt: string // of an input for local time; empty is at once
  endsAt: string // likewise; empty is never
  week: Week
  whose: Zone
  zone: string
  holidays: string[]
  attempts: number
  interval: number
  voicemail: 'retry' | 'accept'
  concurrent: number | ''
  perSecond: number | ''
  perDay: number | ''
  failurePause: number | ''
  laps: boolean
  lapsADay: number
  lapsTotal: number | ''
  cooldown: number
}

/** An instant as an input for local time has it. */
export function local(iso?: string): string {
  if (!iso) return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export function fieldsOf(c: Campaign): Fields {
  return {
    startsAt: local(c.starts_at), endsAt: local(c.ends_at), week: readWeek(c.window.days), whose: c.window.zone ?? 'campaign', zone: c.zone, holidays: c.window.holidays ?? [],
    attempts: c.retry.max_attempts, interval: c.retry.interval_minutes, voicemail: c.retry.voicemail === 'accept' ? 'accept' : 'retry',
    concurrent: c.pace.concurrent || '', perSecond: c.pace.per_second || '', perDay: c.pace.per_day || '', failurePause: c.failure_pause_percent || '', laps: Boolean(c.laps),
    lapsADay: c.laps?.max_per_day ?? 1, lapsTotal: c.laps?.max_total || '', cooldown: c.laps?.cooldown_minutes ?? 60,
  }
}

const instant = (typed: string) => (typed ? new Date(typed).toISOString() : null)

function edit(f: Fields, c: Campaign) {
  const days = writeWeek(f.week)
  // Days that were there and are not any more are taken away by name.
  const gone = Object.fromEntries(Object.keys(c.window.days ?? {}).map((key) => [key, null]))
  return {
    starts_at: instant(f.startsAt),
    ends_at: instant(f.endsAt),
    zone: f.zone,
    window: { ...c.window, days: { ...gone, ...days }, zone: f.whose, holidays: f.holidays },
    retry: { max_attempts: f.attempts, interval_minutes: f.interval, voicemail: f.voicemail },
    pace: { concurrent: f.concurrent || 0, per_second: f.perSecond || 0, per_day: f.perDay || 0 },
    failure_pause_percent: f.failurePause || 0,
    laps: f.laps ? { max_per_day: f.lapsADay, max_total: f.lapsTotal || 0, cooldown_minutes: f.cooldown } : null,
  }
}

/** What of a change is one: a merge patch, in which null takes away (RFC 7396). */
export function patch(f: Fields, c: Campaign): Edit {
  return changesOf(edit(f, c), edit(fieldsOf(c), c)) as unknown as Edit
}
