import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, ask, Refusal, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { enterByKey, enterBySession, expired, how } from './session'

/** Who is signed in, where they are at work, and what they may do there. */
export interface Self {
  name: string
  workspace?: Schemas['WorkspaceView']
  workspaces: { id: string; name: string }[]
  permissions: readonly string[]
  /** Code of what keeps them from working. */
  needs?: string
}

const ofUser = (me: Schemas['MeView']): Self => ({
  name: me.user.name || me.user.email, workspace: me.workspace, workspaces: me.workspaces, permissions: me.permissions, needs: me.needs,
})

export const selfQuery = queryOptions({
  queryKey: ['self'],
  queryFn: async (): Promise<Self> => {
    if (how() === 'session') return ofUser(await ask(api.GET('/api/v1/me')))
    const key = await ask(api.GET('/api/v1/whoami'))
    return { name: key.name, workspace: key.workspace, workspaces: [], permissions: widened(key.scopes) }
  },
  staleTime: 60_000,
})

const scopes = ['read', 'operate', 'manage', 'own']

/** The scopes of a key with the narrower ones that they include. */
export const widened = (of: readonly string[]) => scopes.slice(0, 1 + Math.max(...of.map((s) => scopes.indexOf(s))))

/** Whether who is signed in may do what needs a permission. The server refuses it anyhow: nothing that cannot be done is offered. */
export function useMay(permission: 'operate' | 'manage' | 'own'): boolean {
  return useQuery(selfQuery).data?.permissions.includes(permission) ?? false
}

/** Asks the server, once at the start, whether the browser brings a session. */
export async function recognise(): Promise<void> {
  if (how() !== undefined) return
  try {
    await ask(api.GET('/api/v1/me'))
    enterBySession()
  } catch {
    expired()
  }
}

/** How people sign in here. */
export const waysQuery = queryOptions({ queryKey: ['ways'], queryFn: () => ask(api.GET('/api/v1/sign-in')), staleTime: 300_000 })

/** Signs in by e-mail and password. */
export async function signIn(body: Schemas['Credentials']): Promise<void> {
  await ask(api.POST('/api/v1/session', { body }))
  enterBySession()
}

/** Asks for a link for a new password. Nobody is told whether there is somebody with the address. */
export const forget = (email: string) => ask(api.POST('/api/v1/session/forgotten', { body: { email } }))

/** Signs in by a key, once the server has said that it opens. */
export async function signInByKey(typed: string): Promise<void> {
  const response = await fetch('/api/v1/whoami', { headers: { Authorization: `Bearer ${typed.trim()}`, 'Accept-Language': document.documentElement.lang } })
  if (!response.ok) throw new Refusal(response.status, (await response.json().catch(() => undefined)) as Partial<Schemas['Problem']>)
  enterByKey(typed)
}

/** Signs out, on the server as well. */
export async function signOut(): Promise<void> {
  try {
    if (how() === 'session') await ask(api.DELETE('/api/v1/session'))
  } finally {
    expired()
  }
}

/** Goes to work in another workspace: at home there, for the page that is open shows something of the one that is left. */
export function useSwitch() {
  const queries = useQueryClient()
  const leave = useNavigate()
  return (workspace: string) =>
    void ask(api.PATCH('/api/v1/session', { body: { workspace } })).then(() => leave({ to: '/' }).then(() => queries.resetQueries()), refused)
}
