import { expect, test } from 'vitest'
import { readFilter, writeFilter, type Simple } from './filter'
import type { Filter } from './queries'

const both: Filter = { all: [{ field: 'city', is: ['Recife', 'Olinda'] }, { not: { field: 'tag', is: ['inadimplente'] } }, { field: 'contacted', within_days: 30 }] }

test('what is read is written as it was', () => {
  for (const f of [both, { any: both.all }, {}] satisfies Filter[]) {
    const simple = readFilter(f)
    expect(simple).toBeDefined()
    expect(writeFilter(simple as Simple)).toEqual(f)
  }
})

test('a single condition is one of all', () => {
  expect(readFilter({ field: 'tag', is: ['vip'] })).toEqual({ join: 'all', conditions: [{ field: 'tag', not: false, is: ['vip'], days: '' }] })
})

test.each<[string, Filter]>([
  ['nested', { all: [{ any: [{ field: 'tag', is: ['a'] }] }] }],
  ['a period', { field: 'created', from: '2026-01-01' }],
  ['whether there is a value', { field: 'city', set: true }],
  ['two joins', { all: [], any: [] }],
  ['results of a campaign', { field: 'campaign', campaign: 'x', status: ['completed'] }],
])('says more than the builder shows: %s', (_, f) => expect(readFilter(f)).toBeUndefined())

test('lines that say nothing yet hold nobody back', () => {
  expect(writeFilter({ join: 'any', conditions: [{ field: 'tag', not: true, is: [], days: '' }, { field: 'heard', not: false, is: ['x'], days: '' }] })).toEqual({})
})
