import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { selfQuery } from '@/access/queries'
import { useTranslation, type Key } from '@/locale/language'
import { Page, Sections } from '@/ui'

const sections = [
  { to: '/settings/account', name: 'settings.account' },
  { to: '/settings/workspace', name: 'settings.workspace', needs: 'read' },
  { to: '/settings/users', name: 'settings.users', needs: 'manage' },
  { to: '/settings/keys', name: 'settings.keys', needs: 'manage' },
  { to: '/settings/rules', name: 'settings.rules', needs: 'read' },
  { to: '/settings/retention', name: 'settings.retention', needs: 'read' },
  { to: '/settings/audit', name: 'settings.audit', needs: 'manage' },
] as const satisfies { to: string; name: Key; needs?: string }[]

/** What is around the pages of settings: links to those that somebody may see. */
export function Settings() {
  const { t } = useTranslation()
  const { pathname } = useLocation()
  const self = useQuery(selfQuery)
  const shown = sections.filter((s) => !('needs' in s) || self.data?.permissions.includes(s.needs))
  const here = sections.find((s) => s.to === pathname)
  return (
    <Page title={here ? `${t(here.name)} · ${t('shell.settings')}` : t('shell.settings')} heading={t('shell.settings')}>
      <Sections
        label={t('shell.settings')}
        links={shown.map((s) => (
          <Link key={s.to} to={s.to} aria-current={s.to === pathname ? 'page' : undefined}>
            {t(s.name)}
          </Link>
        ))}
      >
        <Outlet />
      </Sections>
    </Page>
  )
}
