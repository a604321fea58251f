import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/api/client'

export type Member = Schemas['MemberView']
export type Session = Schemas['SessionView']
export type Invitation = Schemas['InvitationView']
export type Key = Schemas['KeyView']
export type Role = Member['role']
export type Scope = Key['scopes'][number]

/** The roles, the widest first. */
export const roles: Role[] = ['owner', 'manager', 'operator', 'viewer']

/** The scopes of keys, the narrowest first. */
export const scopes: Scope[] = ['read', 'operate', 'manage', 'own']

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: () => ask(api.GET('/api/v1/me')) })

export const ownSessionsQuery = queryOptions({ queryKey: ['me', 'sessions'], queryFn: () => ask(api.GET('/api/v1/me/sessions')) })

export const membersQuery = queryOptions({ queryKey: ['users'], queryFn: () => ask(api.GET('/api/v1/users')) })

export const invitationsQuery = queryOptions({ queryKey: ['invitations'], queryFn: () => ask(api.GET('/api/v1/invitations')) })

export const memberSessionsQuery = (user: string) =>
  queryOptions({ queryKey: ['users', user, 'sessions'], queryFn: () => ask(api.GET('/api/v1/users/{user}/sessions', { params: { path: { user } } })) })

export const keysQuery = queryOptions({ queryKey: ['keys'], queryFn: () => ask(api.GET('/api/v1/keys')) })

export const workspaceQuery = queryOptions({ queryKey: ['workspace'], queryFn: () => ask(api.GET('/api/v1/workspace')) })

export const securityQuery = queryOptions({ queryKey: ['security'], queryFn: () => ask(api.GET('/api/v1/security')) })

export interface AuditFilter {
  subject_kind?: string
  actor?: string
  operation?: string
  from?: string
  to?: string
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/audit', { params: { query: { ...filter, cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })
