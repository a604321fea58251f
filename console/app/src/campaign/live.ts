import type { InfiniteData } from '@tanstack/react-query'
import { useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import type { Schemas } from '@/api/client'
import { useStream } from '@/api/stream'
import { summaryQuery } from './queries'
import type { Campaign } from './words'

type Working = Schemas['WorkingView']
type Pages = InfiniteData<{ items: Campaign[] }>

/** A list with the numbers that the stream brought. The same list where it brought nothing for it. */
export function renewed<T extends Pages>(list: T, campaigns: Schemas['LiveView'][]): T {
  const by = new Map(campaigns.map((c) => [c.campaign, c]))
  if (!list.pages.some((p) => p.items.some((c) => by.has(c.id)))) return list
  const one = (c: Campaign): Campaign => {
    const l = by.get(c.id)
    return l ? { ...c, state: l.state, paused: l.paused, can: l.can as Campaign['can'], counts: l.counts, rates: l.rates } : c
  }
  return { ...list, pages: list.pages.map((p) => ({ ...p, items: p.items.map(one) })) }
}

/** Which campaigns are told of, in which state: when that becomes another, lists are to be asked for anew. */
export const told = (campaigns: Schemas['LiveView'][]) =>
  campaigns
    .map((c) => `${c.campaign} ${c.state} ${c.revision}`)
    .toSorted()
    .join()

/** How old the averages over all campaigns may be while something happens. */
const summaryFor = 10_000

/** Keeps what matters now and the lists of campaigns as the server's stream tells; false while it is not heard, when they are to be asked for. */
export function useWorkspaceLive(): boolean {
  const queries = useQueryClient()
  const before = useRef<string>(undefined)
  return useStream('/api/v1/events', (e) => {
    if (e.name !== 'snapshot') return
    const { home, campaigns } = JSON.parse(e.data) as Working
    queries.setQueryData(['home'], home)
    queries.setQueriesData<Pages>({ queryKey: ['campaigns', 'list'] }, (list) => list && renewed(list, campaigns))
    const now = told(campaigns)
    const other = before.current !== undefined && before.current !== now
    before.current = now
    if (other) void queries.invalidateQueries({ queryKey: ['campaigns', 'list'] })
    const summary = queries.getQueryState(summaryQuery.queryKey)
    if (other || (summary && Date.now() - summary.dataUpdatedAt > summaryFor)) void queries.invalidateQueries({ queryKey: summaryQuery.queryKey })
  })
}
