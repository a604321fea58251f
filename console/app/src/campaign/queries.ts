import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask, type Schemas } from '@/api/client'
import { useStream } from '@/api/stream'
import { refused } from '@/app/refused'
import { paceOf, sampled, type Sample } from './pace'
import type { Action, RecipientAction, RecipientStatus, State } from './words'

/** How often numbers that no stream brings are asked for. */
const often = 2500

export interface ListFilter {
  search?: string
  status?: State
  archived?: boolean
}

export const listQuery = (f: ListFilter, live = false) =>
  infiniteQueryOptions({
    queryKey: ['campaigns', 'list', f],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/api/v1/campaigns', {
          params: { query: { limit: 24, cursor: pageParam || undefined, search: f.search, status: f.status ? [f.status] : undefined, archived: f.archived || undefined } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    // Drafts are in no stream. Without one: live while something runs, and unhurried otherwise.
    refetchInterval: (q) => (live ? 60_000 : q.state.data?.pages.some((p) => p.items.some((c) => c.state === 'active')) ? often : 15_000),
  })

export const summaryQuery = queryOptions({
  queryKey: ['campaigns', 'summary'],
  queryFn: () => ask(api.GET('/api/v1/campaigns/summary')),
})

export const campaignQuery = (campaign: string) =>
  queryOptions({
    queryKey: ['campaigns', 'one', campaign],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{campaign}', { params: { path: { campaign } } })),
  })

export const preflightQuery = (campaign: string) =>
  queryOptions({
    queryKey: ['campaigns', 'preflight', campaign],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{campaign}/preflight', { params: { path: { campaign } } })),
    staleTime: 0,
  })

/** What a campaign would do, in the server's words and numbers. */
export const planQuery = (campaign: string) =>
  queryOptions({
    queryKey: ['campaigns', 'plan', campaign],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{campaign}/plan', { params: { path: { campaign } } })),
    staleTime: 0,
  })

export const diagnosisQuery = (campaign: string, live: boolean) =>
  queryOptions({
    queryKey: ['campaigns', 'diagnosis', campaign],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{campaign}/diagnosis', { params: { path: { campaign } } })),
    refetchInterval: live ? 5000 : false,
  })

export const resultsQuery = (campaign: string, live: boolean) =>
  queryOptions({
    queryKey: ['campaigns', 'results', campaign],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{campaign}/results', { params: { path: { campaign } } })),
    refetchInterval: live ? often : false,
  })

export const openQuery = (campaign: string, live: boolean) =>
  queryOptions({
    queryKey: ['campaigns', 'open', campaign],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{campaign}/attempts/open', { params: { path: { campaign } } })),
    refetchInterval: live ? 2000 : false,
  })

/** Workbooks of a campaign's report, looked at often while one is under way. */
export const reportsQuery = (campaign: string) =>
  queryOptions({
    queryKey: ['campaigns', 'reports', campaign],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{campaign}/reports', { params: { path: { campaign }, query: { limit: 10 } } })),
    refetchInterval: (q) => (q.state.data?.items.some((f) => f.state === 'waiting' || f.state === 'writing') ? 1000 : false),
    staleTime: 0,
  })

/** What is being done to many people of a campaign, looked at often while something is. */
export const errandsQuery = (campaign: string) =>
  queryOptions({
    queryKey: ['campaigns', 'errands', campaign],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{campaign}/errands', { params: { path: { campaign }, query: { limit: 5 } } })),
    refetchInterval: (q) => (q.state.data?.items.some((e) => e.state === 'running') ? 1000 : false),
    staleTime: 0,
  })

export interface RecipientFilter {
  statuses: RecipientStatus[]
  /** Who had all their turns without being reached, whatever the statuses are called. */
  notReached?: boolean
  search?: string
}

export const recipientsQuery = (campaign: string, f: RecipientFilter) =>
  infiniteQueryOptions({
    queryKey: ['campaigns', 'recipients', campaign, f],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/api/v1/campaigns/{campaign}/recipients', {
          params: { path: { campaign }, query: { cursor: pageParam || undefined, status: f.statuses.length > 0 ? f.statuses : undefined, not_reached: f.notReached || undefined, search: f.search } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })

/** How many a filter picks, counted by the server. */
export const countQuery = (campaign: string, filter: Schemas['FilterInput']) =>
  queryOptions({
    queryKey: ['campaigns', 'count', campaign, filter],
    queryFn: async () => {
      const r = await foresee(campaign, { action: 'set_completed', filter })
      return r.changed + r.skipped
    },
    staleTime: 0,
  })

/** What an action on many would do; nothing is changed. */
export const foresee = (campaign: string, body: Schemas['ActInput']) =>
  ask(api.POST('/api/v1/campaigns/{campaign}/recipients/actions/preview', { params: { path: { campaign } }, body }))

export const recipientQuery = (campaign: string, number: number) =>
  queryOptions({
    queryKey: ['campaigns', 'recipient', campaign, number],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{campaign}/recipients/{number}', { params: { path: { campaign, number } } })),
    staleTime: 30_000,
  })

export const recipientAttemptsQuery = (campaign: string, number: number) =>
  queryOptions({
    queryKey: ['campaigns', 'recipient', campaign, number, 'attempts'],
    queryFn: () =>
      ask(api.GET('/api/v1/campaigns/{campaign}/recipients/{number}/attempts', { params: { path: { campaign, number }, query: { limit: 100 } } })),
  })

export const attemptsQuery = (campaign: string, live: boolean) =>
  infiniteQueryOptions({
    queryKey: ['campaigns', 'attempts', campaign],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/campaigns/{campaign}/attempts', { params: { path: { campaign }, query: { cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: live ? 5000 : false,
    maxPages: 20,
  })

export type Live = Schemas['LiveView']

/** A campaign as it is at this moment, from the server's stream of events; undefined until the first one came. */
export function useLive(campaign: string): { live?: Live; gone: boolean; pace?: number } {
  const [last, setLast] = useState<{ campaign: string; live?: Live; gone: boolean; samples: Sample[] }>()
  const queries = useQueryClient()
  useStream(`/api/v1/campaigns/${encodeURIComponent(campaign)}/events`, (e) => {
    if (e.name === 'snapshot') {
      const live = JSON.parse(e.data) as Live
      const begun = { at: Date.parse(live.at), begun: live.counts.attempts + live.counts.in_flight }
      setLast((was) => ({ campaign, live, gone: false, samples: sampled(was?.campaign === campaign ? was.samples : [], begun) }))
    }
    if (e.name === 'change') {
      void queries.invalidateQueries({ queryKey: campaignQuery(campaign).queryKey })
      void queries.invalidateQueries({ queryKey: ['campaigns', 'log', campaign] })
    }
    if (e.name === 'gone') setLast({ campaign, gone: true, samples: [] })
  })
  // What is known of another campaign is nothing about this one.
  return last?.campaign === campaign ? { live: last.live, gone: last.gone, pace: paceOf(last.samples) } : { gone: false }
}

type Plain = Exclude<Action, 'edit' | 'duplicate' | 'add_recipients'>

/** Does something to a campaign; what was refused is shown with the server's reason. */
export function useAct() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ campaign, action }: { campaign: string; action: Plain }) => {
      const params = { path: { campaign } }
      switch (action) {
        case 'delete':
          await ask(api.DELETE('/api/v1/campaigns/{campaign}', { params }))
          return
        default:
          await ask(api.POST(`/api/v1/campaigns/{campaign}/${action}`, { params }))
      }
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['campaigns'] }),
  })
}

export function useDuplicate() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ campaign, body }: { campaign: string; body: Schemas['DuplicateInput'] }) =>
      ask(api.POST('/api/v1/campaigns/{campaign}/duplicate', { params: { path: { campaign }, header: { 'Idempotency-Key': crypto.randomUUID() } }, body })),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['campaigns'] }),
  })
}

/** Does something to one person of a campaign. */
export function useActOnOne(campaign: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ number, action }: { number: number; action: RecipientAction }) => {
      const params = { path: { campaign, number } }
      const path = action.replace('_', '-') as 'retry' | 'remove' | 'set-pending' | 'set-completed'
      return ask(api.POST(`/api/v1/campaigns/{campaign}/recipients/{number}/${path}`, { params }))
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['campaigns'] }),
  })
}

/** Does something to all people of a campaign whom a filter fits. */
export function useActOnMany(campaign: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['ActInput']) => ask(api.POST('/api/v1/campaigns/{campaign}/recipients/actions', { params: { path: { campaign } }, body })),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['campaigns'] }),
  })
}
