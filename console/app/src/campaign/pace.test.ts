import { expect, test } from 'vitest'
import { paceOf, sampled, type Sample } from './pace'

const of = (...list: [at: number, begun: number][]) => list.reduce<Sample[]>((all, [at, begun]) => sampled(all, { at, begun }), [])

test.each<[string, [number, number][], number | undefined]>([
  ['nothing yet', [], undefined],
  ['too short a time', [[0, 0], [3000, 9]], undefined],
  ['two a second', [[0, 0], [5000, 10], [10_000, 20]], 120],
  ['what is old counts no more', [[0, 0], [10_000, 1000], [20_000, 1000], [30_000, 1000], [41_000, 1000]], 0],
  ['a campaign that starts over', [[0, 50], [5000, 60], [10_000, 3], [15_000, 8]], 60],
  ['many events within a second', [[0, 0], [5000, 5], [5200, 6], [5400, 7], [10_000, 10]], 60],
])('%s', (_, list, pace) => expect(paceOf(of(...list))).toBe(pace))
