import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { language, useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { download, send } from '@/api/client'
import { More } from '@/app/More'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { bytes, moment, number } from '@/locale/format'
import { Box, Button, FileDrop, IconDownload, Menu, Page, Skeleton, Stack, Status, Table, Text, Title, type Column } from '@/ui'
import { importStates, importsQuery, type Import } from './queries'

const layouts = ['mapped', 'r', 'a', 'list'] as const

/** Files of contacts: what was brought in, and a place for the next one. */
export function Imports() {
  const { t } = useTranslation()
  const go = useNavigate()
  const list = useInfiniteQuery(importsQuery)
  const may = useMay('operate')
  const imports = list.data?.pages.flatMap((p) => p.items) ?? []
  const upload = useMutation({
    mutationFn: (file: File) => send<Import>(`/api/v1/imports?name=${encodeURIComponent(file.name)}`, file, 'application/octet-stream'),
    onSuccess: (i) => go({ to: '/imports/$import', params: { import: i.id } }),
    onError: refused,
  })
  const counts = (i: Import) =>
    (['rows', 'created', 'updated', 'refused'] as const)
      .filter((k) => i.counts[k] > 0)
      .map((k) => `${t(`import.count.${k}`)}: ${number(i.counts[k])}`)
      .join(' · ')
  const columns: Column<Import>[] = [
    {
      key: 'name', name: t('import.file'), phone: 'title',
      cell: (i) => (
        <Link to="/imports/$import" params={{ import: i.id }} className="as-link wrap">
          {i.name || t('import.unnamed')}
        </Link>
      ),
    },
    { key: 'state', name: t('import.state.title'), phone: 'aside', cell: (i) => <Status tone={importStates[i.state]}>{t(`import.state.${i.state}`)}</Status> },
    { key: 'rows', name: t('import.count.rows'), end: true, phone: 'below', cell: (i) => number(i.counts.rows), onPhone: counts },
    { key: 'created', name: t('import.count.created'), end: true, cell: (i) => number(i.counts.created) },
    { key: 'updated', name: t('import.count.updated'), end: true, cell: (i) => number(i.counts.updated) },
    { key: 'refused', name: t('import.count.refused'), end: true, cell: (i) => number(i.counts.refused) },
    { key: 'size', name: t('import.size'), end: true, cell: (i) => bytes(i.size) },
    { key: 'at', name: t('import.at'), phone: 'below', cell: (i) => moment(i.created_at) },
  ]
  return (
    <Page title={t('shell.imports')} about={t('import.about')} actions={<Templates />}>
      {may && <FileDrop
        title={t('import.drop')} choose={t('import.choose')} about={t('import.kinds')} busy={upload.isPending}
        accept=".csv,.txt,.tsv,.xlsx,.json,.ndjson,.jsonl,.gz" onFile={(file) => upload.mutate(file)}
      />}
      {upload.isPending && (
        <Text role="status" size="sm">
          {t('wizard.sending', { name: `${upload.variables.name} (${bytes(upload.variables.size)})` })}
        </Text>
      )}
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={120} aria-busy />}
      {imports.length > 0 && (
        <Stack gap="sm">
          <Title order={2}>{t('import.before')}</Title>
          <Box className="card">
            <Table label={t('import.before')} rows={imports} columns={columns} id={(i) => i.id} />
            <More of={list} />
          </Box>
        </Stack>
      )}
    </Page>
  )
}

/** Files to fill in. */
function Templates() {
  const { t } = useTranslation()
  const get = useMutation({
    mutationFn: (layout: string) => download(`/api/v1/import-template?layout=${layout}&format=xlsx&words=${language()}`, `campanario-${layout}.xlsx`),
    onError: refused,
  })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />} loading={get.isPending}>
          {t('import.template')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {layouts.map((l) => (
          <Menu.Item key={l} onClick={() => get.mutate(l)}>
            {t(`import.layout.${l}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
