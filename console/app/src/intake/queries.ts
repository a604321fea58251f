import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/api/client'
import type { Tone } from '@/ui'

export type Import = Schemas['ImportView']
export type ImportSettings = Schemas['ImportSettings']

/** How the states of an import look. */
export const importStates: Record<Import['state'], Tone> = {
  open: 'idle', ready: 'wait', checking: 'live', checked: 'wait', running: 'live', done: 'good', cancelled: 'stop', failed: 'bad', undoing: 'live', undone: 'stop',
}

const busy: Import['state'][] = ['open', 'checking', 'running', 'undoing']

/** Whether something is being done to an import that will end by itself. */
export const isBusy = (i?: Import) => i !== undefined && busy.includes(i.state)

export const importsQuery = infiniteQueryOptions({
  queryKey: ['imports', 'list'],
  queryFn: ({ pageParam }) => ask(api.GET('/api/v1/imports', { params: { query: { cursor: pageParam || undefined } } })),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: (q) => (q.state.data?.pages.some((p) => p.items.some(isBusy)) ? 2000 : false),
})

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['imports', 'one', id],
    queryFn: () => ask(api.GET('/api/v1/imports/{import}', { params: { path: { import: id } } })),
    refetchInterval: (q) => (isBusy(q.state.data) ? 700 : false),
  })

export const problemsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['imports', 'problems', id],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/imports/{import}/problems', { params: { path: { import: id }, query: { cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })
