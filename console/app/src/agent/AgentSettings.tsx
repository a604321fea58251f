import { useTranslation } from '@/locale/language'
import { ActionIcon, Alert, Box, Button, Group, IconPlus, IconX, NativeChoice, NumberInput, SimpleGrid, Stack, TagsInput, TextInput, Title } from '@/ui'
import type { Draft } from './script'

type Variable = NonNullable<Draft['variables']>[number]

interface Props {
  draft: Draft
  faults: { code: string; text: string; field?: string }[]
  locked: boolean
  onChange: (part: Partial<Draft>) => void
}

/** What an agent is called, how it speaks, and what is to be known after its calls. */
export function AgentSettings({ draft: d, faults, locked, onChange }: Props) {
  const { t } = useTranslation()
  const about = (field: string) => faults.find((f) => f.field === field || f.field?.startsWith(`${field}.`))?.text
  const variables = d.variables ?? []
  const put = (i: number, part: Partial<Variable>) => onChange({ variables: variables.map((v, j) => (i === j ? { ...v, ...part } : v)) })
  return (
    <Box className="card" p={{ base: 'md', sm: 'lg' }}>
      <Stack gap="lg">
        {faults.some((f) => !f.field) && <Alert color="red">{faults.filter((f) => !f.field).map((f) => f.text)}</Alert>}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={t('agent.name')} value={d.name} onChange={(e) => onChange({ name: e.currentTarget.value })} error={about('name')} disabled={locked} maxLength={200} />
          <TextInput label={t('agent.language')} value={d.language ?? ''} onChange={(e) => onChange({ language: e.currentTarget.value })} placeholder="pt-BR" error={about('language')} disabled={locked} />
          <TextInput label={t('agent.voice')} description={t('agent.voiceAbout')} value={d.voice ?? ''} onChange={(e) => onChange({ voice: e.currentTarget.value })} error={about('voice')} disabled={locked} />
          <NumberInput label={t('agent.speed')} description={t('agent.speedAbout')} value={d.speed ?? 1} min={0.5} max={2} step={0.1} decimalScale={2} onChange={(v) => onChange({ speed: Number(v) || 1 })} error={about('speed')} disabled={locked} />
          <TextInput label={t('line.zone')} description={t('agent.zoneAbout')} value={d.zone ?? ''} onChange={(e) => onChange({ zone: e.currentTarget.value })} placeholder="America/Sao_Paulo" error={about('zone')} disabled={locked} />
        </SimpleGrid>
        <Stack gap="sm">
          <Title order={2}>{t('agent.variables')}</Title>
          {variables.map((v, i) => (
            <Group key={i} gap="xs" wrap="nowrap" align="flex-start" /* eslint-disable-line react/no-array-index-key -- names change while they are typed */>
              <SimpleGrid cols={{ base: 1, xs: v.type === 'enum' ? 3 : 2 }} spacing="xs" style={{ flex: 1 }}>
                <TextInput label={t('agent.variableName')} value={v.name} onChange={(e) => put(i, { name: e.currentTarget.value })} error={about(`variables[${i}]`)} disabled={locked} />
                <NativeChoice
                  label={t('agent.variableType')} value={v.type} disabled={locked} onChange={(type) => put(i, { type: type as Variable['type'], values: type === 'enum' ? (v.values ?? []) : undefined })}
                  options={(['boolean', 'string', 'number', 'enum'] as const).map((k) => ({ value: k, label: t(`agent.type.${k}`) }))}
                />
                {v.type === 'enum' && <TagsInput label={t('agent.values')} value={v.values ?? []} onChange={(values) => put(i, { values })} disabled={locked} clearable={false} />}
              </SimpleGrid>
              {!locked && (
                <ActionIcon variant="subtle" color="gray" mt={26} aria-label={t('agent.removeVariable', { name: v.name })} onClick={() => onChange({ variables: variables.filter((_, j) => i !== j) })}>
                  <IconX size={16} />
                </ActionIcon>
              )}
            </Group>
          ))}
          {!locked && (
            <Group>
              <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => onChange({ variables: [...variables, { name: '', type: 'boolean' }] })}>
                {t('agent.addVariable')}
              </Button>
            </Group>
          )}
        </Stack>
      </Stack>
    </Box>
  )
}
