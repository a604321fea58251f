import { queryOptions } from '@tanstack/react-query'
import { api, ask } from '@/api/client'

/** The agents of the workspace; more than 200 are found by searching. */
export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: () => ask(api.GET('/api/v1/agents', { params: { query: { limit: 200 } } })),
  staleTime: 30_000,
})
