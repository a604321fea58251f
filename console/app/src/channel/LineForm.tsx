import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { agentsQuery } from '@/agent/queries'
import { api, ask, Refusal, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { useTranslation } from '@/locale/language'
import {
  ActionIcon, Box, Button, Group, IconPlus, IconX, NumberInput, Select, SimpleGrid, Stack, Switch, Text, TextInput, Title, toast,
} from '@/ui'
import { Field } from './Field'
import { gatewaysOf, patchOf, settingsOf, type Gateway, type Kind, type Line, type Value } from './settings'

interface Props {
  /** The line that is changed; none while one is being made. */
  line?: Line
  kind?: Kind
  /** Only looked at. */
  locked?: boolean
  onSaved?: () => void
}

const none: Record<string, unknown> = {}

/** Makes a line, or changes one. Only what was changed is sent; what is wrong is said at its field, by the server. */
export function LineForm({ line: l, kind: made, locked, onSaved }: Props) {
  const { t } = useTranslation()
  const go = useNavigate()
  const queries = useQueryClient()
  const kind = (l?.kind ?? made ?? 'voice') as Kind
  const agents = useQuery({ ...agentsQuery, enabled: kind === 'voice' })
  const settings = l?.settings ?? none
  const [f, setF] = useState({
    name: l?.name ?? '', from: l?.from ?? '', agent: l?.agent ?? '', zone: l?.zone ?? '', enabled: l?.enabled ?? true,
    concurrent: (l?.limits.concurrent ?? '') as number | '', per_second: (l?.limits.per_second ?? '') as number | '', per_day: (l?.limits.per_day ?? '') as number | '',
  })
  const [changed, setChanged] = useState<Record<string, Value>>({})
  const [gateways, setGateways] = useState<Gateway[]>(() => (gatewaysOf(settings).length > 0 ? gatewaysOf(settings) : [{ host: '' }]))
  const [more, setMore] = useState(false)
  const set = (part: Partial<typeof f>) => setF((was) => ({ ...was, ...part }))
  const save = useMutation({
    mutationFn: () => {
      const patch = patchOf(changed)
      if (kind === 'voice') patch.gateways = gateways.map((g) => ({ host: g.host.trim(), port: g.port, transport: g.transport }))
      const limits = Object.fromEntries((['concurrent', 'per_second', 'per_day'] as const).filter((k) => f[k] !== '').map((k) => [k, f[k]]))
      const edit = { agent: kind === 'voice' ? f.agent : undefined, zone: f.zone || undefined, enabled: f.enabled, limits, settings: patch } as Schemas['LineEdit']
      if (l) return ask(api.PATCH('/api/v1/lines/{line}', { params: { path: { line: l.id }, header: { 'If-Match': `"${l.revision}"` } }, body: { ...edit, name: f.name, from: f.from } }))
      return ask(api.POST('/api/v1/lines', { params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body: { ...edit, kind, name: f.name, from: f.from } }))
    },
    onSuccess: (saved) => {
      onSaved?.()
      toast.done(t('line.saved'))
      void queries.invalidateQueries({ queryKey: ['lines'] })
      if (!l) void go({ to: '/lines/$line', params: { line: saved.id } })
    },
    onError: refused,
  })
  const wrong = (field: string) => (save.error instanceof Refusal ? save.error.about(field) : undefined)
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  const field = (s: (typeof settingsOf)['voice'][number]) => (
    <Field key={s.path} setting={s} settings={settings} changed={changed[s.path]} error={wrong(`settings.${s.path}`)} locked={locked} onChange={(v) => setChanged((was) => ({ ...was, [s.path]: v }))} />
  )
  const limit = (name: 'concurrent' | 'per_second' | 'per_day', label: string, about: string) => (
    <NumberInput
      label={label} description={about} value={f[name]} min={name === 'concurrent' ? 1 : 0} decimalScale={name === 'per_second' ? 2 : 0} disabled={locked} hideControls
      onChange={(v) => set({ [name]: typeof v === 'number' ? v : '' })} error={wrong(`limits.${name}`)}
    />
  )
  return (
    <Box component="form" onSubmit={submit} className="card" p={{ base: 'md', sm: 'lg' }}>
      <Stack gap="lg">
        <Stack gap="md">
          <Title order={2}>{t('line.basics')}</Title>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label={t('line.name')} value={f.name} onChange={(e) => set({ name: e.currentTarget.value })} required maxLength={200} error={wrong('name')} disabled={locked} />
            <TextInput label={t(`line.fromOf.${kind}`)} description={t(`line.fromAbout.${kind}`)} value={f.from} onChange={(e) => set({ from: e.currentTarget.value })} required error={wrong('from')} disabled={locked} />
            {kind === 'voice' && (
              <Select
                label={t('line.agent')} description={t('line.agentAbout')} value={f.agent || null} onChange={(v) => set({ agent: v ?? '' })} searchable clearable clearButtonProps={{ 'aria-label': t('action.clear') }}
                data={agents.data?.items.map((a) => ({ value: a.id, label: a.name })) ?? []} error={wrong('agent')} disabled={locked}
              />
            )}
            <TextInput label={t('line.zone')} description={t('line.zoneAbout')} value={f.zone} onChange={(e) => set({ zone: e.currentTarget.value })} placeholder="America/Sao_Paulo" error={wrong('zone')} disabled={locked} />
          </SimpleGrid>
          <Switch label={t('line.enabled')} description={t('line.enabledAbout')} checked={f.enabled} onChange={(e) => set({ enabled: e.currentTarget.checked })} disabled={locked} />
        </Stack>
        <Stack gap="md">
          <Title order={2}>{t(`line.way.${kind}`)}</Title>
          {kind === 'voice' && <Gateways of={gateways} onChange={setGateways} wrong={wrong} locked={locked} />}
          <SimpleGrid cols={{ base: 1, sm: 2 }}>{settingsOf[kind].filter((s) => !s.more).map(field)}</SimpleGrid>
          {more || settingsOf[kind].some((s) => s.more && wrong(`settings.${s.path}`)) ? (
            <SimpleGrid cols={{ base: 1, sm: 2 }}>{settingsOf[kind].filter((s) => s.more).map(field)}</SimpleGrid>
          ) : (
            <Group>
              <Button variant="subtle" size="compact-sm" onClick={() => setMore(true)}>
                {t('line.more')}
              </Button>
            </Group>
          )}
        </Stack>
        <Stack gap="md">
          <Title order={2}>{t('line.limits')}</Title>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            {limit('concurrent', t(`line.concurrentOf.${kind}`), t('line.concurrentAbout'))}
            {limit('per_second', t('line.perSecond'), t('line.zeroAbout'))}
            {limit('per_day', t('line.perDay'), t('line.zeroAbout'))}
          </SimpleGrid>
        </Stack>
        {locked ? (
          <Text size="sm" c="dimmed">
            {t('line.locked')}
          </Text>
        ) : (
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending}>
              {t(l ? 'action.save' : 'line.make')}
            </Button>
          </Group>
        )}
      </Stack>
    </Box>
  )
}

interface GatewaysProps {
  of: Gateway[]
  onChange: (g: Gateway[]) => void
  wrong: (field: string) => string | undefined
  locked?: boolean
}

/** Where calls go, in order. */
function Gateways({ of, onChange, wrong, locked }: GatewaysProps) {
  const { t } = useTranslation()
  const set = (i: number, part: Partial<Gateway>) => onChange(of.map((g, j) => (i === j ? { ...g, ...part } : g)))
  return (
    <Stack gap="xs">
      {of.map((g, i) => (
        <Group key={i} gap="xs" align="flex-start" wrap="nowrap" /* eslint-disable-line react/no-array-index-key -- gateways are known by their place */>
          <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="xs" style={{ flex: 1 }}>
            <TextInput label={t('line.gateway', { n: i + 1 })} placeholder="sip.example.com" value={g.host} onChange={(e) => set(i, { host: e.currentTarget.value })} error={wrong(`settings.gateways[${i}].host`) ?? (i === 0 ? wrong('settings.gateways') : undefined)} disabled={locked} required />
            <NumberInput label={t('line.port')} placeholder="5060" value={g.port || ''} onChange={(v) => set(i, { port: typeof v === 'number' ? v : undefined })} error={wrong(`settings.gateways[${i}].port`)} disabled={locked} hideControls />
            <Select label={t('line.transport')} value={g.transport ?? 'udp'} allowDeselect={false} onChange={(v) => set(i, { transport: v as Gateway['transport'] })} data={['udp', 'tcp', 'tls'].map((v) => ({ value: v, label: v.toUpperCase() }))} error={wrong(`settings.gateways[${i}].transport`)} disabled={locked} />
          </SimpleGrid>
          {of.length > 1 && !locked && (
            <ActionIcon variant="subtle" color="gray" mt={26} aria-label={t('line.removeGateway', { n: i + 1 })} onClick={() => onChange(of.filter((_, j) => i !== j))}>
              <IconX size={16} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {!locked && of.length < 16 && (
        <Group>
          <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => onChange([...of, { host: '' }])}>
            {t('line.addGateway')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
