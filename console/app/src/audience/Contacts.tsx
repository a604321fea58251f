import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { More } from '@/app/More'
import { Trouble } from '@/app/Trouble'
import { useFull } from '@/app/useFull'
import { moment } from '@/locale/format'
import { readable } from '@/locale/phone'
import { Address, Box, Button, Empty, Group, IconAddressBook, IconFileImport, IconPlus, IconSearch, Page, Skeleton, Table, TextInput, useDebouncedValue, useDisclosure, type Column } from '@/ui'
import { ContactForm } from './ContactForm'
import { contactsQuery, nameOf, type Contact } from './queries'

const route = getRouteApi('/contacts')

/** The people that the workspace knows. */
export function Contacts() {
  const { t } = useTranslation()
  const { search } = route.useSearch()
  const go = useNavigate({ from: '/contacts' })
  const [typed, setTyped] = useState(search ?? '')
  const [settled] = useDebouncedValue(typed, 300)
  const [adding, form] = useDisclosure()
  useEffect(() => void go({ search: { search: settled.trim() || undefined }, replace: true }), [settled, go])
  const list = useInfiniteQuery(contactsQuery(search))
  const contacts = list.data?.pages.flatMap((p) => p.items) ?? []
  const full = useFull(list, contacts.length, search ?? '')
  const columns: Column<Contact>[] = [
    {
      key: 'name', name: t('contact.name'), phone: 'title',
      cell: (c) => (
        <Link to="/contacts/$contact" params={{ contact: c.id }} className="as-link">
          {nameOf(c)}
        </Link>
      ),
    },
    { key: 'phone', name: t('contact.phone'), phone: 'below', cell: (c) => <span className="numbers">{readable(c.phone)}</span> },
    { key: 'email', name: t('contact.email'), phone: 'below', cell: (c) => <Address of={c.email ?? ''} /> },
    { key: 'city', name: t('contact.city'), cell: (c) => [c.city, c.state].filter(Boolean).join(', ') },
    { key: 'tags', name: t('contact.tags'), cell: (c) => c.tags.join(', ') },
    { key: 'contacted', name: t('contact.contacted'), cell: (c) => moment(c.contacted_at) },
  ]
  const add = useMay('operate') && (
    <>
      <Button variant="default" component={Link} to="/imports" leftSection={<IconFileImport size={17} />}>
        {t('contact.import')}
      </Button>
      <Button leftSection={<IconPlus size={17} />} onClick={form.open}>
        {t('contact.add')}
      </Button>
    </>
  )
  return (
    <Page title={t('shell.contacts')} actions={add}>
      <Group justify="space-between" gap="sm">
        <TextInput
          aria-label={t('contact.search')} placeholder={t('contact.search')} leftSection={<IconSearch size={16} />} value={typed} onChange={(e) => setTyped(e.currentTarget.value)}
          style={{ flex: '1 1 240px' }} maw={480}
        />
        <Link to="/contacts/duplicates" className="as-link">
          {t('merge.list')}
        </Link>
      </Group>
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={240} aria-busy />}
      {list.isSuccess && contacts.length === 0 && !full.looking && (
        <Empty icon={<IconAddressBook size={36} stroke={1.5} />} title={t(search ? 'contact.noneFound' : 'contact.none')} action={search ? undefined : <Group justify="center">{add}</Group>}>
          {!search && t('contact.noneAbout')}
        </Empty>
      )}
      {(contacts.length > 0 || full.looking) && (
        <Box className="card">
          {contacts.length > 0 && <Table label={t('shell.contacts')} rows={contacts} columns={columns} id={(c) => c.id} />}
          <More of={full} />
        </Box>
      )}
      {adding && <ContactForm onClose={form.close} onSaved={(c) => void go({ to: '/contacts/$contact', params: { contact: c.id } })} />}
    </Page>
  )
}
