import { queryOptions } from '@tanstack/react-query'
import { api, ask } from '@/api/client'

/** The lines of the workspace; more than 200 are found by searching. */
export const linesQuery = queryOptions({
  queryKey: ['lines'],
  queryFn: () => ask(api.GET('/api/v1/lines', { params: { query: { limit: 200 } } })),
  staleTime: 30_000,
})

/** How often a line is asked how it is while somebody looks. */
export const often = { refetchInterval: 10_000 }

export const lineQuery = (line: string) =>
  queryOptions({ queryKey: ['lines', 'one', line], queryFn: () => ask(api.GET('/api/v1/lines/{line}', { params: { path: { line } } })) })

/** What is the matter with lines at this moment, in the server's words, by line. */
export const lineTroublesQuery = queryOptions({
  queryKey: ['home', 'lines'],
  queryFn: async () => {
    const { attention } = await ask(api.GET('/api/v1/home'))
    return new Map(attention.filter((a) => a.kind === 'line').map((a) => [a.id, a]))
  },
  ...often,
})

/** The campaigns that go out by a line, or that an agent speaks in. */
export const usesQuery = (by: { line: string } | { agent: string }) =>
  queryOptions({ queryKey: ['campaigns', 'uses', by], queryFn: () => ask(api.GET('/api/v1/campaigns', { params: { query: { ...by, limit: 50 } } })) })
