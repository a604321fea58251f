import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask, Refusal } from '@/api/client'
import { refused } from '@/app/refused'
import { Alert, Box, Button, Choice, Group, Select, SimpleGrid, Stack, Switch, TagsInput, Text, TextInput, Title, toast } from '@/ui'
import { ColumnList, contactFields } from './ColumnList'
import type { Import, ImportSettings } from './queries'

type Basis = NonNullable<ImportSettings['basis']>

const bases: Basis[] = [
  'consent', 'contract', 'legitimate_interest', 'legal_obligation', 'credit_protection', 'exercise_of_rights', 'protection_of_life', 'health', 'public_policy', 'research',
]
const switches = ['fill', 'verify', 'screen', 'only_segments', 'clear_location'] as const

/** Decides how a file is read, before it is tried and brought in. */
export function Mapping({ of: i, onSaved }: { of: Import; onSaved: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const found = i.found?.columns ?? []
  const [s, setS] = useState<ImportSettings>(i.settings)
  const file = (part: Partial<ImportSettings['file']>) => setS((was) => ({ ...was, file: { ...was.file, ...part } }))
  const layout = s.file.layout || i.found?.layout || 'mapped'
  const [map, setMap] = useState<Record<string, string>>(() =>
    Object.fromEntries(found.map((c) => [c.column, i.settings.file.columns ? (i.settings.file.columns.find((m) => m.column === c.column)?.field ?? 'ignore') : c.field])),
  )
  const [keys, setKeys] = useState<Record<string, string>>(() => Object.fromEntries(found.map((c) => [c.column, i.settings.file.columns?.find((m) => m.column === c.column)?.key ?? c.key ?? ''])))
  const save = useMutation({
    mutationFn: async (then?: 'check') => {
      const columns = found.map((c) => ({ column: c.column, field: map[c.column] ?? 'ignore', ...(map[c.column] === 'variable' && keys[c.column] ? { key: keys[c.column] } : {}) }))
      const body: ImportSettings = { ...s, file: { ...s.file, layout, columns: layout === 'mapped' ? columns : undefined } }
      const params = { path: { import: i.id } }
      await ask(api.PUT('/api/v1/imports/{import}/settings', { params: { ...params, header: { 'If-Match': `"${i.revision}"` } }, body }))
      if (then) await ask(api.POST('/api/v1/imports/{import}/check', { params }))
    },
    onSuccess: (_, then) => {
      onSaved()
      if (!then) toast.done(t('import.saved'))
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['imports'] }),
  })
  return (
    <Box className="card" p={{ base: 'md', sm: 'lg' }}>
      <Stack gap="lg">
        <div>
          <Title order={2}>{t('import.mapping')}</Title>
          <Text size="sm" c="dimmed">
            {t('import.mappingAbout')}
          </Text>
        </div>
        {save.error instanceof Refusal && (
          <Alert color="red" variant="light" role="alert">
            {save.error.errors.map((e) => e.text).join(' ') || save.error.message}
          </Alert>
        )}
        <Select
          label={t('import.layout.title')} value={layout} allowDeselect={false} maw={420} onChange={(v) => file({ layout: v as 'r' })}
          data={(['mapped', 'r', 'a', 'list'] as const).map((l) => ({ value: l, label: t(`import.layout.${l}`) }))}
        />
        {layout === 'mapped' && (
          <ColumnList
            columns={found} header={i.found?.header ?? false} fields={contactFields} fieldOf={(c) => map[c] ?? 'ignore'} keyOf={(c) => keys[c] ?? ''}
            onField={(c, f) => setMap((was) => ({ ...was, [c]: f }))} onKey={(c, k) => setKeys((was) => ({ ...was, [c]: k }))}
          />
        )}
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <TagsInput label={t('contact.tags')} description={t('import.tagsAbout')} value={s.file.tags ?? []} onChange={(tags) => file({ tags })} />
          <TagsInput label={t('contact.portfolios')} description={t('import.tagsAbout')} value={s.file.portfolios ?? []} onChange={(portfolios) => file({ portfolios })} />
          <TagsInput label={t('contact.segments')} description={t('import.tagsAbout')} value={s.file.segments ?? []} onChange={(segments) => file({ segments })} />
          <TextInput label={t('import.description')} value={s.description ?? ''} onChange={(e) => setS({ ...s, description: e.target.value })} maxLength={2000} />
          <Choice label={t('import.basis')} description={t('import.basisAbout')} value={s.basis ?? ''} none={t('import.noBasis')} onChange={(v) => setS({ ...s, basis: v as Basis | undefined })} options={bases.map((b) => ({ value: b, label: t(`basis.${b}`) }))} />
          <TextInput label={t('import.country')} description={t('import.countryAbout')} value={s.file.country ?? ''} onChange={(e) => file({ country: e.target.value.toUpperCase() || undefined })} maxLength={2} />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Switch label={t('import.option.strict')} description={t('import.optionAbout.strict')} checked={s.file.strict ?? false} onChange={(e) => file({ strict: e.currentTarget.checked })} />
          {switches.map((k) => (
            <Switch key={k} label={t(`import.option.${k}`)} description={t(`import.optionAbout.${k}`)} checked={s[k] ?? false} onChange={(e) => setS({ ...s, [k]: e.currentTarget.checked })} />
          ))}
        </SimpleGrid>
        <Group justify="flex-end">
          <Button variant="default" loading={save.isPending && !save.variables} onClick={() => save.mutate(undefined)}>
            {t('action.save')}
          </Button>
          {i.can.includes('check') && (
            <Button loading={save.isPending && save.variables === 'check'} onClick={() => save.mutate('check')}>
              {t('import.saveAndTry')}
            </Button>
          )}
        </Group>
      </Stack>
    </Box>
  )
}
