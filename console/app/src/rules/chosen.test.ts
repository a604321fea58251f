import { expect, test } from 'vitest'
import { applies, switched } from './chosen'

const verified = { id: 'a', status: 'verified' as const }
const secondary = { id: 'b', status: 'secondary' as const }

test.each([
  ['a verified rule applies by itself', verified, {}, true],
  ['a verified rule can be switched off', verified, { off: ['a'] }, false],
  ['a secondary rule does not apply by itself', secondary, {}, false],
  ['a secondary rule can be switched on', secondary, { on: ['b'] }, true],
  ['naming a rule in the other list changes nothing', secondary, { off: ['b'] }, false],
])('%s', (_, rule, lists, is) => expect(applies(rule, { pack: 'BR', ...lists })).toBe(is))

test.each([
  ['off', verified, false, { off: ['x', 'a'] }],
  ['on again', verified, true, { off: ['x'] }],
  ['on', secondary, true, { off: ['x'], on: ['b'] }],
  ['off again', secondary, false, { off: ['x'], on: [] }],
])('a rule is switched %s, and the others stay', (_, rule, on, lists) => {
  expect(switched({ pack: 'BR', off: ['x'] }, rule, on)).toEqual({ pack: 'BR', ...lists })
  expect(applies(rule, switched({ pack: 'BR' }, rule, on))).toBe(on)
})
