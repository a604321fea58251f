import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { Refusal } from '@/api/client'
import { Preferences } from '@/app/Preferences'
import { Alert, Button, Code, Group, PasswordInput, Stack, Text, Title } from '@/ui'
import { Brand } from '@/app/Brand'
import { enter } from './session'

/** The page of who is not signed in. */
export default function SignIn() {
  const { t } = useTranslation()
  const [key, setKey] = useState('')
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState<string>()
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setBusy(true)
    setWrong(undefined)
    try {
      await probe(key.trim())
      enter(key)
    } catch (error) {
      setWrong(error instanceof Refusal ? error.message : t('trouble.awayAbout'))
    } finally {
      setBusy(false)
    }
  }
  document.title = `${t('signIn.title')} · Campanário`
  return (
    <Stack mih="100dvh" justify="space-between" p="md">
      <Group justify="flex-end">
        <Preferences />
      </Group>
      <main style={{ width: '100%', maxWidth: 400, margin: '0 auto' }}>
        <Stack gap="lg">
          <Brand large />
          <form onSubmit={submit} className="card">
            <Stack p="lg">
              <Title order={1}>{t('signIn.title')}</Title>
              {wrong && (
                <Alert color="red" variant="light" role="alert">
                  {wrong}
                </Alert>
              )}
              <PasswordInput
                label={t('signIn.key')}
                description={t('signIn.keyAbout')}
                placeholder="cmp_…"
                value={key}
                onChange={(e) => setKey(e.currentTarget.value)}
                required
                autoComplete="off"
                data-autofocus
                visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
              />
              <Button type="submit" loading={busy} disabled={!key.trim()}>
                {t('signIn.enter')}
              </Button>
            </Stack>
          </form>
          <Text size="sm" c="dimmed">
            {t('signIn.lost')} <Code>campanario rescue-key</Code>
          </Text>
        </Stack>
      </main>
      <div />
    </Stack>
  )
}

/** Asks whether a key opens before it is taken. */
async function probe(key: string) {
  const response = await fetch('/api/v1/whoami', { headers: { Authorization: `Bearer ${key}`, 'Accept-Language': document.documentElement.lang } })
  if (!response.ok) throw new Refusal(response.status, (await response.json().catch(() => undefined)) as { detail?: string })
}
