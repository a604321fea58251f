import { language, languages, speak, useTranslation } from '@/locale/language'
import { ActionIcon, Group, IconCheck, IconLanguage, IconMoon, IconSun, IconSunMoon, Menu, useScheme } from '@/ui'

const own = { 'pt-BR': 'Português (Brasil)', es: 'Español', en: 'English' }

/** The language, and light or dark. */
export function Preferences() {
  const { t } = useTranslation()
  const { colorScheme, setColorScheme } = useScheme()
  const schemes = [
    { name: 'auto', icon: <IconSunMoon size={16} />, text: t('preferences.auto') },
    { name: 'light', icon: <IconSun size={16} />, text: t('preferences.light') },
    { name: 'dark', icon: <IconMoon size={16} />, text: t('preferences.dark') },
  ] as const
  return (
    <Group gap={4} wrap="nowrap">
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('preferences.language')}>
            <IconLanguage size={20} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {languages.map((l) => (
            <Menu.Item key={l} lang={l} onClick={() => void speak(l)} rightSection={l === language() ? <IconCheck size={16} /> : undefined}>
              {own[l]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('preferences.theme')}>
            {schemes.find((s) => s.name === colorScheme)?.icon}
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {schemes.map((s) => (
            <Menu.Item key={s.name} leftSection={s.icon} onClick={() => setColorScheme(s.name)} rightSection={s.name === colorScheme ? <IconCheck size={16} /> : undefined}>
              {s.text}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}
