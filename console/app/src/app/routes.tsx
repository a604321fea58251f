import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { firstPage, lazyRouteComponent } from './page'
import { Missing, Trouble } from './Trouble'
import { Shell } from './Shell'

const root = createRootRoute({ component: Shell, notFoundComponent: Missing, errorComponent: Trouble })

/** What contacts can share, in an address of ours. */
const shared = ['phone', 'email', 'document'] as const
type Shared = (typeof shared)[number]

const text = (v: unknown) => (typeof v === 'string' && v !== '' ? v : undefined)

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/campaigns' })
  },
})

const campaigns = createRoute({
  getParentRoute: () => root,
  path: '/campaigns',
  validateSearch: (s: Record<string, unknown>): { search?: string; status?: string } => ({ search: text(s.search), status: text(s.status) }),
  component: firstPage(() => import('@/campaign/List'), 'List'),
})

const created = createRoute({
  getParentRoute: () => root,
  path: '/campaigns/new',
  validateSearch: (s: Record<string, unknown>): { draft?: string; step?: number } => ({ draft: text(s.draft), step: Number(s.step) || undefined }),
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

export const routes = [campaigns, created, campaign, contacts, duplicates, contact, imports, oneImport, audiences, audience, suppressions]

export const router = createRouter({ routeTree: root.addChildren([home, ...routes]), defaultPreload: 'intent', scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
