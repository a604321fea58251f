import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { api, ask } from '@/api/client'
import { about, refusedBut } from '@/app/form'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { moment } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import {
  Box, Button, Choice, Dialog, Empty, Foot, Group, IconKey, IconPlus, Once, OnPhone, Radio, Section, Skeleton, Stack, Status, Switch, Table, Text, TextInput, toast, useConfirm, useDisclosure, type Column,
} from '@/ui'
import { keysQuery, scopes, type Key, type Scope } from './people'
import { selfQuery } from './queries'

/** The keys by which programs come in. */
export function Keys() {
  const { t } = useTranslation()
  const list = useQuery(keysQuery)
  const [adding, form] = useDisclosure()
  const [ended, setEnded] = useState(false)
  const create = (
    <Button leftSection={<IconPlus size={17} />} onClick={form.open}>
      {t('keys.new')}
    </Button>
  )
  const all = list.data?.items ?? []
  const shown = all.filter((k) => ended || k.good)
  return (
    <>
      <Section title={t('keys.title')} about={t('keys.about')} actions={create}>
        {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
        {list.isPending && <Skeleton height={160} aria-busy />}
        {all.some((k) => !k.good) && <Switch label={t('keys.showEnded')} checked={ended} onChange={(e) => setEnded(e.currentTarget.checked)} />}
        {list.isSuccess && shown.length === 0 && <Empty icon={<IconKey size={36} stroke={1.5} />} title={t('keys.none')}>{t('keys.noneAbout')}</Empty>}
        {shown.length > 0 && <KeyTable keys={shown} />}
      </Section>
      {adding && <Add onClose={form.close} />}
    </>
  )
}

function KeyTable({ keys }: { keys: Key[] }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: (k: Key) => ask(api.DELETE('/api/v1/keys/{key}', { params: { path: { key: k.id } } })),
    onSuccess: (_, k) => toast.done(t('keys.revokedNow', { name: k.name })),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: keysQuery.queryKey }),
  })
  const used = (k: Key) => (k.last_used_at ? moment(k.last_used_at) : t('keys.never'))
  const sure = async (k: Key) => {
    const consequence = t(k.current ? 'keys.revokeOwn' : k.last_used_at ? 'keys.revokeUsed' : 'keys.revokeUnused', { name: k.name, when: used(k) })
    if (await confirm({ title: `${t('keys.revoke')}: ${k.name}`, consequence, yes: t('keys.revoke'), no: t('action.back'), grave: true })) revoke.mutate(k)
  }
  const columns: Column<Key>[] = [
    {
      key: 'name', name: t('keys.name'), phone: 'title',
      cell: (k) => (
        <Stack gap={0}>
          <span className="wrap">
            {k.name}
            {k.current && ` ${t('keys.this')}`}
          </span>
          <Text size="sm" c="dimmed" fw={400} className="numbers wrap">
            {t('keys.made', { when: moment(k.created_at) })}
          </Text>
        </Stack>
      ),
    },
    { key: 'scope', name: t('keys.may'), phone: 'below', cell: (k) => k.scopes.map((s) => t(`scope.${s}.name`)).join(', ') },
    { key: 'used', name: t('keys.used'), phone: 'below', cell: (k) => <span className="numbers wrap"><OnPhone>{t('keys.used')}</OnPhone>{used(k)}</span> },
    { key: 'ends', name: t('users.until'), phone: 'below', cell: (k) => <span className="numbers wrap"><OnPhone>{t('users.until')}</OnPhone>{k.ends_at ? moment(k.ends_at) : t('keys.noEnd')}</span> },
    { key: 'state', name: t('campaign.field.status'), phone: 'aside', cell: (k) => <Status tone={k.good ? 'good' : 'idle'}>{t(k.revoked_at ? 'keys.revoked' : k.good ? 'keys.good' : 'users.ended')}</Status> },
  ]
  return (
    <Box mx={{ base: -16, sm: 0 }}>
      <Table
        label={t('keys.title')} rows={keys} columns={columns} id={(k) => k.id}
        actions={(k) => !k.revoked_at && (
          <Button size="compact-sm" variant="default" aria-label={`${t('keys.revoke')}: ${k.name}`} onClick={() => void sure(k)}>
            {t('keys.revoke')}
          </Button>
        )}
      />
    </Box>
  )
}

function Add({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const self = useQuery(selfQuery)
  const [name, setName] = useState('')
  const [scope, setScope] = useState<Scope>('read')
  const [days, setDays] = useState('90')
  const add = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/keys', { body: { name: name.trim(), scopes: [scope], ends_at: days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : undefined } })),
    onError: refusedBut('name', 'scopes', 'ends_at'),
    onSettled: () => queries.invalidateQueries({ queryKey: keysQuery.queryKey }),
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    add.mutate()
  }
  return (
    <Dialog onClose={onClose} title={t('keys.new')} close={t('action.close')}>
      {add.data ? (
        <Stack>
          <Text size="sm">{t('keys.shown', { name: add.data.name })}</Text>
          <Once lines={[add.data.token]} label={t('keys.token')} warning={t('once.warning')} words={{ copy: t('once.copy'), copied: t('once.copied') }} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('factor.kept')}</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <TextInput label={t('keys.name')} description={t('keys.nameAbout')} value={name} onChange={(e) => setName(e.currentTarget.value)} required data-autofocus error={about(add.error, 'name')} />
            <Radio.Group label={t('keys.may')} value={scope} onChange={(v) => setScope(v as Scope)} error={about(add.error, 'scopes')}>
              <Stack gap="xs" mt="xs">
                {scopes.map((s) => {
                  const may = self.data?.permissions.includes(s) ?? false
                  return <Radio key={s} value={s} disabled={!may} label={t(`scope.${s}.name`)} description={may ? t(`scope.${s}.about`) : t('keys.notYours')} />
                })}
              </Stack>
            </Radio.Group>
            <Choice
              label={t('keys.end')} description={t('keys.endAbout')} none={t('keys.noEnd')} value={days} onChange={(d) => setDays(d ?? '')} error={about(add.error, 'ends_at')}
              options={['30', '90', '365'].map((d) => ({ value: d, label: t('keys.inDays', { days: d }) }))}
            />
            <Foot back={t('action.back')} onBack={onClose}>
              <Button type="submit" loading={add.isPending} disabled={!name.trim()}>
                {t('keys.make')}
              </Button>
            </Foot>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}
