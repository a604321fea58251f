import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { firstPage, lazyRouteComponent } from './page'
import { Missing, Trouble } from './Trouble'
import { Shell } from './Shell'

const root = createRootRoute({ component: Shell, notFoundComponent: Missing, errorComponent: Trouble })

/** What contacts can share, in an address of ours. */
const shared = ['phone', 'email', 'document'] as const
type Shared = (typeof shared)[number]

const text = (v: unknown) => (typeof v === 'string' && v !== '' ? v : undefined)

const home = createRoute({ getParentRoute: () => root, path: '/', component: firstPage(() => import('@/home/Home'), 'Home') })

const campaigns = createRoute({
  getParentRoute: () => root,
  path: '/campaigns',
  validateSearch: (s: Record<string, unknown>): { search?: string; status?: string } => ({ search: text(s.search), status: text(s.status) }),
  component: firstPage(() => import('@/campaign/List'), 'List'),
})

const created = createRoute({
  getParentRoute: () => root,
  path: '/campaigns/new',
  validateSearch: (s: Record<string, unknown>): { draft?: string; step?: number; field?: string } => ({
    draft: text(s.draft), step: Number(s.step) || undefined, field: text(s.field),
  }),
  component: lazyRouteComponent(() => import('@/campaign/wizard/Wizard'), 'Wizard'),
})

const campaign = createRoute({
  getParentRoute: () => root,
  path: '/campaigns/$campaign',
  validateSearch: (s: Record<string, unknown>): { tab?: string; status?: string; search?: string; who?: number } => ({
    tab: text(s.tab), status: text(s.status), search: text(s.search), who: Number(s.who) || undefined,
  }),
  component: lazyRouteComponent(() => import('@/campaign/Campaign'), 'CampaignPage'),
})

const contacts = createRoute({
  getParentRoute: () => root,
  path: '/contacts',
  validateSearch: (s: Record<string, unknown>): { search?: string } => ({ search: text(s.search) }),
  component: lazyRouteComponent(() => import('@/audience/Contacts'), 'Contacts'),
})

const duplicates = createRoute({
  getParentRoute: () => root,
  path: '/contacts/duplicates',
  validateSearch: (s: Record<string, unknown>): { by?: Shared } => ({ by: shared.find((b) => b === s.by) }),
  component: lazyRouteComponent(() => import('@/audience/Duplicates'), 'Duplicates'),
})

const contact = createRoute({
  getParentRoute: () => root,
  path: '/contacts/$contact',
  component: lazyRouteComponent(() => import('@/audience/Contact'), 'ContactPage'),
})

const imports = createRoute({ getParentRoute: () => root, path: '/imports', component: lazyRouteComponent(() => import('@/intake/Imports'), 'Imports') })

const oneImport = createRoute({
  getParentRoute: () => root,
  path: '/imports/$import',
  component: lazyRouteComponent(() => import('@/intake/Import'), 'ImportPage'),
})

const audiences = createRoute({ getParentRoute: () => root, path: '/audiences', component: lazyRouteComponent(() => import('@/audience/Audiences'), 'Audiences') })

const audience = createRoute({
  getParentRoute: () => root,
  path: '/audiences/$audience',
  component: lazyRouteComponent(() => import('@/audience/Audience'), 'AudiencePage'),
})

const suppressions = createRoute({
  getParentRoute: () => root,
  path: '/suppressions',
  component: lazyRouteComponent(() => import('@/audience/Suppressions'), 'Suppressions'),
})

const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: lazyRouteComponent(() => import('./Settings'), 'Settings') })

const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/account', replace: true })
  },
})

const account = createRoute({ getParentRoute: () => settings, path: '/account', component: lazyRouteComponent(() => import('@/access/Account'), 'Account') })
const workspace = createRoute({ getParentRoute: () => settings, path: '/workspace', component: lazyRouteComponent(() => import('@/access/Workspace'), 'Workspace') })
const users = createRoute({ getParentRoute: () => settings, path: '/users', component: lazyRouteComponent(() => import('@/access/Users'), 'Users') })
const keys = createRoute({ getParentRoute: () => settings, path: '/keys', component: lazyRouteComponent(() => import('@/access/Keys'), 'Keys') })
const rules = createRoute({ getParentRoute: () => settings, path: '/rules', component: lazyRouteComponent(() => import('@/rules/Rules'), 'Rules') })
const retention = createRoute({ getParentRoute: () => settings, path: '/retention', component: lazyRouteComponent(() => import('@/person/Retention'), 'Retention') })
const audit = createRoute({
  getParentRoute: () => settings,
  path: '/audit',
  validateSearch: (s: Record<string, unknown>): { kind?: string; did?: string; actor?: string; from?: string; to?: string } => ({
    kind: text(s.kind), did: text(s.did), actor: text(s.actor), from: text(s.from), to: text(s.to),
  }),
  component: lazyRouteComponent(() => import('@/access/Audit'), 'Audit'),
})

const settingsTree = settings.addChildren([settingsHome, account, workspace, users, keys, rules, retention, audit])

const lines = createRoute({ getParentRoute: () => root, path: '/lines', component: lazyRouteComponent(() => import('@/channel/Lines'), 'Lines') })

const newLine = createRoute({
  getParentRoute: () => root,
  path: '/lines/new',
  validateSearch: (s: Record<string, unknown>): { kind: 'voice' | 'email' } => ({ kind: s.kind === 'email' ? 'email' : 'voice' }),
  component: lazyRouteComponent(() => import('@/channel/NewLine'), 'NewLine'),
})

const line = createRoute({ getParentRoute: () => root, path: '/lines/$line', component: lazyRouteComponent(() => import('@/channel/Line'), 'LinePage') })

const agents = createRoute({ getParentRoute: () => root, path: '/agents', component: lazyRouteComponent(() => import('@/agent/Agents'), 'Agents') })

const agent = createRoute({ getParentRoute: () => root, path: '/agents/$agent', component: lazyRouteComponent(() => import('@/agent/Agent'), 'AgentPage') })

const templates = createRoute({ getParentRoute: () => root, path: '/templates', component: lazyRouteComponent(() => import('@/agent/Templates'), 'Templates') })

const newTemplate = createRoute({ getParentRoute: () => root, path: '/templates/new', component: lazyRouteComponent(() => import('@/agent/Template'), 'NewTemplate') })

const template = createRoute({ getParentRoute: () => root, path: '/templates/$template', component: lazyRouteComponent(() => import('@/agent/Template'), 'TemplatePage') })

const sandbox = createRoute({
  getParentRoute: () => root,
  path: '/sandbox',
  validateSearch: (s: Record<string, unknown>): { tab?: string } => ({ tab: text(s.tab) }),
  component: lazyRouteComponent(() => import('@/sandbox/Sandbox'), 'Sandbox'),
})

const things = [lines, newLine, line, agents, agent, templates, newTemplate, template, sandbox]

export const routes = [...things, campaigns, created, campaign, contacts, duplicates, contact, imports, oneImport, audiences, audience, suppressions, settingsTree]

export const router = createRouter({ routeTree: root.addChildren([home, ...routes]), defaultPreload: 'intent', scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
