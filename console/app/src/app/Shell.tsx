import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, type ReactNode } from 'react'
import { useTranslation } from '@/locale/language'
import { leave } from '@/access/session'
import { useWhoami } from '@/access/whoami'
import { reached, useAway } from '@/api/connection'
import {
  ActionIcon, Alert, Frame, IconAddressBook, IconBan, IconFileImport, IconLogout, IconSpeakerphone, IconUsersGroup, IconWifiOff, Text, Toasts, useDisclosure,
} from '@/ui'
import { Brand } from './Brand'
import { Preferences } from './Preferences'

/** What is around every page. */
export function Shell() {
  const { t } = useTranslation()
  const [open, menu] = useDisclosure()
  const who = useWhoami()
  const { pathname } = useLocation()
  const close = menu.close
  useEffect(() => close(), [pathname, close])
  return (
    <Frame
      words={{ skip: t('shell.skip'), menu: t('shell.menu') }} open={open} onToggle={menu.toggle}
      brand={
        <>
          <Brand />
          <Text c="dimmed" size="sm" className="clip">
            {who.data?.workspace.name}
          </Text>
        </>
      }
      tools={
        <>
          <Preferences />
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('shell.leave')} title={t('shell.leave')} onClick={leave}>
            <IconLogout size={20} />
          </ActionIcon>
        </>
      }
      menu={
        <>
          <Place to="/campaigns" icon={<IconSpeakerphone size={19} stroke={1.7} />} name={t('shell.campaigns')} />
          <Place to="/contacts" icon={<IconAddressBook size={19} stroke={1.7} />} name={t('shell.contacts')} />
          <Place to="/imports" icon={<IconFileImport size={19} stroke={1.7} />} name={t('shell.imports')} />
          <Place to="/audiences" icon={<IconUsersGroup size={19} stroke={1.7} />} name={t('shell.audiences')} />
          <Place to="/suppressions" icon={<IconBan size={19} stroke={1.7} />} name={t('shell.suppressions')} />
        </>
      }
    >
      <Away />
      <Outlet />
      <Toasts close={t('action.close')} />
    </Frame>
  )
}

type Section = '/campaigns' | '/contacts' | '/imports' | '/audiences' | '/suppressions'

function Place({ to, icon, name }: { to: Section; icon: ReactNode; name: string }) {
  const { pathname } = useLocation()
  const here = pathname === to || pathname.startsWith(`${to}/`)
  return (
    <Link to={to} aria-current={here ? 'page' : undefined}>
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
