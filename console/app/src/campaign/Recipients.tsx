import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import type { Schemas } from '@/api/client'
import { More } from '@/app/More'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { useFull } from '@/app/useFull'
import { moment, number } from '@/locale/format'
import { readable } from '@/locale/phone'
import {
  ActionIcon, Address, Box, Button, Choice, Empty, Group, IconCopy, IconDots, IconRefresh, IconSearch, IconUsersGroup, Menu, Skeleton, Stack, Status, Table, Text, TextInput, toast, UnstyledButton,
  useConfirm, useDebouncedValue, useDisclosure, type Column,
} from '@/ui'
import { outcomeName } from './outcome'
import { foresee, recipientsQuery, useActOnMany, useActOnOne, type RecipientFilter } from './queries'
import { statuses, type Campaign, type Recipient, type RecipientAction, type RecipientStatus } from './words'

const route = getRouteApi('/campaigns/$campaign')
const Duplicate = lazy(() => import('./Duplicate'))
const Errands = lazy(() => import('./Errands'))

/** The choice that stands for several statuses, which the server knows. */
const notReached = 'not_reached'

const actions: RecipientAction[] = ['retry', 'remove', 'set_pending', 'set_completed']

/** The people in a campaign. */
export function Recipients({ campaign: c, onPick }: { campaign: Campaign; onPick: (recipient: number) => void }) {
  const { t } = useTranslation()
  const { status, search } = route.useSearch()
  const go = useNavigate({ from: '/campaigns/$campaign' })
  const [typed, setTyped] = useState(search ?? '')
  const [settled] = useDebouncedValue(typed, 300)
  useEffect(() => void go({ search: (s) => ({ ...s, search: settled.trim() || undefined }), replace: true }), [settled, go])
  const filter: RecipientFilter = { statuses: status && status in statuses ? [status as RecipientStatus] : [], notReached: status === notReached, search }
  const list = useInfiniteQuery(recipientsQuery(c.id, filter))
  const people = list.data?.pages.flatMap((p) => p.items) ?? []
  const full = useFull(list, people.length, JSON.stringify([c.id, filter]))
  const one = useActOnOne(c.id)
  const may = useMay('operate')
  const act = (r: Recipient, action: RecipientAction) =>
    one.mutate(
      { number: r.number, action },
      {
        onSuccess: () =>
          toast.done(
            t(`campaign.did.${action}`, { count: 1, people: number(1) }),
            // Who waits for their first turn becomes what they were; others would have all their turns anew.
            r.status === 'pending' && (action === 'remove' || action === 'set_completed') ? { name: t('action.undo'), of: r.name || readable(r.contact), run: () => one.mutate({ number: r.number, action: 'set_pending' }) } : undefined,
          ),
      },
    )

  const why = (r: Recipient) => r.reason?.text ?? (r.last_outcome ? outcomeName(r.last_outcome) : '')
  const columns: Column<Recipient>[] = [
    {
      key: 'name', name: t('campaign.field.person'), phone: 'title',
      cell: (r) => (
        <UnstyledButton onClick={() => onPick(r.number)} className="as-link">
          {r.name || readable(r.contact)}
        </UnstyledButton>
      ),
    },
    { key: 'contact', name: t('campaign.field.contact'), phone: 'below', cell: (r) => <Address of={readable(r.contact)} /> },
    { key: 'status', name: t('campaign.field.status'), phone: 'aside', cell: (r) => <Status tone={statuses[r.status]} live={r.status === 'in_progress'}>{t(`campaign.status.${r.status}`)}</Status> },
    { key: 'why', name: t('campaign.field.outcome'), phone: 'below', cell: why, onPhone: (r) => (why(r) === t(`campaign.status.${r.status}`) ? '' : why(r)) },
    { key: 'attempts', name: t('campaign.field.attempts'), end: true, cell: (r) => number(r.attempts) },
    { key: 'next', name: t('campaign.field.next'), cell: (r) => (r.waits?.until ? moment(r.waits.until) : '') },
  ]
  return (
    <Stack gap="md">
      <Group gap="sm">
        <TextInput
          style={{ flex: '1 1 240px' }} aria-label={t('campaign.searchPeople')} placeholder={t('campaign.searchPeople')} leftSection={<IconSearch size={16} />}
          value={typed} onChange={(e) => setTyped(e.currentTarget.value)}
        />
        <Choice
          aria-label={t('campaign.field.status')} w={{ base: '100%', xs: 220 }} value={filter.notReached || filter.statuses.length > 0 ? (status ?? '') : ''} none={t('campaign.anyStatus')}
          options={[
            { value: notReached, label: t('campaign.notReached') },
            ...(Object.keys(statuses) as RecipientStatus[]).map((s) => ({ value: s, label: `${t(`campaign.status.${s}`)} (${number(c.counts.by_status[s] ?? 0)})` })),
          ]}
          onChange={(v) => void go({ search: (s) => ({ ...s, status: v }) })}
        />
        <Button variant="default" leftSection={<IconRefresh size={16} />} loading={list.isRefetching} onClick={() => void list.refetch()}>
          {t('action.refresh')}
        </Button>
        {may && <Bulk campaign={c} filter={filter} />}
        {may && <Again campaign={c} filter={filter} />}
      </Group>
      <Suspense>
        <Errands campaign={c.id} />
      </Suspense>
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={240} aria-busy />}
      {list.isSuccess && people.length === 0 && !full.looking && (
        <Empty icon={<IconUsersGroup size={34} stroke={1.5} />} title={t(c.counts.total === 0 ? 'campaign.nobody' : 'campaign.nobodyFound')}>
          {c.counts.total === 0 && t('campaign.nobodyAbout')}
        </Empty>
      )}
      {(people.length > 0 || full.looking) && (
        <Box className="card">
          {people.length > 0 && (
            <Table
              label={t('campaign.tab.recipients')} rows={people} columns={columns} id={(r) => String(r.number)}
              actions={(r) => may && r.can.length > 0 && <RowMenu recipient={r} onAct={(a) => act(r, a)} />}
            />
          )}
          <More of={full} />
        </Box>
      )}
    </Stack>
  )
}

function RowMenu({ recipient: r, onAct }: { recipient: Recipient; onAct: (a: RecipientAction) => void }) {
  const { t } = useTranslation()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('action.more', { name: r.name || readable(r.contact) })}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {r.can.map((a) => (
          <Menu.Item key={a} onClick={() => onAct(a)}>
            {t(`campaign.do.${a}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** A filter in the words of the API: one that says nothing means everybody. */
const asked = (f: RecipientFilter): Schemas['FilterInput'] =>
  filtered(f) ? { statuses: f.statuses.length > 0 ? f.statuses : undefined, not_reached: f.notReached || undefined, search: f.search } : { all: true }

const filtered = (f: RecipientFilter) => f.statuses.length > 0 || f.notReached || Boolean(f.search)

/** Another campaign for those whom the filter shows. */
function Again({ campaign: c, filter }: { campaign: Campaign; filter: RecipientFilter }) {
  const { t } = useTranslation()
  const [open, dialog] = useDisclosure()
  if (!filtered(filter) || !c.can.includes('duplicate')) return null
  return (
    <>
      <Button variant="default" leftSection={<IconCopy size={16} />} onClick={dialog.open}>
        {t('campaign.copy.forThem')}
      </Button>
      {open && (
        <Suspense>
          <Duplicate campaign={c} picked={asked(filter)} onClose={dialog.close} />
        </Suspense>
      )}
    </>
  )
}

/** Actions on everybody whom the filter fits. Who cannot take one is passed over; the server counts both before anything is done. */
function Bulk({ campaign: c, filter }: { campaign: Campaign; filter: RecipientFilter }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const many = useActOnMany(c.id)
  const whom = asked(filter)
  const count = useMutation({ mutationFn: (action: RecipientAction) => foresee(c.id, { action, filter: whom }), onError: refused })
  const run = async (action: RecipientAction) => {
    const would = await count.mutateAsync(action).catch(() => undefined)
    if (!would) return
    const stay = would.skipped > 0 ? t('campaign.bulk.wouldStay', { count: would.skipped, people: number(would.skipped) }) : ''
    const name = t(`campaign.do.${action}`)
    if (would.changed === 0) return toast.refused(name, t('campaign.bulk.nobody'))
    const consequence = `${t(`campaign.bulk.does.${action}`, { count: would.changed, people: number(would.changed) })} ${stay}`
    if (!(await confirm({ title: name, consequence, yes: name, no: t('action.back'), grave: action === 'remove' }))) return
    many.mutate(
      { action, filter: whom },
      {
        onSuccess: (r) => {
          if (r.state === 'running') return toast.done(t('campaign.errand.begun'))
          const skipped = r.skipped > 0 ? ` ${t('campaign.bulk.skipped', { count: r.skipped, people: number(r.skipped) })}` : ''
          toast.done(t(`campaign.did.${action}`, { count: r.changed, people: number(r.changed) }) + skipped)
        },
      },
    )
  }
  if (c.counts.total === 0) return null
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" loading={many.isPending || count.isPending}>
          {t('campaign.bulk.title')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm">{t('campaign.bulk.about')}</Text>
        </Menu.Label>
        {actions.map((a) => (
          <Menu.Item key={a} onClick={() => void run(a)}>
            {t(`campaign.do.${a}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
