import { expect, test } from 'vitest'
import type { Schemas } from '@/api/client'
import { renewed, told } from './live'
import type { Campaign } from './words'

const live = (campaign: string, state: string, settled: number) => ({ campaign, state, revision: 1, can: ['cancel'], counts: { settled }, rates: { progress: 0.5 } }) as unknown as Schemas['LiveView']
const listed = (id: string, state: string) => ({ id, name: `n-${id}`, state, can: ['start'], counts: { settled: 0 }, paused: { text: 'why' } }) as unknown as Campaign
const list = { pageParams: [''], pages: [{ items: [listed('a', 'paused'), listed('b', 'draft')] }] }

test('a list takes up what the stream tells of its campaigns, and keeps the rest', () => {
  const [a, b] = renewed(list, [live('a', 'active', 7), live('c', 'active', 1)]).pages[0]?.items ?? []
  expect(a).toMatchObject({ id: 'a', name: 'n-a', state: 'active', can: ['cancel'], counts: { settled: 7 } })
  expect(a?.paused).toBeUndefined()
  expect(b).toBe(list.pages[0]?.items[1])
})

test('a list of others stays the same', () => expect(renewed(list, [live('c', 'active', 1)])).toBe(list))

test('numbers make no other list; states, comers and leavers do', () => {
  const was = told([live('a', 'active', 1), live('b', 'paused', 1)])
  expect(told([live('b', 'paused', 1), live('a', 'active', 9)])).toBe(was)
  for (const other of [[live('a', 'paused', 1), live('b', 'paused', 1)], [live('a', 'active', 1)], [live('a', 'active', 1), live('b', 'paused', 1), live('c', 'active', 1)]])
    expect(told(other)).not.toBe(was)
})
