import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from '@/locale/language'
import { Me } from '@/access/Me'
import { selfQuery } from '@/access/queries'
import { reached, useAway } from '@/api/connection'
import {
  Alert, Frame, IconAddressBook, IconAlertTriangle, IconBan, IconFileImport, IconHome, IconMessageChatbot, IconPhone, IconSettings, IconSpeakerphone, IconTemplate, IconUsersGroup, IconWifiOff, Text, Toasts, useDisclosure,
} from '@/ui'
import { Brand } from './Brand'
import { Preferences } from './Preferences'

/** What is around every page. */
export function Shell() {
  const { t } = useTranslation()
  const [open, menu] = useDisclosure()
  const self = useQuery(selfQuery)
  return (
    <Frame
      words={{ skip: t('shell.skip'), menu: t('shell.menu') }} open={open} onToggle={menu.toggle}
      brand={
        <>
          <Brand />
          <Text c="dimmed" size="sm" className="clip" visibleFrom="sm">
            {self.data?.workspace?.name}
          </Text>
        </>
      }
      tools={
        <>
          <Preferences />
          <Me />
        </>
      }
      menu={
        <>
          <Text size="sm" fw={600} hiddenFrom="sm" px="sm" pb="sm">
            {self.data?.workspace?.name}
          </Text>
          <Place to="/" onGo={menu.close} icon={<IconHome size={19} stroke={1.7} />} name={t('shell.home')} />
          <Place to="/campaigns" onGo={menu.close} icon={<IconSpeakerphone size={19} stroke={1.7} />} name={t('shell.campaigns')} />
          <Place to="/contacts" onGo={menu.close} icon={<IconAddressBook size={19} stroke={1.7} />} name={t('shell.contacts')} />
          <Place to="/imports" onGo={menu.close} icon={<IconFileImport size={19} stroke={1.7} />} name={t('shell.imports')} />
          <Place to="/audiences" onGo={menu.close} icon={<IconUsersGroup size={19} stroke={1.7} />} name={t('shell.audiences')} />
          <Place to="/suppressions" onGo={menu.close} icon={<IconBan size={19} stroke={1.7} />} name={t('shell.suppressions')} />
          <Place to="/agents" onGo={menu.close} icon={<IconMessageChatbot size={19} stroke={1.7} />} name={t('shell.agents')} />
          <Place to="/templates" onGo={menu.close} icon={<IconTemplate size={19} stroke={1.7} />} name={t('shell.templates')} />
          <Place to="/lines" onGo={menu.close} icon={<IconPhone size={19} stroke={1.7} />} name={t('shell.lines')} />
          <Place to="/settings" onGo={menu.close} icon={<IconSettings size={19} stroke={1.7} />} name={t('shell.settings')} />
        </>
      }
    >
      <Away />
      {self.data?.needs && (
        <Alert color="orange" variant="light" icon={<IconAlertTriangle />} mb="md">
          {t(self.data.needs === 'second_factor_needed' ? 'shell.needsFactor' : 'shell.needsWorkspace')}{' '}
          {self.data.needs === 'second_factor_needed' && <Link to="/settings/account" className="as-link">{t('shell.me')}</Link>}
        </Alert>
      )}
      <Outlet />
      <Toasts close={t('action.close')} />
    </Frame>
  )
}

type Section = '/' | '/campaigns' | '/contacts' | '/imports' | '/audiences' | '/suppressions' | '/agents' | '/templates' | '/lines' | '/settings'

function Place({ to, icon, name, onGo }: { to: Section; icon: ReactNode; name: string; onGo: () => void }) {
  const { pathname } = useLocation()
  const here = pathname === to || (to !== '/' && pathname.startsWith(`${to}/`))
  return (
    <Link to={to} onClick={onGo} aria-current={here ? 'page' : undefined}>
      {icon}
      {name}
    </Link>
  )
}

/** Says that the server is away, asks for it again and again, and brings the page up to date when it is back. */
function Away() {
  const { t } = useTranslation()
  const away = useAway()
  const queries = useQueryClient()
  useQuery({
    queryKey: ['pulse'],
    queryFn: async () => {
      const answer = await fetch('/healthz')
      if (answer.ok) {
        reached()
        void queries.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'pulse' })
      }
      return answer.ok
    },
    enabled: away,
    refetchInterval: 3000,
    retry: false,
    gcTime: 0,
    networkMode: 'always',
  })
  if (!away) return null
  return (
    <Alert color="yellow" variant="light" icon={<IconWifiOff />} title={t('trouble.away')} mb="md" role="status">
      {t('trouble.reconnecting')}
    </Alert>
  )
}
