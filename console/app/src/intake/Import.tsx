import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { language, useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { api, ask, download, type Schemas } from '@/api/client'
import { Kept } from '@/app/Kept'
import { More } from '@/app/More'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { bytes, number } from '@/locale/format'
import {
  Alert, Box, Button, Facts, Figure, Group, IconArrowLeft, IconDownload, Menu, Page, Progress, Skeleton, Stack, Status, Table, Text, Tiles, Title, toast, useConfirm, usePhone,
  type Column,
} from '@/ui'
import { Mapping } from './Mapping'
import { importQuery, importStates, isBusy, problemsQuery, type Import } from './queries'

const route = getRouteApi('/imports/$import')
type Can = Import['can'][number]
const plain = ['check', 'commit', 'cancel', 'undo', 'delete'] as const satisfies readonly Can[]
type Plain = (typeof plain)[number]

/** One file: what it looks like, how it is to be read, and what became of its rows. */
export function ImportPage() {
  const { t } = useTranslation()
  const { import: id } = route.useParams()
  const one = useQuery(importQuery(id))
  const may = useMay('operate')
  const i = one.data
  if (one.error) return <Trouble error={one.error} again={() => void one.refetch()} />
  if (!i) return <Skeleton height={320} aria-busy />
  const counted = i.counts.rows > 0 || ['checked', 'done', 'undone', 'cancelled'].includes(i.state)
  return (
    <Stack gap="sm">
      <Link to="/imports" className="back">
        <IconArrowLeft size={16} aria-hidden /> {t('shell.imports')}
      </Link>
      <Page
        title={i.name || t('import.unnamed')}
        heading={
          <Group gap="sm" component="span">
            {i.name || t('import.unnamed')}
            <Status tone={importStates[i.state]} live={isBusy(i)}>
              {t(`import.state.${i.state}`)}
            </Status>
          </Group>
        }
        about={`${bytes(i.size)}${i.found ? ` · ${i.found.format.toUpperCase()} · ${t(`import.layout.${i.found.layout}`)}` : ''}`}
        actions={may && <Doing of={i} />}
      >
        {i.failure && (
          <Alert color="red" variant="light" title={t('import.failed')} role="alert">
            {i.failure.text}
          </Alert>
        )}
        {isBusy(i) && <Running of={i} />}
        {counted && <Counts of={i} />}
        {i.counts.refused > 0 && !isBusy(i) && <Problems of={i} />}
        {i.found && (may && i.can.includes('edit') ? <Kept of={i}>{(x, saved) => <Mapping of={x} onSaved={saved} />}</Kept> : <Read of={i} />)}
      </Page>
    </Stack>
  )
}

/** What can be asked of it, as the server says. */
function Doing({ of: i }: { of: Import }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const go = useNavigate()
  const queries = useQueryClient()
  const act = useMutation({
    mutationFn: async (what: Plain) => {
      const params = { path: { import: i.id } }
      if (what === 'delete') await ask(api.DELETE('/api/v1/imports/{import}', { params }))
      else await ask(api.POST(`/api/v1/imports/{import}/${what}`, { params }))
    },
    onSuccess: (_, what) => {
      if (what === 'delete') {
        toast.done(t('import.deleted'))
        return go({ to: '/imports' })
      }
      return undefined
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['imports'] }),
  })
  const run = async (what: Plain) => {
    const changed = i.counts.created + i.counts.updated
    const consequence =
      what === 'commit' ? t('import.confirm.commit') : what === 'undo' ? t('import.confirm.undo', { count: changed, people: number(changed) }) : what === 'delete' ? t('import.confirm.delete') : undefined
    if (consequence && !(await confirm({ title: t(`import.action.${what}`), consequence, yes: t(`import.action.${what}`), no: t('action.back'), grave: what !== 'commit' }))) return
    act.mutate(what)
  }
  return (
    <>
      {plain
        .filter((what) => i.can.includes(what))
        .map((what) => (
          <Button key={what} variant={what === 'commit' ? 'filled' : 'default'} color={what === 'delete' ? 'red' : undefined} loading={act.isPending && act.variables === what} onClick={() => void run(what)}>
            {t(`import.action.${what}`)}
          </Button>
        ))}
    </>
  )
}

function Running({ of: i }: { of: Import }) {
  const { t } = useTranslation()
  return (
    <Box className="card" p="md" role="status">
      <Stack gap="xs">
        <Text fw={600} className="numbers">
          {t('import.progress', { count: i.counts.rows, rows: number(i.counts.rows) })}
        </Text>
        <Progress value={100} animated striped aria-label={t(`import.state.${i.state}`)} />
        <Text size="sm" c="dimmed">
          {t('import.mayLeave')}
        </Text>
      </Stack>
    </Box>
  )
}

const counts = ['rows', 'created', 'updated', 'unchanged', 'dropped', 'screened', 'refused', 'undone'] as const satisfies readonly (keyof Schemas['Counts'])[]
const always = ['rows', 'created', 'updated', 'refused']

function Counts({ of: i }: { of: Import }) {
  const { t } = useTranslation()
  const shown = counts.filter((k) => always.includes(k) || i.counts[k] > 0)
  return (
    <Stack gap="xs">
      {(i.state === 'checked' || i.state === 'checking') && <Text c="dimmed">{t('import.trialAbout')}</Text>}
      <Tiles count={shown.length}>
        {shown.map((k) => (
          <Figure key={k} name={t(`import.count.${k}`)} value={number(i.counts[k])} tone={k === 'refused' && i.counts.refused > 0 ? 'bad' : undefined} />
        ))}
      </Tiles>
    </Stack>
  )
}

type Problem = Schemas['ImportProblemView']

function Problems({ of: i }: { of: Import }) {
  const { t } = useTranslation()
  const list = useInfiniteQuery(problemsQuery(i.id))
  const phone = usePhone()
  const rows = list.data?.pages.flatMap((p) => p.items) ?? []
  const get = useMutation({
    mutationFn: (format: 'csv' | 'xlsx') =>
      download(`/api/v1/imports/${encodeURIComponent(i.id)}/refused?format=${format}&words=${language()}`, `${i.name.replace(/\.[^.]*$/, '')}-${t('import.refusedFile')}.${format}`),
    onError: refused,
  })
  const columns: Column<Problem>[] = [
    { key: 'line', name: t('import.line'), phone: 'aside', cell: (p) => <span className="numbers">{phone ? `${t('import.line')} ${number(p.line)}` : number(p.line)}</span>, width: 80 },
    { key: 'column', name: t('import.column'), phone: 'below', cell: (p) => p.column ?? '' },
    { key: 'text', name: t('import.why'), phone: 'title', cell: (p) => p.text },
    { key: 'cells', name: t('import.row'), phone: 'below', cell: (p) => <span className="wrap">{p.cells.filter(Boolean).slice(0, 4).join(' · ')}</span> },
  ]
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2}>{t('import.problems')}</Title>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" size="xs" leftSection={<IconDownload size={15} />} loading={get.isPending}>
              {t('import.download')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => get.mutate('xlsx')}>XLSX</Menu.Item>
            <Menu.Item onClick={() => get.mutate('csv')}>CSV</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {list.error && <Trouble error={list.error} />}
      <Box className="card">
        <Table label={t('import.problems')} rows={rows} columns={columns} id={(p) => `${p.line} ${p.code} ${p.column ?? ''} ${p.text}`} />
        <More of={list} />
      </Box>
    </Stack>
  )
}

/** How the file was read, once nothing of that can be changed. */
function Read({ of: i }: { of: Import }) {
  const { t } = useTranslation()
  const s = i.settings
  const columns = s.file.columns ?? i.found?.columns ?? []
  return (
    <Box className="card" p="md">
      <Stack>
        <Title order={2}>{t('import.howRead')}</Title>
        <Facts
          of={[
            ...columns.map((c) => ({ name: c.column, value: c.key || c.field })),
            ...(s.file.tags?.length ? [{ name: t('contact.tags'), value: s.file.tags.join(', ') }] : []),
            ...(s.file.segments?.length ? [{ name: t('contact.segments'), value: s.file.segments.join(', ') }] : []),
            ...(s.basis ? [{ name: t('import.basis'), value: t(`basis.${s.basis}`) }] : []),
          ]}
        />
      </Stack>
    </Box>
  )
}
