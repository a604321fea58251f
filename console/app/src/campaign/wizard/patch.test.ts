import { expect, test } from 'vitest'
import type { Campaign } from '../words'
import { definition, fieldsOf as basicsOf } from './basicsDraft'
import { changesOf } from './patch'
import { fieldsOf, patch } from './scheduleDraft'

const campaign = {
  id: 'c', name: 'Cobrança', description: '', channel: 'voice', line: 'l', agent: 'a', use_line_agent: false, zone: 'America/Sao_Paulo',
  starts_at: '2026-11-23T12:00:31Z', ends_at: '2026-12-23T12:00:59Z', window: { days: { 'mon-fri': ['09:00-18:00'], sat: ['09:00-13:00'] }, zone: 'contact' },
  retry: { max_attempts: 3, interval_minutes: 60, voicemail: 'retry', backoff: 2 }, pace: { concurrent: 0, per_second: 0.5, per_day: 0 }, failure_pause_percent: 0,
} as unknown as Campaign

test('what was not touched is not sent, not even the seconds that the form does not show', () => {
  expect(patch(fieldsOf(campaign), campaign)).toEqual({})
  expect(changesOf(definition(basicsOf(campaign), campaign), definition(basicsOf(campaign), campaign))).toEqual({})
})

test('a change names its parts alone, and takes away what is gone', () => {
  const f = { ...fieldsOf(campaign), attempts: 5, perDay: 300, endsAt: '' }
  expect(patch(f, campaign)).toEqual({
    retry: { max_attempts: 5, interval_minutes: 60, voicemail: 'retry' }, pace: { concurrent: 0, per_second: 0.5, per_day: 300 }, ends_at: null,
  })
  const week = fieldsOf(campaign).week.map((day, i) => (i === 5 ? [] : day))
  expect(patch({ ...fieldsOf(campaign), week }, campaign)).toEqual({ window: { days: { 'mon-fri': ['09:00-18:00'], sat: null }, zone: 'contact', holidays: [] } })
  expect(patch({ ...fieldsOf(campaign), laps: true, lapsTotal: 2 }, campaign)).toEqual({ laps: { max_per_day: 1, max_total: 2, cooldown_minutes: 60 } })
})

test('a name that was changed goes without the rest', () => {
  const before = basicsOf(campaign)
  expect(changesOf(definition({ ...before, name: ' Nova ' }, campaign), definition(before, campaign))).toEqual({ name: 'Nova' })
})
