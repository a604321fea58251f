import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, ask } from '@/api/client'
import { language } from '@/locale/language'

/** What the sandbox does, in the language that is spoken. */
export const sandboxQuery = queryOptions({
  queryKey: ['sandbox', language()],
  queryFn: () => ask(api.GET('/api/v1/sandbox')),
  staleTime: 60_000,
})

export const messagesQuery = (search?: string) =>
  infiniteQueryOptions({
    queryKey: ['sandbox', 'messages', search],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/sandbox/messages', { params: { query: { limit: 30, cursor: pageParam || undefined, search } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 5000,
  })

export const messageQuery = (message: string) =>
  queryOptions({
    queryKey: ['sandbox', 'message', message],
    queryFn: () => ask(api.GET('/api/v1/sandbox/messages/{message}', { params: { path: { message } } })),
    staleTime: Number.POSITIVE_INFINITY,
  })
