import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, type FormEvent } from 'react'
import { Refusal } from '@/api/client'
import { Brand } from '@/app/Brand'
import { Preferences } from '@/app/Preferences'
import { refused } from '@/app/refused'
import { useTranslation } from '@/locale/language'
import { Alert, Button, Code, Group, PasswordInput, Stack, Text, TextInput, Title, UnstyledButton } from '@/ui'
import { forget, signIn, signInByKey, waysQuery } from './queries'

/** The page of who is not signed in. */
export default function SignIn() {
  const { t } = useTranslation()
  const [byKey, setByKey] = useState(false)
  const ways = useQuery(waysQuery)
  const title = t('signIn.title')
  useEffect(() => {
    document.title = `${title} · Campanário`
  }, [title])
  return (
    <div className="door">
      <Group justify="flex-end" component="header">
        <Preferences />
      </Group>
      <main>
        <Stack gap="lg">
          <Brand large />
          <div className="card">
            <Stack p="lg">
              <Title order={1}>{title}</Title>
              {byKey ? <ByKey /> : <ByPassword />}
              {!byKey && ways.data?.issuer && (
                <Button component="a" href={ways.data.issuer.url} variant="default">
                  {ways.data.issuer.name}
                </Button>
              )}
              <UnstyledButton className="as-link" fz="sm" onClick={() => setByKey(!byKey)}>
                {t(byKey ? 'signIn.byPassword' : 'signIn.byKey')}
              </UnstyledButton>
            </Stack>
          </div>
          {byKey && (
            <Text size="sm" c="dimmed">
              {t('signIn.lost')} <Code>campanario rescue-key</Code>
            </Text>
          )}
        </Stack>
      </main>
      <div />
    </div>
  )
}

/** Runs an attempt to sign in, and keeps why it failed. */
function useAttempt(attempt: () => Promise<void>) {
  const { t } = useTranslation()
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState<{ code?: string; text: string }>()
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setBusy(true)
    try {
      await attempt()
    } catch (error) {
      setWrong(error instanceof Refusal ? { code: error.code, text: error.message } : { text: t('trouble.awayAbout') })
      setBusy(false)
    }
  }
  return { busy, wrong, submit }
}

function ByPassword() {
  const { t } = useTranslation()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [sent, setSent] = useState(false)
  const { busy, wrong, submit } = useAttempt(() => signIn({ email: email.trim(), password, ...(code.trim() ? { code: code.trim() } : {}) }))
  const factor = wrong?.code === 'second_factor_missing'
  return (
    <form onSubmit={submit}>
      <Stack>
        {wrong && (
          <Alert color={factor ? 'brand' : 'red'} variant="light" role="alert">
            {wrong.text}
          </Alert>
        )}
        <TextInput label={t('signIn.email')} type="email" autoComplete="username" value={email} onChange={(e) => setEmail(e.currentTarget.value)} required />
        <PasswordInput
          label={t('signIn.password')} autoComplete="current-password" value={password} onChange={(e) => setPassword(e.currentTarget.value)} required
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
        />
        {(factor || code) && <TextInput label={t('signIn.code')} description={t('signIn.codeAbout')} autoComplete="one-time-code" value={code} onChange={(e) => setCode(e.currentTarget.value)} required />}
        <Button type="submit" loading={busy} disabled={!email.trim() || !password}>
          {t('signIn.enter')}
        </Button>
        {sent ? (
          <Text size="sm" role="status">
            {t('signIn.sent')}
          </Text>
        ) : (
          <UnstyledButton className="as-link" fz="sm" type="button" disabled={!email.trim()} onClick={() => void forget(email.trim()).then(() => setSent(true), refused)}>
            {t('signIn.forgotten')}
          </UnstyledButton>
        )}
      </Stack>
    </form>
  )
}

function ByKey() {
  const { t } = useTranslation()
  const [key, setKey] = useState('')
  const { busy, wrong, submit } = useAttempt(() => signInByKey(key))
  return (
    <form onSubmit={submit}>
      <Stack>
        {wrong && (
          <Alert color="red" variant="light" role="alert">
            {wrong.text}
          </Alert>
        )}
        <PasswordInput
          label={t('signIn.key')} description={t('signIn.keyAbout')} placeholder="cmp_…" value={key} onChange={(e) => setKey(e.currentTarget.value)} required autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
        />
        <Button type="submit" loading={busy} disabled={!key.trim()}>
          {t('signIn.enter')}
        </Button>
      </Stack>
    </form>
  )
}
