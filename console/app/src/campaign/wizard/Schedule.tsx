import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask, Refusal, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { number } from '@/locale/format'
import { calendars } from '@/schedule/calendars'
import { Alert, Box, Button, Group, MultiSelect, NumberInput, SegmentedControl, Select, SimpleGrid, Stack, Switch, Text, TextInput, Title, WeekGrid } from '@/ui'
import { readWeek, writeWeek, type Week } from '@/ui/week'
import { presetsQuery } from '../presets'
import { useWeekWords } from '../weekWords'
import type { Campaign } from '../words'
import { fieldId } from './field'

type Edit = Schemas['CampaignEdit']
type Zone = NonNullable<Schemas['Window']['zone']>

interface Fields {
  startsAt: string // of an input for local time; empty is at once
  week: Week
  whose: Zone
  zone: string
  holidays: string[]
  attempts: number
  interval: number
  voicemail: 'retry' | 'accept'
  concurrent: number | ''
  perSecond: number | ''
  perDay: number | ''
  laps: boolean
  lapsADay: number
  cooldown: number
}

/** An instant as an input for local time has it. */
export function local(iso?: string): string {
  if (!iso) return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function fieldsOf(c: Campaign): Fields {
  return {
    startsAt: local(c.starts_at), week: readWeek(c.window.days), whose: c.window.zone ?? 'campaign', zone: c.zone, holidays: c.window.holidays ?? [],
    attempts: c.retry.max_attempts, interval: c.retry.interval_minutes, voicemail: c.retry.voicemail === 'accept' ? 'accept' : 'retry',
    concurrent: c.pace.concurrent || '', perSecond: c.pace.per_second || '', perDay: c.pace.per_day || '', laps: Boolean(c.laps),
    lapsADay: c.laps?.max_per_day ?? 1, cooldown: c.laps?.cooldown_minutes ?? 60,
  }
}

/** The change that is sent: a merge patch, in which null takes away (RFC 7396). */
function patch(f: Fields, c: Campaign): Edit {
  const edit = {
    starts_at: f.startsAt ? new Date(f.startsAt).toISOString() : null,
    zone: f.zone,
    window: { days: null, ...c.window, zone: f.whose, holidays: f.holidays },
    retry: { max_attempts: f.attempts, interval_minutes: f.interval, voicemail: f.voicemail },
    pace: { concurrent: f.concurrent || 0, per_second: f.perSecond || 0, per_day: f.perDay || 0 },
    laps: f.laps ? { max_per_day: f.lapsADay, cooldown_minutes: f.cooldown } : null,
  }
  const days = writeWeek(f.week)
  // Days that were there and are not any more are taken away by name.
  const gone = Object.fromEntries(Object.keys(c.window.days ?? {}).map((key) => [key, null]))
  return { ...edit, window: { ...edit.window, days: { ...gone, ...days } } } as unknown as Edit
}

/** The third step: when people may be contacted, how often, and how fast. */
export function Schedule({ campaign: c, onBack, onSaved }: { campaign: Campaign; onBack: () => void; onSaved: () => void }) {
  const { t } = useTranslation()
  const [f, setF] = useState(() => fieldsOf(c))
  const set = (part: Partial<Fields>) => setF((was) => ({ ...was, ...part }))
  const presets = useQuery(presetsQuery)
  const words = useWeekWords()
  const save = useMutation({
    mutationFn: () => ask(api.PATCH('/api/v1/campaigns/{campaign}', { params: { path: { campaign: c.id } }, body: patch(f, c) })),
    onSuccess: onSaved,
    onError: refused,
  })
  const wrong = (field: string) => (save.error instanceof Refusal ? save.error.about(field) : undefined)
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Box className="card" p={{ base: 'md', sm: 'lg' }}>
          <Stack gap="md">
            <Title order={2}>{t('wizard.presets')}</Title>
            <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm">
              {presets.data?.items.map((p) => (
                <button type="button" key={p.name} className="preset" onClick={() => set({ week: readWeek(p.window.days), attempts: p.retry.max_attempts, interval: p.retry.interval_minutes })}>
                  <strong>{t(`preset.${p.name}`)}</strong>
                  <span>{t('wizard.presetAbout', { count: p.retry.max_attempts, attempts: number(p.retry.max_attempts), hours: hours(p.window.days) })}</span>
                </button>
              ))}
            </SimpleGrid>
          </Stack>
        </Box>
        <Box className="card" p={{ base: 'md', sm: 'lg' }}>
          <Stack gap="md">
            <Title order={2}>{t('wizard.when')}</Title>
            <Group align="flex-end">
              <SegmentedControl
                aria-label={t('wizard.when')} value={f.startsAt ? 'later' : 'now'} onChange={(v) => set({ startsAt: v === 'now' ? '' : local(new Date(Date.now() + 3_600_000).toISOString()) })}
                data={[{ value: 'now', label: t('wizard.atOnce') }, { value: 'later', label: t('wizard.later') }]}
              />
              {f.startsAt && <TextInput id={fieldId('starts_at')} type="datetime-local" aria-label={t('wizard.later')} value={f.startsAt} onChange={(e) => set({ startsAt: e.currentTarget.value })} error={wrong('starts_at')} />}
            </Group>
          </Stack>
        </Box>
        <Box className="card" p={{ base: 'md', sm: 'lg' }}>
          <Stack gap="md">
            <Title order={2}>{t('campaign.section.window')}</Title>
            {wrong('window') && <Alert color="red" variant="light" role="alert">{wrong('window')}</Alert>}
            <WeekGrid week={f.week} words={words} onChange={(week) => set({ week })} />
            <SimpleGrid cols={{ base: 1, sm: 3 }}>
              <Select
                label={t('wizard.clock')} value={f.whose} allowDeselect={false} onChange={(v) => set({ whose: v as Zone })}
                data={(['campaign', 'agent', 'contact'] as const).map((z) => ({ value: z, label: t(`campaign.clock.${z}`) }))}
              />
              <Select id={fieldId('zone')} label={t('campaign.field.zone')} value={f.zone} onChange={(zone) => set({ zone: zone ?? c.zone })} data={Intl.supportedValuesOf('timeZone')} searchable limit={50} error={wrong('zone')} />
              <MultiSelect label={t('wizard.holidays')} value={f.holidays} onChange={(holidays) => set({ holidays })} data={calendars.map((k) => ({ value: k, label: t(`calendar.${k}`) }))} />
            </SimpleGrid>
          </Stack>
        </Box>
        <Box className="card" p={{ base: 'md', sm: 'lg' }}>
          <Stack gap="md">
            <Title order={2}>{t('campaign.section.retry')}</Title>
            <SimpleGrid cols={{ base: 1, sm: 3 }}>
              <NumberInput id={fieldId('retry.max_attempts')} label={t('campaign.field.maxAttempts')} min={1} max={5} value={f.attempts} onChange={(v) => set({ attempts: Number(v) })} error={wrong('retry.max_attempts')} />
              <NumberInput id={fieldId('retry.interval_minutes')} label={t('wizard.interval')} min={10} max={4320} step={10} value={f.interval} onChange={(v) => set({ interval: Number(v) })} error={wrong('retry.interval_minutes')} />
              {c.channel === 'voice' && (
                <Select
                  label={t('wizard.voicemail')} value={f.voicemail} allowDeselect={false} onChange={(v) => set({ voicemail: v === 'accept' ? 'accept' : 'retry' })}
                  data={[{ value: 'retry', label: t('wizard.voicemailRetry') }, { value: 'accept', label: t('wizard.voicemailAccept') }]}
                />
              )}
            </SimpleGrid>
            <Switch label={t('wizard.laps')} description={t('wizard.lapsAbout')} checked={f.laps} onChange={(e) => set({ laps: e.currentTarget.checked })} />
            {f.laps && (
              <SimpleGrid cols={{ base: 1, sm: 3 }}>
                <NumberInput id={fieldId('laps.max_per_day')} label={t('wizard.lapsADay')} min={1} max={20} value={f.lapsADay} onChange={(v) => set({ lapsADay: Number(v) })} error={wrong('laps.max_per_day')} />
                <NumberInput label={t('wizard.cooldown')} min={1} max={10080} value={f.cooldown} onChange={(v) => set({ cooldown: Number(v) })} error={wrong('laps.cooldown_minutes')} />
              </SimpleGrid>
            )}
          </Stack>
        </Box>
        <Box className="card" p={{ base: 'md', sm: 'lg' }}>
          <Stack gap="md">
            <div>
              <Title order={2}>{t('wizard.pace')}</Title>
              <Text size="sm" c="dimmed">
                {t('wizard.paceAbout')}
              </Text>
            </div>
            <SimpleGrid cols={{ base: 1, sm: 3 }}>
              <NumberInput id={fieldId('pace.concurrent')} label={t('campaign.field.concurrent')} min={0} value={f.concurrent} onChange={(v) => set({ concurrent: v === '' ? '' : Number(v) })} placeholder={t('campaign.lineBound')} error={wrong('pace.concurrent')} />
              <NumberInput id={fieldId('pace.per_second')} label={t('campaign.field.perSecond')} min={0} step={0.5} value={f.perSecond} onChange={(v) => set({ perSecond: v === '' ? '' : Number(v) })} placeholder={t('campaign.lineBound')} error={wrong('pace.per_second')} />
              <NumberInput id={fieldId('pace.per_day')} label={t('campaign.field.perDay')} min={0} value={f.perDay} onChange={(v) => set({ perDay: v === '' ? '' : Number(v) })} placeholder={t('campaign.lineBound')} error={wrong('pace.per_day')} />
            </SimpleGrid>
          </Stack>
        </Box>
        <Group justify="space-between">
          <Button variant="default" onClick={onBack}>
            {t('action.back')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('wizard.next')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const hours = (days?: Record<string, string[]>) => Object.values(days ?? {})[0]?.join(', ').replace(/-/g, '–') ?? ''
