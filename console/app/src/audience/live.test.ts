import { expect, test } from 'vitest'
import type { Schemas } from '@/api/client'
import { numbers } from './live'

const snapshot = (mine: number, other: number) =>
  ({
    home: {},
    campaigns: [{ campaign: 'mine', state: 'active', counts: { attempts: mine } }, { campaign: 'other', state: 'active', counts: { attempts: other } }],
  }) as unknown as Schemas['WorkingView']

test('only what moves in the campaigns that somebody is in tells of them', () => {
  const told = (mine: number, other: number) => numbers(snapshot(mine, other), new Set(['mine']))
  expect(told(1, 1)).toBe(told(1, 2))
  expect(told(1, 1)).not.toBe(told(2, 1))
})
