import { queryOptions } from '@tanstack/react-query'
import { api, ask } from '@/api/client'

/** Ready-made hours and retries. */
export const presetsQuery = queryOptions({
  queryKey: ['presets'],
  queryFn: () => ask(api.GET('/api/v1/presets')),
  staleTime: 3_600_000,
})
