import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, ask } from '@/api/client'
import type { Draft } from './script'

/** The agents of the workspace; more than 200 are found by searching. */
export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: () => ask(api.GET('/api/v1/agents', { params: { query: { limit: 200 } } })),
  staleTime: 30_000,
})

export const agentQuery = (agent: string) =>
  queryOptions({ queryKey: ['agents', 'one', agent], queryFn: () => ask(api.GET('/api/v1/agents/{agent}', { params: { path: { agent } } })) })

export const versionsQuery = (agent: string) =>
  infiniteQueryOptions({
    queryKey: ['agents', 'versions', agent],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/agents/{agent}/versions', { params: { path: { agent }, query: { limit: 20, cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })

export const versionQuery = (agent: string, version: number) =>
  queryOptions({
    queryKey: ['agents', 'version', agent, version],
    queryFn: () => ask(api.GET('/api/v1/agents/{agent}/versions/{version}', { params: { path: { agent, version } } })),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** How a conversation with a draft goes; what is wrong with the draft is its refusal. */
export const rehearsalQuery = (draft: Draft, answers: string[], variables: Record<string, string>) =>
  queryOptions({
    queryKey: ['agents', 'rehearsal', draft, answers, variables],
    queryFn: () => ask(api.POST('/api/v1/agents/rehearse', { body: { agent: draft, answers, variables } })),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (was) => was,
    gcTime: 60_000,
  })

/** A call that tries an agent out, asked for until it has ended. */
export const testCallQuery = (agent: string, call: string) =>
  queryOptions({
    queryKey: ['agents', 'call', agent, call],
    queryFn: () => ask(api.GET('/api/v1/agents/{agent}/test-calls/{call}', { params: { path: { agent, call } } })),
    refetchInterval: (q) => (q.state.data?.ended || q.state.error ? false : 700),
  })

/** The messages that campaigns begin with. */
export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: () => ask(api.GET('/api/v1/templates', { params: { query: { limit: 200 } } })),
  staleTime: 30_000,
})

export const templateQuery = (template: string) =>
  queryOptions({ queryKey: ['templates', 'one', template], queryFn: () => ask(api.GET('/api/v1/templates/{template}', { params: { path: { template } } })) })
