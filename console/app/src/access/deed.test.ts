import { beforeAll, expect, test } from 'vitest'
import { begin } from '@/locale/language'
import { actorOf, changesOf, deedOf } from './deed'
import { widened } from './queries'

const deed = (operation: string, changes?: unknown) => ({ actor_name: 'Ana', actor_kind: 'user', operation, details: changes ? { changes } : {} })

beforeAll(begin)

test('what was done is told in words, and by its name where there are none', () => {
  expect(deedOf(deed('pause-campaign'))).not.toBe('pause-campaign')
  expect(deedOf(deed('something-new'))).toBe('something-new')
  expect(actorOf({ ...deed('x'), actor_name: '' })).not.toBe('')
})

test.each([
  ['with what it was and became', deed('update-campaign', [{ field: 'name', before: 'a', after: 'b' }, { field: 'pace.per_day', after: 5 }]), 'name: a → b; pace.per_day:  → 5'],
  ['by name alone, where values are not kept', deed('update-contact', [{ field: 'phone' }]), 'phone'],
  ['things by their parts', deed('set-rules', [{ field: 'limits', before: [{ most: 2, days: 1 }], after: [] }]), 'limits: most: 2, days: 1 → '],
  ['lists by their items', deed('update-campaign', [{ field: 'tags', before: [], after: ['a', 'b'] }]), 'tags:  → a | b'],
  ['nothing of what is new', deed('create-campaign', [{ field: 'name', after: 'a' }]), ''],
  ['nothing of who is new', deed('join', [{ field: 'role', after: 'viewer' }, { field: 'email' }]), ''],
  ['nothing where nothing is kept', deed('start-campaign'), ''],
])('changes are told %s', (_, d, text) => expect(changesOf(d)).toBe(text))

test.each([
  [['manage'], ['read', 'operate', 'manage']],
  [['read'], ['read']],
  [['read', 'operate'], ['read', 'operate']],
])('a key with %j has %j', (scopes, all) => expect(widened(scopes)).toEqual(all))
