import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { api, ask, type Schemas } from '@/api/client'
import { about, refusedBut } from '@/app/form'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { linesQuery } from '@/channel/queries'
import { language, languages, useTranslation } from '@/locale/language'
import { Button, Choice, Facts, Group, Section, Select, SimpleGrid, Skeleton, Stack, Switch, Text, TextInput, toast, useConfirm } from '@/ui'
import { names } from './Account'
import { membersQuery, securityQuery, workspaceQuery } from './people'
import { selfQuery, useMay, waysQuery } from './queries'

type View = Schemas['WorkspaceView']

// Where phone numbers without a country code may belong: the Americas, and where else our languages are spoken.
const countries = 'AR BO BR CA CL CO CR CU DO EC ES GT HN MX NI PA PE PR PT PY SV US UY VE'.split(' ')

/** What the workspace is called, where it is at home, and what it wants of those who sign in. */
export function Workspace() {
  const workspace = useQuery(workspaceQuery)
  if (workspace.error) return <Trouble error={workspace.error} again={() => void workspace.refetch()} />
  if (!workspace.data) return <Skeleton height={420} aria-busy />
  return (
    <Stack gap="md">
      <Basics key={JSON.stringify(workspace.data)} workspace={workspace.data} />
      <Security />
      <Ways />
    </Stack>
  )
}

function Basics({ workspace: w }: { workspace: View }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const manages = useMay('manage')
  const [f, setF] = useState({ name: w.name, country: w.country, zone: w.zone, language: w.language })
  const set = (part: Partial<typeof f>) => setF((was) => ({ ...was, ...part }))
  const save = useMutation({
    mutationFn: () => ask(api.PATCH('/api/v1/workspace', { body: f })),
    onSuccess: () => toast.done(t('settings.saved')),
    onError: refusedBut('name', 'country', 'zone', 'language'),
    onSettled: () => Promise.all([workspaceQuery.queryKey, selfQuery.queryKey].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  const regions = new Intl.DisplayNames(language(), { type: 'region' })
  const tongues = new Intl.DisplayNames(language(), { type: 'language' })
  const own = (list: string[], mine: string) => (list.includes(mine) ? list : [mine, ...list])
  const changed = f.name !== w.name || f.country !== w.country || f.zone !== w.zone || f.language !== w.language
  return (
    <Section title={t('workspace.title')} about={manages ? undefined : t('settings.onlyManagers')}>
      <form onSubmit={submit}>
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label={t('account.name')} value={f.name} onChange={(e) => set({ name: e.currentTarget.value })} required disabled={!manages} error={about(save.error, 'name')} />
            <Select
              label={t('workspace.zone')} description={t('workspace.zoneAbout')} value={f.zone} onChange={(zone) => set({ zone: zone ?? w.zone })} searchable limit={60} disabled={!manages}
              data={own(Intl.supportedValuesOf('timeZone'), f.zone)} error={about(save.error, 'zone')}
            />
            <Select
              label={t('workspace.country')} description={t('workspace.countryAbout')} value={f.country} onChange={(country) => set({ country: country ?? w.country })} searchable disabled={!manages}
              data={own(countries, f.country).map((c) => ({ value: c, label: regions.of(c) ?? c })).toSorted((a, b) => a.label.localeCompare(b.label))} error={about(save.error, 'country')}
            />
            <Select
              label={t('workspace.language')} description={t('workspace.languageAbout')} value={f.language} onChange={(l) => set({ language: l ?? w.language })} disabled={!manages}
              data={own([...languages], f.language).map((l) => ({ value: l, label: names[l as 'en'] ?? tongues.of(l) ?? l }))} error={about(save.error, 'language')}
            />
          </SimpleGrid>
          {manages && (
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending} disabled={!changed}>
                {t('action.save')}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Section>
  )
}

function Security() {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const owns = useMay('own')
  const security = useQuery(securityQuery)
  const lines = useQuery(linesQuery)
  const members = useQuery({ ...membersQuery, enabled: owns })
  const save = useMutation({
    mutationFn: (body: Schemas['SecurityEdit']) => ask(api.PATCH('/api/v1/security', { body })),
    onSuccess: (now) => {
      queries.setQueryData(securityQuery.queryKey, now)
      toast.done(t('settings.saved'))
    },
    onError: refused,
    onSettled: () => Promise.all([securityQuery.queryKey, selfQuery.queryKey].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  })
  const demand = async (on: boolean) => {
    const without = members.data?.items.filter((m) => !m.second_factor).length ?? 0
    const mine = members.data?.items.some((m) => m.current && !m.second_factor)
    const consequence = on ? [t('security.demandAbout', { count: without }), mine && t('security.demandYou')].filter(Boolean).join(' ') : t('security.demandNot')
    if (await confirm({ title: t('security.factor'), consequence, yes: t(on ? 'security.demand' : 'security.free'), no: t('action.back'), grave: !on })) save.mutate({ second_factor: on })
  }
  const s = security.data
  const mail = lines.data?.items.filter((l) => l.kind === 'email') ?? []
  return (
    <Section title={t('security.title')} about={owns ? undefined : t('settings.onlyOwners')}>
      {security.error && <Trouble error={security.error} again={() => void security.refetch()} />}
      {security.isPending && <Skeleton height={100} aria-busy />}
      {s && (
        <>
          <Switch label={t('security.factor')} description={t('security.factorAbout')} checked={s.second_factor} onChange={(e) => void demand(e.currentTarget.checked)} disabled={!owns || save.isPending} />
          <Choice
            label={t('security.mail')} description={t('security.mailAbout')} none={t('security.noMail')} value={s.mail_line ?? ''} disabled={!owns || save.isPending} maw={480}
            options={mail.map((l) => ({ value: l.id, label: l.name }))} onChange={(line) => save.mutate({ mail_line: line ?? null })}
          />
        </>
      )}
    </Section>
  )
}

/** How people sign in here, which the operator of the program decides when it is started. */
function Ways() {
  const { t } = useTranslation()
  const ways = useQuery(waysQuery)
  if (!ways.data) return null
  return (
    <Section title={t('ways.title')} about={t('ways.about')}>
      <Facts
        of={[
          { name: t('ways.password'), value: t(ways.data.password ? 'ways.yes' : 'ways.no') },
          { name: t('ways.issuer'), value: ways.data.issuer?.name ?? t('ways.noIssuer') },
        ]}
      />
      {!ways.data.issuer && (
        <Text size="sm" c="dimmed">
          {t('ways.howIssuer')}
        </Text>
      )}
    </Section>
  )
}
