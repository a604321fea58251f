import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { api, ask, type Schemas } from '@/api/client'
import { about, refusedBut } from '@/app/form'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { listed } from '@/locale/format'
import { languages, speak, useTranslation, type Language } from '@/locale/language'
import { Button, Empty, Group, IconUser, PasswordInput, Section, Select, SimpleGrid, Skeleton, Stack, Status, Text, TextInput, toast, useConfirm } from '@/ui'
import { Factor } from './Factor'
import { meQuery, ownSessionsQuery, type Session } from './people'
import { selfQuery, useSwitch } from './queries'
import { how } from './session'
import { SessionTable } from './Sessions'

type Me = Schemas['MeView']

export const names: Record<Language, string> = { 'pt-BR': 'Português (Brasil)', es: 'Español', en: 'English' }

/** One's own name, password, second factor and sessions. */
export function Account() {
  return how() === 'session' ? <Person /> : <ByKey />
}

/** In place of the account of who came in by a key, which has none. */
function ByKey() {
  const { t } = useTranslation()
  const self = useQuery(selfQuery)
  const may = self.data?.permissions.map((p) => t(`scope.${p as 'read'}.name`)) ?? []
  return (
    <Empty icon={<IconUser size={36} stroke={1.5} />} title={t('account.byKey')}>
      {t('account.byKeyAbout', { name: self.data?.name ?? '', scopes: listed(may) })}
    </Empty>
  )
}

function Person() {
  const me = useQuery(meQuery)
  if (me.error) return <Trouble error={me.error} again={() => void me.refetch()} />
  if (!me.data) return <Skeleton height={420} aria-busy />
  return (
    <Stack gap="md">
      <Profile me={me.data} />
      <Factor me={me.data} />
      <Password />
      <Sessions />
      <Workspaces me={me.data} />
    </Stack>
  )
}

function Profile({ me }: { me: Me }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [name, setName] = useState(me.user.name)
  const [language, setLanguage] = useState(me.user.language ?? '')
  const save = useMutation({
    mutationFn: () => ask(api.PATCH('/api/v1/me', { body: { name, language: language || null } })),
    onSuccess: async (now) => {
      queries.setQueryData(meQuery.queryKey, now)
      void queries.invalidateQueries({ queryKey: selfQuery.queryKey })
      const chosen = languages.find((l) => l === language)
      if (chosen) await speak(chosen)
      toast.done(t('settings.saved'))
    },
    onError: refusedBut('name', 'language'),
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  return (
    <Section title={t('account.profile')}>
      <form onSubmit={submit}>
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label={t('account.name')} autoComplete="name" value={name} onChange={(e) => setName(e.currentTarget.value)} error={about(save.error, 'name')} />
            <TextInput label={t('signIn.email')} value={me.user.email} readOnly description={t('account.emailAbout')} />
            <Select
              label={t('preferences.language')} value={language} allowDeselect={false} onChange={(v) => setLanguage(v ?? '')} error={about(save.error, 'language')}
              data={[{ value: '', label: t('account.browserLanguage') }, ...languages.map((l) => ({ value: l, label: names[l] }))]}
            />
          </SimpleGrid>
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending} disabled={name === me.user.name && language === (me.user.language ?? '')}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}

/** Where one works, when that is in several places. */
function Workspaces({ me }: { me: Me }) {
  const { t } = useTranslation()
  const go = useSwitch()
  if (me.workspaces.length < 2) return null
  return (
    <Section title={t('account.workspaces')} about={t('account.workspacesAbout')}>
      <ul className="plain">
        {me.workspaces.map((w) => (
          <li key={w.id} className="rule">
            <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
              <Text fw={600} size="sm" className="wrap">
                {w.name}
              </Text>
              <Text size="sm" c="dimmed">
                {t(`role.${w.role}.name`)}
              </Text>
            </Stack>
            {w.id === me.workspace?.id ? (
              <Status tone="good">{t('account.here')}</Status>
            ) : (
              <Button variant="default" size="xs" aria-label={`${t('account.go')}: ${w.name}`} onClick={() => go(w.id)}>
                {t('account.go')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Password() {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const save = useMutation({
    mutationFn: () => ask(api.PUT('/api/v1/me/password', { body: { current, password } })),
    onSuccess: () => {
      setCurrent('')
      setPassword('')
      toast.done(t('account.passwordChanged'))
      void queries.invalidateQueries({ queryKey: ownSessionsQuery.queryKey })
    },
    onError: refusedBut('password', 'password_wrong'),
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  const show = { 'aria-label': t('signIn.show') }
  return (
    <Section title={t('account.password')} about={t('account.passwordAbout')}>
      <form onSubmit={submit}>
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <PasswordInput
              label={t('account.currentPassword')} autoComplete="current-password" value={current} onChange={(e) => setCurrent(e.currentTarget.value)} required
              error={about(save.error, 'current', 'password_wrong')} visibilityToggleButtonProps={show}
            />
            <PasswordInput
              label={t('account.newPassword')} autoComplete="new-password" value={password} onChange={(e) => setPassword(e.currentTarget.value)} required
              error={about(save.error, 'password')} visibilityToggleButtonProps={show}
            />
          </SimpleGrid>
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending} disabled={!current || !password}>
              {t('account.changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}

function Sessions() {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const list = useQuery(ownSessionsQuery)
  const end = useMutation({
    mutationFn: (s?: Session) => ask(s ? api.DELETE('/api/v1/me/sessions/{session}', { params: { path: { session: s.id } } }) : api.DELETE('/api/v1/me/sessions')),
    onSuccess: (_, s) => toast.done(t(s ? 'sessions.ended' : 'sessions.othersEnded')),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ownSessionsQuery.queryKey }),
  })
  const others = (list.data?.items.length ?? 1) - 1
  const endOthers = async () => {
    const sure = await confirm({ title: t('sessions.endOthers'), consequence: t('sessions.endOthersAbout', { count: others }), yes: t('sessions.endOthers'), no: t('action.back'), grave: true })
    if (sure) end.mutate(undefined)
  }
  return (
    <Section
      title={t('sessions.title')} about={t('sessions.about')}
      actions={others > 0 && (
        <Button variant="default" onClick={() => void endOthers()} loading={end.isPending}>
          {t('sessions.endOthers')}
        </Button>
      )}
    >
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={80} aria-busy />}
      {list.data && <SessionTable sessions={list.data.items} onEnd={(s) => end.mutate(s)} />}
    </Section>
  )
}
