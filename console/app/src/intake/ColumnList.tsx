import { useTranslation } from '@/locale/language'
import { Group, Select, SimpleGrid, Text, TextInput } from '@/ui'

/** What a column can hold, in the words of the API. */
export const contactFields = [
  'name', 'contact', 'phone', 'email', 'document', 'id', 'area', 'city', 'state', 'location', 'zone', 'language', 'priority', 'tags', 'portfolios', 'segments', 'primary', 'context', 'variable', 'ignore',
] as const
export type Field = (typeof contactFields)[number]

/** What a column of a campaign's recipients can hold. */
export const recipientFields = ['contact', 'name', 'id', 'area', 'zone', 'language', 'priority', 'tags', 'context', 'variable', 'ignore'] as const satisfies readonly Field[]

interface Props {
  /** The file's columns with some of their values. */
  columns: readonly { column: string; samples: string[] }[]
  /** Whether the file names them. */
  header: boolean
  fields: readonly Field[]
  fieldOf: (column: string) => string
  keyOf: (column: string) => string
  onField: (column: string, field: Field) => void
  onKey: (column: string, key: string) => void
}

/** Says of each column of a file what it holds. */
export function ColumnList({ columns, header, fields, fieldOf, keyOf, onField, onKey }: Props) {
  const { t } = useTranslation()
  return (
    <ul className="rows">
      {columns.map((c) => (
        <li key={c.column} style={{ paddingInline: 0 }}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" verticalSpacing={6}>
            <div style={{ minWidth: 0 }}>
              <Text fw={600} size="sm" className="wrap">
                {header ? c.column : t('import.columnNumber', { number: c.column })}
              </Text>
              <Text size="sm" c="dimmed" className="clip">
                {c.samples.join(' · ')}
              </Text>
            </div>
            <Group gap="xs" grow>
              <Select
                aria-label={t('import.holds', { column: c.column })} value={fieldOf(c.column)} allowDeselect={false} onChange={(v) => onField(c.column, (v ?? 'ignore') as Field)}
                data={fields.map((f) => ({ value: f, label: t(`import.field.${f}`) }))}
              />
              {fieldOf(c.column) === 'variable' && (
                <TextInput aria-label={t('import.attribute', { column: c.column })} placeholder={c.column} value={keyOf(c.column)} onChange={(e) => onKey(c.column, e.target.value)} />
              )}
            </Group>
          </SimpleGrid>
        </li>
      ))}
    </ul>
  )
}
