import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import { send, type Schemas } from '@/api/client'
import { Trouble } from '@/app/Trouble'
import { ColumnList, recipientFields } from '@/intake/ColumnList'
import { bytes, number } from '@/locale/format'
import { readable } from '@/locale/phone'
import { Alert, Box, Button, FileDrop, Group, SimpleGrid, Skeleton, Stack, Text, UnstyledButton, useDebouncedValue } from '@/ui'
import { Added, recipientsPath, Refusals, useAdd, type Props } from './Added'

type Preview = Schemas['RecipientsPreview']
type Mapped = Schemas['Mapped']

/** How much of a text is looked at before it is added: as much as a thousand rows take, and whole lines. */
const enough = 256 << 10

/** The beginning of a file, as far as it must be seen. A packed one is nothing without its end. */
async function beginning(file: File): Promise<Blob> {
  if (file.size <= enough) return file
  const head = new Uint8Array(await file.slice(0, enough).arrayBuffer())
  const packed = (head[0] === 0x50 && head[1] === 0x4b) || (head[0] === 0x1f && head[1] === 0x8b)
  const letter = head[0] === 0xff && head[1] === 0xfe ? 2 : 1 // of UTF-16, whose line ends with a zero behind its end
  const end = head.lastIndexOf(10)
  return packed || end < 0 ? file : file.slice(0, end + letter)
}

/** Adds a file: first it is looked at, and somebody says what its columns hold. */
export function FromFile(props: Props) {
  const { t } = useTranslation()
  const add = useAdd(props)
  const [file, setFile] = useState<{ of: File; at: number }>()
  const [said, setSaid] = useState<Record<string, Mapped>>({})
  const take = (of: File) => {
    setFile({ of, at: Date.now() })
    setSaid({})
    add.reset()
  }
  if (!file || add.data)
    return (
      <Stack>
        <FileDrop title={t('wizard.drop')} choose={t('wizard.chooseFile')} accept=".csv,.txt,.xlsx,.json,.ndjson,.jsonl,.gz" onFile={take} about={t('wizard.fileAbout')} />
        {add.data && <Added what={add.data} />}
        <Text size="sm" c="dimmed">
          {t('wizard.orImport')} <Link to="/imports" className="as-link">{t('shell.imports')}</Link>
        </Text>
      </Stack>
    )
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <Text fw={600} className="wrap">
          {file.of.name} <Text span c="dimmed" fw={400}>({bytes(file.of.size)})</Text>
        </Text>
        <UnstyledButton className="as-link" fz="sm" onClick={() => setFile(undefined)}>
          {t('wizard.anotherFile')}
        </UnstyledButton>
      </Group>
      <Looked
        {...props} file={file.of} at={file.at} said={said} onSaid={setSaid} adding={add.isPending} onAdd={(columns) => add.mutate({ body: file.of, columns })}
      />
    </Stack>
  )
}

interface LookedProps extends Props {
  file: File
  /** When it was chosen: a file may be chosen again under its name. */
  at: number
  said: Record<string, Mapped>
  onSaid: (said: Record<string, Mapped>) => void
  adding: boolean
  onAdd: (columns: Mapped[]) => void
}

function Looked({ campaign: c, file, at, said, onSaid, adding, onAdd }: LookedProps) {
  const { t } = useTranslation()
  const columns = Object.values(said)
  const [steady] = useDebouncedValue(columns, 250)
  const lookAt = (as: Mapped[]) => ({
    queryKey: ['campaigns', c.id, 'file', file.name, at, as],
    queryFn: async () => send<Preview>(recipientsPath(c.id, '/preview', as), await beginning(file), 'application/octet-stream'),
    gcTime: 0,
    retry: false,
  })
  const plain = useQuery(lookAt([]))
  const look = useQuery({ ...lookAt(steady), placeholderData: keepPreviousData })
  const p = look.data ?? plain.data // what was said may be refused: it can be said otherwise
  const say = (column: string, part: Partial<Mapped>) => {
    const was = said[column] ?? p?.columns.find((x) => x.column === column)
    onSaid({ ...said, [column]: { column, field: part.field ?? was?.field ?? 'ignore', ...((part.field ?? was?.field) === 'variable' ? { key: part.key ?? was?.key } : {}) } })
  }
  if (!p) return look.error ? <Trouble error={look.error} again={() => void look.refetch()} /> : <Skeleton height={160} aria-busy />
  return (
    <Stack>
      {look.error && (
        <Alert color="red" variant="light" role="alert">
          {look.error.message}
        </Alert>
      )}
      {p.columns.length > 0 && (
        <div>
          <Text fw={600}>{t('wizard.columns')}</Text>
          <ColumnList
            columns={p.columns} header={p.header} fields={recipientFields} fieldOf={(x) => said[x]?.field ?? p.columns.find((y) => y.column === x)?.field ?? 'ignore'}
            keyOf={(x) => said[x]?.key ?? p.columns.find((y) => y.column === x)?.key ?? ''} onField={(x, field) => say(x, { field })} onKey={(x, key) => say(x, { key })}
          />
        </div>
      )}
      {!look.error && (
        <section aria-label={t('wizard.sample')}>
          <Text fw={600}>{t('wizard.sample')}</Text>
          <Text size="sm" c="dimmed" role="status" className="numbers">
            {[
              t(p.more ? 'wizard.lookedFirst' : 'wizard.looked', { count: p.rows, rows: number(p.rows) }),
              p.refused > 0 ? t('wizard.refused', { count: p.refused, number: number(p.refused) }) : t('wizard.noneRefused'),
            ].join(' · ')}
          </Text>
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="xs" mt="xs">
            {p.items.slice(0, 3).map((r) => (
              <Box key={r.line} className="card" p="sm">
                <Stack gap={2}>
                  <Text fw={600} className="wrap">
                    {r.name || readable(r.contact)}
                  </Text>
                  {[...(r.name ? [r.contact] : []), ...r.secondary_contacts].map((a) => (
                    <Text key={a} size="sm" className="numbers wrap">
                      {readable(a)}
                    </Text>
                  ))}
                  {Object.entries(r.variables).map(([name, value]) => (
                    <Text key={name} size="sm" className="wrap">
                      <Text span c="dimmed">{name}</Text> {value}
                    </Text>
                  ))}
                </Stack>
              </Box>
            ))}
          </SimpleGrid>
          <Refusals of={p.refusals} />
        </section>
      )}
      <Group>
        <Button disabled={Boolean(look.error) || look.isFetching || p.items.length === 0} loading={adding} onClick={() => onAdd(columns)}>
          {p.more ? t('wizard.addAll') : t('wizard.addSome', { count: p.rows - p.refused, people: number(p.rows - p.refused) })}
        </Button>
      </Group>
    </Stack>
  )
}
