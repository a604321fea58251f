import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { api, ask, Refusal } from '@/api/client'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { moment, number } from '@/locale/format'
import { Box, Button, Empty, Foot, IconPlus, IconUsersGroup, Dialog, Page, Skeleton, Stack, Status, Switch, Table, TextInput, useDisclosure, type Column } from '@/ui'
import { audiencesQuery, previewQuery, type Audience } from './queries'

/** The saved lists. */
export function Audiences() {
  const { t } = useTranslation()
  const list = useQuery(audiencesQuery)
  const [adding, form] = useDisclosure()
  const columns: Column<Audience>[] = [
    {
      key: 'name', name: t('audience.name'), phone: 'title',
      cell: (a) => (
        <Link to="/audiences/$audience" params={{ audience: a.id }} className="as-link">
          {a.name}
        </Link>
      ),
    },
    { key: 'kind', name: t('audience.kind'), phone: 'aside', cell: (a) => <Status tone={a.static ? 'idle' : 'live'}>{t(a.static ? 'audience.static' : 'audience.dynamic')}</Status> },
    { key: 'count', name: t('audience.people'), end: true, phone: 'below', cell: (a) => <Count audience={a.id} />, onPhone: (a) => <Count audience={a.id} named /> },
    { key: 'updated', name: t('audience.updated'), cell: (a) => moment(a.updated_at) },
  ]
  const add = useMay('operate') && (
    <Button leftSection={<IconPlus size={17} />} onClick={form.open}>
      {t('audience.new')}
    </Button>
  )
  return (
    <Page title={t('shell.audiences')} about={t('audience.about')} actions={add}>
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={160} aria-busy />}
      {list.data?.items.length === 0 && (
        <Empty icon={<IconUsersGroup size={36} stroke={1.5} />} title={t('audience.none')} action={add}>
          {t('audience.noneAbout')}
        </Empty>
      )}
      {(list.data?.items.length ?? 0) > 0 && (
        <Box className="card">
          <Table label={t('shell.audiences')} rows={list.data?.items ?? []} columns={columns} id={(a) => a.id} />
        </Box>
      )}
      {adding && <New onClose={form.close} />}
    </Page>
  )
}

function Count({ audience, named }: { audience: string; named?: boolean }) {
  const { t } = useTranslation()
  const { data } = useQuery({ ...previewQuery(audience), staleTime: 30_000 })
  if (!data) return '…'
  return named ? t('audience.count', { count: data.count, people: number(data.count) }) : number(data.count)
}

function New({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const go = useNavigate()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [fixed, setFixed] = useState(false)
  const save = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/audiences', { params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body: { name, static: fixed, filter: {} } })),
    onSuccess: (a) => go({ to: '/audiences/$audience', params: { audience: a.id } }),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['audiences'] }),
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  return (
    <Dialog onClose={onClose} title={t('audience.new')} close={t('action.close')}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label={t('audience.name')} value={name} onChange={(e) => setName(e.target.value)} required data-autofocus maxLength={200} error={save.error instanceof Refusal ? save.error.about('name') : undefined} />
          <Switch label={t('audience.fix')} description={t('audience.fixAbout')} checked={fixed} onChange={(e) => setFixed(e.currentTarget.checked)} />
          <Foot back={t('action.back')} onBack={onClose}>
            <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
              {t('wizard.next')}
            </Button>
          </Foot>
        </Stack>
      </form>
    </Dialog>
  )
}
