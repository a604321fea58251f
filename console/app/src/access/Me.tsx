import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { ActionIcon, IconCheck, IconLogout, IconUser, Menu } from '@/ui'
import { selfQuery, signOut, useSwitch } from './queries'

/** Who is signed in, where else they can work, and the way out. */
export function Me() {
  const { t } = useTranslation()
  const { data: self } = useQuery(selfQuery)
  const go = useSwitch()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('shell.me')}>
          <IconUser size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{self?.name}</Menu.Label>
        {(self?.workspaces.length ?? 0) > 1 &&
          self?.workspaces.map((w) => (
            <Menu.Item key={w.id} onClick={() => go(w.id)} rightSection={w.id === self.workspace?.id ? <IconCheck size={16} /> : undefined}>
              {w.name}
            </Menu.Item>
          ))}
        <Menu.Item component={Link} to="/settings/account" leftSection={<IconUser size={16} />}>
          {t('shell.me')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t('shell.leave')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
