import { queryOptions } from '@tanstack/react-query'
import { api, ask } from '@/api/client'

/** The lines of the workspace; more than 200 are found by searching. */
export const linesQuery = queryOptions({
  queryKey: ['lines'],
  queryFn: () => ask(api.GET('/api/v1/lines', { params: { query: { limit: 200 } } })),
  staleTime: 30_000,
})
