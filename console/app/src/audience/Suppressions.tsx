import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { api, ask, type Schemas } from '@/api/client'
import { More } from '@/app/More'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { moment, number } from '@/locale/format'
import { readable } from '@/locale/phone'
import {
  ActionIcon, Alert, Box, Button, Empty, Foot, IconBan, IconPlus, IconSearch, IconTrash, Dialog, Page, Select, Skeleton, Stack, Status, Table, Textarea, TextInput, Title, toast, useConfirm,
  useDebouncedValue, useDisclosure, type Column,
} from '@/ui'
import { registriesQuery, suppressionsQuery } from './queries'

type Suppression = Schemas['SuppressionView']
type Registry = Schemas['RegistryView']
type Reason = NonNullable<Schemas['SuppressInput']['reason']>
type Channel = NonNullable<Schemas['SuppressInput']['channel']>

const reasons: Reason[] = ['opted_out', 'complained', 'block_list', 'do_not_call', 'by_operator', 'no_consent', 'wrong_person']
const channels: Channel[] = ['voice', 'email', 'sms', 'whatsapp']

/** Who must not be contacted. */
export function Suppressions() {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [address] = useDebouncedValue(typed.trim(), 400)
  const [adding, form] = useDisclosure()
  const may = useMay('operate')
  return (
    <Page
      title={t('shell.suppressions')} about={t('suppression.about')}
      actions={may &&
        <Button leftSection={<IconPlus size={17} />} onClick={form.open}>
          {t('suppression.add')}
        </Button>
      }
    >
      <TextInput aria-label={t('suppression.search')} placeholder={t('suppression.search')} leftSection={<IconSearch size={16} />} value={typed} onChange={(e) => setTyped(e.target.value)} maw={480} />
      {address && <Look address={address} />}
      <Registries />
      <Addresses address={address || undefined} />
      {adding && <Add onClose={form.close} />}
    </Page>
  )
}

/** Everything that stands against one address, lists included. */
function Look({ address }: { address: string }) {
  const { t } = useTranslation()
  const found = useQuery({
    queryKey: ['suppressions', 'check', address],
    queryFn: () => ask(api.POST('/api/v1/suppressions/check', { body: { address } })),
  })
  if (!found.data) return null
  return (
    <Alert color={found.data.suppressed ? 'orange' : 'brand'} variant="light" role="status" title={t(found.data.suppressed ? 'suppression.barred' : 'suppression.free', { address: readable(found.data.address) })}>
      {found.data.bars.map((b) => (
        <div key={`${b.reason} ${b.channel ?? ''} ${b.registry ?? ''}`}>{[b.text, b.name, b.channel && t(`channel.${b.channel as Channel}`)].filter(Boolean).join(' · ')}</div>
      ))}
    </Alert>
  )
}

function Registries() {
  const { t } = useTranslation()
  const list = useQuery(registriesQuery)
  const columns: Column<Registry>[] = [
    { key: 'name', name: t('suppression.list'), phone: 'title', cell: (r) => r.name },
    { key: 'state', name: t('campaign.field.status'), phone: 'aside', cell: (r) => <Status tone={r.state === 'ready' ? 'good' : 'miss'}>{t(`suppression.registry.${r.state}`)}</Status> },
    { key: 'kind', name: t('suppression.kind'), phone: 'below', cell: (r) => t(`suppression.kinds.${r.kind}`) },
    { key: 'entries', name: t('suppression.entries'), end: true, phone: 'below', cell: (r) => number(r.entries) },
    { key: 'at', name: t('suppression.replaced'), cell: (r) => moment(r.replaced_at) },
  ]
  if (!list.data || list.data.items.length === 0) return null
  return (
    <Stack gap="sm">
      <Title order={2}>{t('suppression.lists')}</Title>
      <Box className="card">
        <Table label={t('suppression.lists')} rows={list.data.items} columns={columns} id={(r) => r.id} />
      </Box>
    </Stack>
  )
}

function Addresses({ address }: { address?: string }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const list = useInfiniteQuery(suppressionsQuery(address))
  const manages = useMay('manage')
  const rows = list.data?.pages.flatMap((p) => p.items) ?? []
  const lift = useMutation({
    mutationFn: (s: Suppression) => ask(api.POST('/api/v1/suppressions/remove', { body: { address: s.address, channel: (s.channel || undefined) as Channel | undefined } })),
    onSuccess: (_, s) => toast.done(t('suppression.lifted'), { name: t('action.undo'), of: readable(s.address), run: () => bar.mutate(s) }),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['suppressions'] }),
  })
  const bar = useMutation({
    mutationFn: (s: Suppression) =>
      ask(api.POST('/api/v1/suppressions', { body: { addresses: [s.address], channel: (s.channel || undefined) as Channel | undefined, reason: reasons.find((r) => r === s.reason), source: s.source, expires_at: s.expires_at ?? undefined } })),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['suppressions'] }),
  })
  const remove = async (s: Suppression) => {
    const sure = await confirm({ title: t('suppression.lift'), consequence: t('suppression.liftAbout', { address: readable(s.address) }), yes: t('suppression.lift'), no: t('action.back'), grave: true })
    if (sure) lift.mutate(s)
  }
  const columns: Column<Suppression>[] = [
    { key: 'address', name: t('suppression.address'), phone: 'title', cell: (s) => <span className="numbers">{readable(s.address)}</span> },
    { key: 'channel', name: t('campaign.field.channel'), phone: 'below', cell: (s) => (s.channel ? t(`channel.${s.channel as Channel}`) : t('suppression.everyChannel')) },
    { key: 'reason', name: t('suppression.reason'), phone: 'below', cell: (s) => (reasons.includes(s.reason as Reason) ? t(`suppression.reasons.${s.reason as Reason}`) : s.reason) },
    { key: 'at', name: t('suppression.since'), cell: (s) => moment(s.created_at) },
    { key: 'until', name: t('suppression.until'), cell: (s) => moment(s.expires_at) },
  ]
  if (list.error) return <Trouble error={list.error} again={() => void list.refetch()} />
  if (list.isPending) return <Skeleton height={200} aria-busy />
  if (rows.length === 0) return address ? null : <Empty icon={<IconBan size={36} stroke={1.5} />} title={t('suppression.none')}>{t('suppression.noneAbout')}</Empty>
  return (
    <Stack gap="sm">
      <Title order={2}>{t('suppression.single')}</Title>
      <Box className="card">
        <Table
          label={t('suppression.single')} rows={rows} columns={columns} id={(s) => `${s.address} ${s.channel}`}
          actions={(s) => manages && (
            <ActionIcon variant="subtle" color="gray" aria-label={`${t('suppression.lift')}: ${readable(s.address)}`} onClick={() => void remove(s)}>
              <IconTrash size={17} />
            </ActionIcon>
          )}
        />
        <More of={list} />
      </Box>
    </Stack>
  )
}

function Add({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const [reason, setReason] = useState<Reason>('opted_out')
  const [channel, setChannel] = useState<string | null>(null)
  const [until, setUntil] = useState('')
  const add = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/api/v1/suppressions', {
          body: {
            addresses: text.split(/[\n,;]+/).map((a) => a.trim()).filter(Boolean), reason, channel: (channel ?? undefined) as Channel | undefined, source: 'console',
            expires_at: until ? new Date(until).toISOString() : undefined,
          },
        }),
      ),
    onSuccess: (r) => {
      toast.done(t('suppression.added', { count: r.added, number: number(r.added) }))
      if (r.rejected.length === 0) onClose()
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['suppressions'] }),
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    add.mutate()
  }
  return (
    <Dialog onClose={onClose} title={t('suppression.add')} close={t('action.close')}>
      <form onSubmit={submit}>
        <Stack>
          {add.data && add.data.rejected.length > 0 && (
            <Alert color="yellow" variant="light" title={t('suppression.rejected')} role="alert">
              {add.data.rejected.slice(0, 5).map((r) => (
                <div key={r.field}>{r.text}</div>
              ))}
            </Alert>
          )}
          <Textarea label={t('suppression.addresses')} description={t('suppression.addressesAbout')} value={text} onChange={(e) => setText(e.target.value)} autosize minRows={4} maxRows={12} required data-autofocus />
          <Select label={t('suppression.reason')} value={reason} allowDeselect={false} onChange={(v) => setReason(v as Reason)} data={reasons.map((r) => ({ value: r, label: t(`suppression.reasons.${r}`) }))} />
          <Select label={t('campaign.field.channel')} value={channel} onChange={setChannel} placeholder={t('suppression.everyChannel')} clearable clearButtonProps={{ 'aria-label': t('action.clear') }} data={channels.map((k) => ({ value: k, label: t(`channel.${k}`) }))} />
          <TextInput type="datetime-local" label={t('suppression.until')} description={t('suppression.untilAbout')} value={until} onChange={(e) => setUntil(e.target.value)} />
          <Foot back={t('action.back')} onBack={onClose}>
            <Button type="submit" loading={add.isPending} disabled={!text.trim()}>
              {t('suppression.add')}
            </Button>
          </Foot>
        </Stack>
      </form>
    </Dialog>
  )
}
