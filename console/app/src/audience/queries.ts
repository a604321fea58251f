import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/api/client'

export type Contact = Schemas['ContactView']
export type Audience = Schemas['AudienceView']
export type Filter = Schemas['Filter']
export type Group = Schemas['GroupView']
export type Shared = Group['by']

/** What contacts can be found by to share. */
export const shared: Shared[] = ['phone', 'email', 'document']

/** What somebody is called who may have no name. */
export const nameOf = (c: Contact) => c.name || c.phone || c.email || c.external_id || c.id

export const contactsQuery = (search?: string) =>
  infiniteQueryOptions({
    queryKey: ['contacts', 'list', search],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/contacts', { params: { query: { cursor: pageParam || undefined, search } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })

export const contactQuery = (contact: string) =>
  queryOptions({
    queryKey: ['contacts', 'one', contact],
    queryFn: () => ask(api.GET('/api/v1/contacts/{contact}', { params: { path: { contact } } })),
  })

export const consentsQuery = (contact: string) =>
  queryOptions({
    queryKey: ['contacts', 'consents', contact],
    queryFn: () => ask(api.GET('/api/v1/contacts/{contact}/consents', { params: { path: { contact } } })),
  })

/** Everything that happened with somebody, the latest first. */
export const historyQuery = (contact: string) =>
  infiniteQueryOptions({
    queryKey: ['contacts', 'timeline', contact],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/contacts/{contact}/timeline', { params: { path: { contact }, query: { cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })

export const duplicatesQuery = (contact: string) =>
  queryOptions({
    queryKey: ['contacts', 'duplicates', contact],
    queryFn: () => ask(api.GET('/api/v1/contacts/{contact}/duplicates', { params: { path: { contact } } })),
  })

export const groupsQuery = (by: Shared) =>
  infiniteQueryOptions({
    queryKey: ['contacts', 'groups', by],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/contacts/duplicates', { params: { query: { by, cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })

/** What would be made of a contact and others. */
export const mergePreviewQuery = (contact: string, others: string[]) =>
  queryOptions({
    queryKey: ['contacts', 'merge', contact, others],
    queryFn: () => ask(api.POST('/api/v1/contacts/{contact}/merge/preview', { params: { path: { contact } }, body: { others } })),
  })

/** The saved lists; more than 200 are found by searching. */
export const audiencesQuery = queryOptions({
  queryKey: ['audiences'],
  queryFn: () => ask(api.GET('/api/v1/audiences', { params: { query: { limit: 200 } } })),
})

export const audienceQuery = (audience: string) =>
  queryOptions({
    queryKey: ['audiences', audience],
    queryFn: () => ask(api.GET('/api/v1/audiences/{audience}', { params: { path: { audience } } })),
  })

export const previewQuery = (audience: string) =>
  queryOptions({
    queryKey: ['audiences', audience, 'preview'],
    queryFn: () => ask(api.GET('/api/v1/audiences/{audience}/preview', { params: { path: { audience } } })),
  })

/** How many contacts a filter fits, and some of them. */
export const filterQuery = (filter: Filter) =>
  queryOptions({
    queryKey: ['contacts', 'preview', filter],
    queryFn: () => ask(api.POST('/api/v1/contacts/preview', { body: filter })),
    placeholderData: (before: Schemas['PreviewView'] | undefined) => before,
  })

export const valuesQuery = (field: string, search: string) =>
  queryOptions({
    queryKey: ['contacts', 'values', field, search],
    queryFn: () => ask(api.GET('/api/v1/contacts/values', { params: { query: { field, search: search || undefined } } })),
    staleTime: 30_000,
  })

export const fieldsQuery = queryOptions({
  queryKey: ['contacts', 'fields'],
  queryFn: () => ask(api.GET('/api/v1/contacts/fields')),
  staleTime: 60_000,
})

export const suppressionsQuery = (address?: string) =>
  infiniteQueryOptions({
    queryKey: ['suppressions', 'list', address],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/suppressions', { params: { query: { cursor: pageParam || undefined, address } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })

export const registriesQuery = queryOptions({
  queryKey: ['suppressions', 'registries'],
  queryFn: () => ask(api.GET('/api/v1/registries')),
})
