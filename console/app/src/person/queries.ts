import { queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/api/client'

export type Expired = Schemas['Expired']

export const retentionQuery = queryOptions({ queryKey: ['retention'], queryFn: () => ask(api.GET('/api/v1/retention')) })

/** How much periods would remove now. */
export const previewQuery = (periods: Schemas['Periods']) =>
  queryOptions({
    queryKey: ['retention', 'preview', periods],
    queryFn: () => ask(api.POST('/api/v1/retention/preview', { body: periods })),
    placeholderData: (before: Expired | undefined) => before,
  })
