import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '@/api/client'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { moment } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import {
  ActionIcon, Address, Box, Button, Dialog, Empty, Group, IconDots, IconPlus, IconTrash, Menu, Once, OnPhone, Panel, Section, Skeleton, Stack, Status, Table, Text, toast, useConfirm, useDisclosure, usePhone, type Column,
} from '@/ui'
import { ChangeRole, Invite } from './Invite'
import { invitationsQuery, membersQuery, memberSessionsQuery, type Invitation, type Member } from './people'
import { useMay } from './queries'
import { SessionTable } from './Sessions'

/** Who has access to the workspace, and who is invited. */
export function Users() {
  const { t } = useTranslation()
  const owns = useMay('own')
  const [inviting, form] = useDisclosure()
  return (
    <Stack gap="md">
      <Section
        title={t('users.title')} about={owns ? t('users.about') : t('users.onlyOwners')}
        actions={owns && (
          <Button leftSection={<IconPlus size={17} />} onClick={form.open}>
            {t('users.invite')}
          </Button>
        )}
      >
        <Members />
      </Section>
      <Invitations />
      {inviting && <Invite onClose={form.close} />}
    </Stack>
  )
}

function Members() {
  const { t } = useTranslation()
  const list = useQuery(membersQuery)
  const owns = useMay('own')
  const phone = usePhone()
  const who = (m: Member) => (
    <span className="wrap">
      {m.name || m.email}
      {m.current && ` ${t('users.you')}`}
    </span>
  )
  const columns: Column<Member>[] = [
    {
      key: 'name', name: t('account.name'), phone: 'title',
      cell: (m) => (
        <Stack gap={0}>
          {who(m)}
          {m.name && (
            <Text size="sm" c="dimmed">
              <Address of={m.email} />
            </Text>
          )}
        </Stack>
      ),
      onPhone: who,
    },
    ...(phone ? [{ key: 'email', name: t('signIn.email'), phone: 'below' as const, cell: (m: Member) => m.name && <Address of={m.email} /> }] : []),
    { key: 'role', name: t('users.role'), phone: 'below', cell: (m) => t(`role.${m.role}.name`) },
    {
      key: 'factor', name: t('factor.title'), phone: 'aside',
      cell: (m) => <Status tone={m.second_factor ? 'good' : 'idle'}>{t(m.second_factor ? 'users.withFactor' : 'users.withoutFactor')}</Status>,
    },
    { key: 'seen', name: t('users.seen'), phone: 'below', cell: (m) => <span className="numbers"><OnPhone>{t('users.seen')}</OnPhone>{m.current ? t('users.now') : m.seen_at ? moment(m.seen_at) : t('users.never')}</span> },
  ]
  if (list.error) return <Trouble error={list.error} again={() => void list.refetch()} />
  if (list.isPending) return <Skeleton height={160} aria-busy />
  return (
    <Box mx={{ base: -16, sm: 0 }}>
      <Table label={t('users.title')} rows={list.data.items} columns={columns} id={(m) => m.id} actions={owns ? (m) => <MemberActions member={m} /> : undefined} />
    </Box>
  )
}

type Deed = 'endSessions' | 'dropFactor' | 'reset' | 'remove'

/** What an owner may do about somebody. */
function MemberActions({ member: m }: { member: Member }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const [open, setOpen] = useState<'role' | 'sessions' | 'link'>()
  const name = m.name || m.email
  const path = { params: { path: { user: m.id } } }
  const act = useMutation({
    mutationFn: async (what: Deed): Promise<{ link: string; ends_at: string } | undefined> => {
      if (what === 'endSessions') await ask(api.DELETE('/api/v1/users/{user}/sessions', path))
      else if (what === 'dropFactor') await ask(api.DELETE('/api/v1/users/{user}/second-factor', path))
      else if (what === 'remove') await ask(api.DELETE('/api/v1/users/{user}', path))
      else return ask(api.POST('/api/v1/users/{user}/reset', path))
      return undefined
    },
    onSuccess: (_, what) => (what === 'reset' ? setOpen('link') : toast.done(t(`users.did.${what}`, { name }))),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: membersQuery.queryKey }),
  })
  const sure = async (what: Deed) => {
    if (await confirm({ title: `${t(`users.do.${what}`)}: ${name}`, consequence: t(`users.confirm.${what}`, { name }), yes: t(`users.do.${what}`), no: t('action.back'), grave: what !== 'reset' })) act.mutate(what)
  }
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('action.more', { name })} loading={act.isPending}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('role')}>{t('users.changeRole')}</Menu.Item>
          <Menu.Item onClick={() => setOpen('sessions')}>{t('sessions.title')}</Menu.Item>
          {!m.current && <Menu.Item onClick={() => void sure('reset')}>{t('users.do.reset')}</Menu.Item>}
          {!m.current && m.second_factor && <Menu.Item onClick={() => void sure('dropFactor')}>{t('users.do.dropFactor')}</Menu.Item>}
          {!m.current && <Menu.Item onClick={() => void sure('endSessions')}>{t('users.do.endSessions')}</Menu.Item>}
          {!m.current && (
            <Menu.Item color="var(--mantine-color-error)" onClick={() => void sure('remove')}>
              {t('users.do.remove')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {open === 'role' && <ChangeRole member={m} onClose={() => setOpen(undefined)} />}
      {open === 'sessions' && <MemberSessions member={m} onClose={() => setOpen(undefined)} />}
      {open === 'link' && act.data && (
        <Dialog onClose={() => setOpen(undefined)} title={t('users.do.reset')} close={t('action.close')}>
          <Stack>
            <Text size="sm">{t('users.resetAbout', { name, when: moment(act.data.ends_at) })}</Text>
            <Once lines={[act.data.link]} label={t('users.link')} warning={t('once.warning')} words={{ copy: t('once.copy'), copied: t('once.copied') }} />
          </Stack>
        </Dialog>
      )}
    </>
  )
}

function MemberSessions({ member: m, onClose }: { member: Member; onClose: () => void }) {
  const { t } = useTranslation()
  const list = useQuery(memberSessionsQuery(m.id))
  return (
    <Panel onClose={onClose} title={`${t('sessions.title')}: ${m.name || m.email}`} close={t('action.close')}>
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={120} aria-busy />}
      {list.data?.items.length === 0 && <Empty title={t('sessions.none')} />}
      {list.data && list.data.items.length > 0 && <SessionTable sessions={list.data.items} />}
    </Panel>
  )
}

/** Those who have not come yet. */
function Invitations() {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const list = useQuery(invitationsQuery)
  const owns = useMay('own')
  const remove = useMutation({
    mutationFn: (i: Invitation) => ask(api.DELETE('/api/v1/invitations/{invitation}', { params: { path: { invitation: i.id } } })),
    onSuccess: () => toast.done(t('users.invitationGone')),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  })
  const columns: Column<Invitation>[] = [
    { key: 'email', name: t('signIn.email'), phone: 'title', cell: (i) => <span className="wrap">{i.email}</span> },
    { key: 'role', name: t('users.role'), phone: 'below', cell: (i) => t(`role.${i.role}.name`) },
    {
      key: 'ends', name: t('users.until'), phone: 'below',
      cell: (i) => (i.ended ? <Status tone="miss">{t('users.ended')}</Status> : <span className="numbers"><OnPhone>{t('users.until')}</OnPhone>{moment(i.ends_at)}</span>),
    },
  ]
  if (!list.data || list.data.items.length === 0) return null
  return (
    <Section title={t('users.invitations')} about={t('users.invitationsAbout')}>
      <Box mx={{ base: -16, sm: 0 }}>
        <Table
          label={t('users.invitations')} rows={list.data.items} columns={columns} id={(i) => i.id}
          actions={owns ? (i) => (
            <Group gap={4} wrap="nowrap">
              <ActionIcon variant="subtle" color="gray" aria-label={`${t('users.takeBack')}: ${i.email}`} onClick={() => remove.mutate(i)}>
                <IconTrash size={17} />
              </ActionIcon>
            </Group>
          ) : undefined}
        />
      </Box>
    </Section>
  )
}
