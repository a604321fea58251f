import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { api, ask, Refusal } from '@/api/client'
import { Kept } from '@/app/Kept'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { moment, number } from '@/locale/format'
import { readable } from '@/locale/phone'
import { Alert, Box, Button, Code, Group, IconArrowLeft, IconRefresh, IconTrash, Page, Skeleton, Stack, Table, Text, TextInput, Title, toast, useConfirm, useDebouncedValue, type Column } from '@/ui'
import { FilterBuilder } from './FilterBuilder'
import { readFilter, writeFilter } from './filter'
import { audienceQuery, filterQuery, previewQuery, type Audience, type Contact } from './queries'

const route = getRouteApi('/audiences/$audience')

/** One saved list: whom it holds, and how that is found out. */
export function AudiencePage() {
  const { t } = useTranslation()
  const { audience: id } = route.useParams()
  const one = useQuery(audienceQuery(id))
  const may = useMay('operate')
  if (one.error) return <Trouble error={one.error} again={() => void one.refetch()} />
  if (!one.data) return <Skeleton height={300} aria-busy />
  return (
    <Stack gap="sm">
      <Link to="/audiences" className="back">
        <IconArrowLeft size={16} aria-hidden /> {t('shell.audiences')}
      </Link>
      <Page title={one.data.name} about={t(one.data.static ? 'audience.staticSince' : 'audience.dynamicAbout', { when: moment(one.data.frozen_at) })} actions={may && <Rest audience={one.data} />}>
        <Kept of={one.data}>{(a, saved) => <Edit audience={a} onSaved={saved} />}</Kept>
      </Page>
    </Stack>
  )
}

function Edit({ audience: a, onSaved }: { audience: Audience; onSaved: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const may = useMay('operate')
  const [name, setName] = useState(a.name)
  const [simple, setSimple] = useState(() => readFilter(a.filter))
  const filter = simple ? writeFilter(simple) : a.filter
  const [steady] = useDebouncedValue(filter, 350)
  const preview = useQuery(filterQuery(steady))
  const changed = name !== a.name || JSON.stringify(filter) !== JSON.stringify(a.filter)
  const save = useMutation({
    // Null takes what is there away, and the filter is put in its place (RFC 7396).
    mutationFn: () =>
      ask(
        api.PATCH('/api/v1/audiences/{audience}', {
          params: { path: { audience: a.id }, header: { 'If-Match': `"${a.revision}"` } },
          body: { name, filter: { ...Object.fromEntries(Object.keys(a.filter).map((k) => [k, null])), ...filter } },
        }),
      ),
    onSuccess: () => {
      onSaved()
      toast.done(t('audience.saved'))
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['audiences'] }),
  })
  return (
    <>
      <Box className="card" p={{ base: 'md', sm: 'lg' }}>
        <Stack>
          {save.error instanceof Refusal && <Alert color="red" variant="light" role="alert">{save.error.message}</Alert>}
          <TextInput label={t('audience.name')} value={name} onChange={(e) => setName(e.target.value)} maxLength={200} maw={480} />
          <Text fw={600} size="sm">
            {t('audience.whom')}
          </Text>
          {simple ? (
            <FilterBuilder value={simple} onChange={setSimple} />
          ) : (
            <Alert color="gray" variant="light" title={t('audience.complex')}>
              <Code block>{JSON.stringify(a.filter, null, 2)}</Code>
            </Alert>
          )}
          <Group justify="space-between">
            <Text fw={600} role="status" className="numbers">
              {preview.data ? t('audience.count', { count: preview.data.count, people: number(preview.data.count) }) : '…'}
            </Text>
            <Button onClick={() => save.mutate()} loading={save.isPending} disabled={!may || !changed || !name.trim()}>
              {t('action.save')}
            </Button>
          </Group>
          {preview.error && <Trouble error={preview.error} />}
        </Stack>
      </Box>
      {preview.data && preview.data.sample.length > 0 && (
        <Stack gap="sm">
          <Title order={2}>{t('audience.sample')}</Title>
          <Box className="card">
            <Sample people={preview.data.sample} />
          </Box>
        </Stack>
      )}
    </>
  )
}

function Sample({ people }: { people: Contact[] }) {
  const { t } = useTranslation()
  const columns: Column<Contact>[] = [
    {
      key: 'name', name: t('contact.name'), phone: 'title',
      cell: (c) => (
        <Link to="/contacts/$contact" params={{ contact: c.id }} className="as-link">
          {c.name || c.phone || c.email}
        </Link>
      ),
    },
    { key: 'phone', name: t('contact.phone'), phone: 'below', cell: (c) => <span className="numbers">{readable(c.phone)}</span> },
    { key: 'email', name: t('contact.email'), cell: (c) => c.email },
    { key: 'city', name: t('contact.city'), cell: (c) => c.city },
    { key: 'tags', name: t('contact.tags'), cell: (c) => c.tags.join(', ') },
  ]
  return <Table label={t('audience.sample')} rows={people} columns={columns} id={(c) => c.id} />
}

function Rest({ audience: a }: { audience: Audience }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const go = useNavigate()
  const queries = useQueryClient()
  const params = { path: { audience: a.id } }
  const freeze = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/audiences/{audience}/freeze', { params })),
    onSuccess: () => toast.done(t('audience.filled')),
    onError: refused,
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['audiences'] }), queries.invalidateQueries({ queryKey: previewQuery(a.id).queryKey })]),
  })
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/audiences/{audience}', { params })),
    onSuccess: () => {
      toast.done(t('audience.deleted'))
      return go({ to: '/audiences' })
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: audiencesKey }),
  })
  const sure = async () => {
    if (await confirm({ title: `${t('audience.delete')}: ${a.name}`, consequence: t('audience.deleteAbout'), yes: t('audience.delete'), no: t('action.back'), grave: true })) remove.mutate()
  }
  return (
    <>
      {a.static && (
        <Button variant="default" leftSection={<IconRefresh size={16} />} loading={freeze.isPending} onClick={() => freeze.mutate()}>
          {t('audience.fill')}
        </Button>
      )}
      <Button className="lesser" variant="default" leftSection={<IconTrash size={16} />} onClick={() => void sure()}>
        {t('audience.delete')}
      </Button>
    </>
  )
}

const audiencesKey = ['audiences'] as const
