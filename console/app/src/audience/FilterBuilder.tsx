import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import { number } from '@/locale/format'
import { ActionIcon, Button, Group, IconPlus, IconX, NumberInput, SegmentedControl, Select, Stack, TagsInput, Text, useDebouncedValue } from '@/ui'
import { dates, type Condition, type Simple } from './filter'
import { fieldsQuery, valuesQuery } from './queries'

const fields = ['tag', 'portfolio', 'segment', 'city', 'state', 'location', 'priority', 'language', 'has', 'created', 'imported', 'contacted', 'heard'] as const

/** Puts a filter together, line by line. */
export function FilterBuilder({ value, onChange }: { value: Simple; onChange: (s: Simple) => void }) {
  const { t } = useTranslation()
  const set = (i: number, c: Condition) => onChange({ ...value, conditions: value.conditions.map((x, j) => (i === j ? c : x)) })
  return (
    <Stack gap="sm">
      {value.conditions.length > 1 && (
        <SegmentedControl
          value={value.join} onChange={(v) => onChange({ ...value, join: v === 'any' ? 'any' : 'all' })} style={{ alignSelf: 'flex-start' }} aria-label={t('audience.join')}
          data={[{ value: 'all', label: t('audience.all') }, { value: 'any', label: t('audience.any') }]}
        />
      )}
      {value.conditions.map((c, i) => (
        <Line
          key={i} // eslint-disable-line react/no-array-index-key -- lines have nothing else to be known by
          condition={c} onChange={(changed) => set(i, changed)} onRemove={() => onChange({ ...value, conditions: value.conditions.filter((_, j) => i !== j) })}
        />
      ))}
      <Group>
        <Button
          variant="default" size="xs" leftSection={<IconPlus size={15} />}
          onClick={() => onChange({ ...value, conditions: [...value.conditions, { field: 'tag', not: false, is: [], days: '' }] })}
        >
          {t('audience.addCondition')}
        </Button>
        {value.conditions.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('audience.everybody')}
          </Text>
        )}
      </Group>
    </Stack>
  )
}

function Line({ condition: c, onChange, onRemove }: { condition: Condition; onChange: (c: Condition) => void; onRemove: () => void }) {
  const { t } = useTranslation()
  const known = useQuery(fieldsQuery)
  const dated = dates.includes(c.field)
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 250)
  const values = useQuery({ ...valuesQuery(c.field, search), enabled: !dated && c.field !== 'has' })
  const attributes = known.data?.attributes ?? []
  return (
    <Group gap="xs" align="flex-start">
      <Select
        aria-label={t('audience.field')} w={{ base: '100%', xs: 190 }} value={c.field} allowDeselect={false} searchable onChange={(v) => onChange({ field: v ?? 'tag', not: c.not, is: [], days: '' })}
        data={[...fields.map((f) => ({ value: f as string, label: t(`filter.${f}`) })), ...attributes.map((a) => ({ value: `attribute.${a}`, label: a }))]}
      />
      <Select
        aria-label={t('audience.relation')} w={{ base: '100%', xs: 130 }} value={c.not ? 'not' : 'is'} allowDeselect={false} onChange={(v) => onChange({ ...c, not: v === 'not' })}
        data={[{ value: 'is', label: t(dated ? 'audience.within' : 'audience.is') }, { value: 'not', label: t(dated ? 'audience.notWithin' : 'audience.isNot') }]}
      />
      {dated ? (
        <NumberInput aria-label={t('audience.days')} suffix={` ${t('audience.daysUnit')}`} min={1} max={36500} value={c.days} onChange={(v) => onChange({ ...c, days: v === '' ? '' : Number(v) })} style={{ flex: '1 1 160px' }} />
      ) : (
        <TagsInput
          aria-label={t('audience.values')} placeholder={c.is.length === 0 ? t('audience.values') : undefined} value={c.is} onChange={(is) => onChange({ ...c, is })} onSearchChange={setTyped} style={{ flex: '1 1 200px', minWidth: 0 }}
          data={c.field === 'has' ? ['phone', 'email', 'document', 'external_id'] : (values.data?.items.map((v) => v.value) ?? [])}
          renderOption={({ option }) => {
            const n = values.data?.items.find((v) => v.value === option.value)?.count
            return (
              <Group justify="space-between" w="100%">
                <span>{c.field === 'has' ? t(`filter.hasWhat.${option.value as 'phone'}`) : option.value}</span>
                {n !== undefined && <Text size="sm" c="dimmed">{number(n)}</Text>}
              </Group>
            )
          }}
        />
      )}
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('audience.removeCondition')} onClick={onRemove}>
        <IconX size={17} />
      </ActionIcon>
    </Group>
  )
}
