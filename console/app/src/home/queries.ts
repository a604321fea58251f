import { queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/api/client'

export type Home = Schemas['HomeView']
export type Attention = Schemas['AttentionView']
export type Figures = Schemas['FiguresView']

/** What matters now. */
export const homeQuery = queryOptions({
  queryKey: ['home'],
  queryFn: () => ask(api.GET('/api/v1/home')),
})
