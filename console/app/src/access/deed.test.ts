import { beforeAll, expect, test } from 'vitest'
import { begin, withWords } from '@/locale/language'
import { actorOf, changesOf, deedOf, deeds } from './deed'
import { widened } from './queries'

const deed = (operation: string, changes?: unknown) => ({ actor_name: 'Ana', actor_kind: 'user', operation, details: changes ? { changes } : {} })

beforeAll(async () => {
  await begin()
  await withWords(() => Promise.resolve())()
})

test('what was done is told in words, and by its name where there are none', () => {
  expect(deedOf(deed('pause-campaign'))).not.toBe('pause-campaign')
  expect(deedOf(deed('something-new'))).toBe('something-new')
  expect(actorOf({ ...deed('x'), actor_name: '' })).not.toBe('')
})

test.each([
  ['with what it was and became', deed('update-campaign', [{ field: 'name', before: 'a', after: 'b' }, { field: 'pace.per_day', after: 5 }]), 'Name: a → b; Per day:  → 5'],
  ['by name alone, where values are not kept', deed('update-contact', [{ field: 'phone' }]), 'Phone'],
  ['things by their parts', deed('set-rules', [{ field: 'limits', before: [{ most: 2, days: 1 }], after: [] }]), 'Contact limits: most: 2, days: 1 → '],
  ['lists by their items', deed('update-campaign', [{ field: 'tags', before: [], after: ['a', 'b'] }]), 'Tags:  → a | b'],
  ['nothing of what is new', deed('create-campaign', [{ field: 'name', after: 'a' }]), ''],
  ['nothing of who is new', deed('join', [{ field: 'role', after: 'viewer' }, { field: 'email' }]), ''],
  ['nothing where nothing is kept', deed('start-campaign'), ''],
])('changes are told %s', (_, d, text) => expect(changesOf(d)).toBe(text))

test.each([
  [['manage'], ['read', 'operate', 'manage']],
  [['read'], ['read']],
  [['read', 'operate'], ['read', 'operate']],
])('a key with %j has %j', (scopes, all) => expect(widened(scopes)).toEqual(all))

test('fields are called as where people set them, and codes in them told in words', () => {
  const of = (subject_kind: string, ...changes: unknown[]) => changesOf({ ...deed('update-x', changes), subject_kind })
  expect(of('line', { field: 'limits.per_day', before: 0, after: 7 })).toBe('A day: 0 → 7')
  expect(of('campaign', { field: 'state', before: 'active', after: 'paused' }, { field: 'window.days.mon' })).toBe('Status: Active → Paused; Allowed hours (days.mon)')
  expect(of('contact', { field: 'state' }, { field: 'attributes.x' })).toBe('State; attributes.x')
  expect(of('rules', { field: 'limits' })).toBe('Contact limits')
  expect(of('rules', { field: 'closed.dates', before: [], after: ['2026-12-24'] })).toBe('Days without contact:  → 2026-12-24')
  expect(deeds().find((d) => d.value === 'pause-campaign')?.label).toBe('paused it · pause-campaign')
})
