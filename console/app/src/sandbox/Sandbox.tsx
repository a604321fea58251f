import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation, type Key } from '@/locale/language'
import type { Schemas } from '@/api/client'
import { More } from '@/app/More'
import { Trouble } from '@/app/Trouble'
import { moment, number, percent } from '@/locale/format'
import {
  Alert, Box, Empty, Facts, IconArrowLeft, IconMail, IconSearch, MailTabs, Page, Panel, Skeleton, Stack, Status, Table, TabList, Tabs, Text, TextInput, Title, useDebouncedValue, type Column,
} from '@/ui'
import '@/ui/flow.css'
import { messageQuery, messagesQuery, sandboxQuery } from './queries'

type Share = Schemas['SandboxShareView']
type Message = Schemas['SandboxMessageView']

/** The fake outside world: what its numbers and mailboxes do, and the e-mails that came there. */
export function Sandbox() {
  const { t } = useTranslation()
  const go = useNavigate()
  const { tab = 'messages' } = useSearch({ from: '/sandbox' })
  const box = useQuery(sandboxQuery)
  return (
    <Stack gap="sm">
      <Link to="/lines" className="back">
        <IconArrowLeft size={15} /> {t('shell.lines')}
      </Link>
      <Page title={t('sandbox.title')} about={t('sandbox.about')}>
        {box.error && <Trouble error={box.error} again={() => void box.refetch()} />}
        {box.isPending && <Skeleton height={200} aria-busy />}
        {box.data && !box.data.running && <Alert variant="light">{t('sandbox.off')}</Alert>}
        {box.data?.running && (
          <Tabs value={tab} onChange={(v) => void go({ to: '/sandbox', search: { tab: v ?? undefined }, replace: true })} keepMounted={false}>
            <TabList open={tab}>
              <Tabs.Tab value="messages">{t('sandbox.messages')}</Tabs.Tab>
              <Tabs.Tab value="numbers">{t('sandbox.numbers')}</Tabs.Tab>
              <Tabs.Tab value="mailboxes">{t('sandbox.mailboxes')}</Tabs.Tab>
            </TabList>
            <Tabs.Panel value="messages">
              <Messages />
            </Tabs.Panel>
            <Tabs.Panel value="numbers">
              <Numbers of={box.data} />
            </Tabs.Panel>
            <Tabs.Panel value="mailboxes">
              <Mailboxes of={box.data} />
            </Tabs.Panel>
          </Tabs>
        )}
      </Page>
    </Stack>
  )
}

function Numbers({ of }: { of: Schemas['SandboxView'] }) {
  const { t } = useTranslation()
  const columns: Column<Schemas['SandboxNumberView']>[] = [
    { key: 'number', name: t('sandbox.number'), phone: 'title', cell: (n) => <span className="numbers">{n.number}</span> },
    { key: 'text', name: t('sandbox.does'), phone: 'below', cell: (n) => n.text },
    { key: 'answer', name: t('sandbox.answer'), phone: 'aside', cell: (n) => <span className="numbers">{n.answer ? `SIP ${n.answer}` : '–'}</span> },
  ]
  return (
    <Stack gap="md">
      <Text size="sm">{t('sandbox.numbersAbout', { count: of.speed, speed: number(of.speed) })}</Text>
      <Box className="card">
        <Table label={t('sandbox.numbers')} rows={of.numbers} columns={columns} id={(n) => n.number} />
      </Box>
      <Shares title={t('sandbox.otherNumbers')} of={of.calls} />
    </Stack>
  )
}

/** What a mail server does instead of answering. */
const replies: Record<string, Key> = { closes: 'sandbox.reply.closes', garbage: 'sandbox.reply.garbage', silence: 'sandbox.reply.silence' }

function Mailboxes({ of }: { of: Schemas['SandboxView'] }) {
  const { t } = useTranslation()
  const columns: Column<Schemas['SandboxMailboxView']>[] = [
    { key: 'name', name: t('sandbox.begins'), phone: 'title', cell: (m) => <code>{m.name}…@</code> },
    { key: 'text', name: t('sandbox.does'), phone: 'below', cell: (m) => m.text },
    { key: 'answer', name: t('sandbox.answer'), phone: 'below', cell: (m) => <span className="numbers">{replies[m.answer] ? t(replies[m.answer] as Key) : m.answer}</span> },
    { key: 'taken', name: t('sandbox.taken'), phone: 'aside', cell: (m) => <Status tone={m.taken ? 'good' : 'miss'}>{t(m.taken ? 'sandbox.yes' : 'sandbox.no')}</Status> },
  ]
  return (
    <Stack gap="md">
      <Text size="sm">{t('sandbox.mailboxesAbout')}</Text>
      <Box className="card">
        <Table label={t('sandbox.mailboxes')} rows={of.mailboxes} columns={columns} id={(m) => m.name} />
      </Box>
      <Shares title={t('sandbox.otherMailboxes')} of={of.mail} />
    </Stack>
  )
}

function Shares({ title, of }: { title: string; of: Share[] }) {
  return (
    <Box className="card" p="md">
      <Title order={2} mb="sm">
        {title}
      </Title>
      <Facts of={of.map((s) => ({ name: percent(s.percent / 100), value: s.text }))} />
    </Box>
  )
}

function Messages() {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 300)
  const [open, setOpen] = useState<string>()
  const list = useInfiniteQuery(messagesQuery(search || undefined))
  const rows = list.data?.pages.flatMap((p) => p.items) ?? []
  const columns: Column<Message>[] = [
    {
      key: 'subject', name: t('sandbox.subject'), phone: 'title',
      cell: (m) => (
        <button type="button" className="as-button wrap" onClick={() => setOpen(m.id)}>
          {m.subject || t('sandbox.noSubject')}
        </button>
      ),
    },
    { key: 'to', name: t('sandbox.to'), phone: 'below', cell: (m) => <span className="wrap">{m.to}</span> },
    { key: 'at', name: t('sandbox.at'), phone: 'below', cell: (m) => moment(m.at) },
  ]
  return (
    <Stack gap="md">
      <TextInput aria-label={t('sandbox.search')} placeholder={t('sandbox.search')} leftSection={<IconSearch size={16} />} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} maw={480} />
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={160} aria-busy />}
      {list.isSuccess && rows.length === 0 && (
        <Empty icon={<IconMail size={36} stroke={1.5} />} title={t('sandbox.none')}>
          {t('sandbox.noneAbout')}
        </Empty>
      )}
      {rows.length > 0 && (
        <Box className="card">
          <Table label={t('sandbox.messages')} rows={rows} columns={columns} id={(m) => m.id} />
          <More of={list} />
        </Box>
      )}
      {open && <Letter message={open} onClose={() => setOpen(undefined)} />}
    </Stack>
  )
}

/** One e-mail as its reader would see it, and as it travelled. */
function Letter({ message, onClose }: { message: string; onClose: () => void }) {
  const { t } = useTranslation()
  const { data: m, error } = useQuery(messageQuery(message))
  return (
    <Panel onClose={onClose} title={m?.subject ?? t('sandbox.message')} close={t('action.close')} size="xl">
      {error && <Trouble error={error} />}
      {!m && !error && <Skeleton height={240} aria-busy />}
      {m && (
        <Stack gap="md">
          <Facts
            of={[
              { name: t('sandbox.to'), value: m.to }, { name: t('sandbox.from'), value: m.from }, { name: t('sandbox.at'), value: moment(m.at) },
              {
                name: t('sandbox.campaign'),
                value: (
                  <Link to="/campaigns/$campaign" params={{ campaign: m.campaign }} className="as-link">
                    {t('sandbox.goThere')}
                  </Link>
                ),
              },
            ]}
          />
          <MailTabs
            html={m.html} text={m.text} title={t('sandbox.message')} height={480} words={{ text: t('sandbox.text'), more: t('sandbox.headers') }}
            more={<Facts of={m.headers.map((h) => ({ name: h.name, value: h.value }))} />}
          />
        </Stack>
      )}
    </Panel>
  )
}
