import { useQuery } from '@tanstack/react-query'
import { useTranslation } from '@/locale/language'
import { number } from '@/locale/format'
import { calendars } from '@/schedule/calendars'
import { Alert, Box, Group, MultiSelect, NumberInput, SegmentedControl, Select, SimpleGrid, Stack, Switch, Text, TextInput, Title, WeekGrid } from '@/ui'
import { readWeek } from '@/ui/week'
import { presetsQuery } from '../presets'
import { useWeekWords } from '../weekWords'
import type { Campaign } from '../words'
import { fieldId, type Writing } from './field'
import { local, type Fields } from './scheduleDraft'

const inAnHour = () => local(new Date(Date.now() + 3_600_000).toISOString())

/** Hours, retries, laps and pace of a campaign, being written. */
export function ScheduleFields({ campaign: c, fields: f, set, wrong, may }: Writing<Fields> & { campaign: Campaign }) {
  const { t } = useTranslation()
  const presets = useQuery(presetsQuery)
  const words = useWeekWords()
  return (
    <>
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
          <Title order={2}>{t(may('starts_at') ? 'wizard.when' : 'wizard.until')}</Title>
          {may('starts_at') && (
            <Group align="flex-end">
              <SegmentedControl
                aria-label={t('wizard.when')} value={f.startsAt ? 'later' : 'now'} onChange={(v) => set({ startsAt: v === 'now' ? '' : inAnHour() })}
                data={[{ value: 'now', label: t('wizard.atOnce') }, { value: 'later', label: t('wizard.later') }]}
              />
              {f.startsAt && <TextInput id={fieldId('starts_at')} type="datetime-local" aria-label={t('wizard.later')} value={f.startsAt} onChange={(e) => set({ startsAt: e.currentTarget.value })} error={wrong('starts_at')} />}
            </Group>
          )}
          <TextInput id={fieldId('ends_at')} type="datetime-local" label={t('campaign.field.ends')} description={t('wizard.endsAbout')} maw={320} value={f.endsAt} onChange={(e) => set({ endsAt: e.currentTarget.value })} error={wrong('ends_at')} />
        </Stack>
      </Box>
      <Box className="card" p={{ base: 'md', sm: 'lg' }}>
        <Stack gap="md">
          <Title order={2}>{t('campaign.section.window')}</Title>
          {wrong('window') && <Alert color="red" variant="light" role="alert">{wrong('window')}</Alert>}
          <WeekGrid week={f.week} words={words} onChange={(week) => set({ week })} />
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <Select
              label={t('wizard.clock')} value={f.whose} allowDeselect={false} onChange={(v) => set({ whose: v as Fields['whose'] })}
              data={(['campaign', 'agent', 'contact'] as const).map((z) => ({ value: z, label: t(`campaign.clock.${z}`) }))}
            />
            <Select id={fieldId('zone')} label={t('campaign.field.zone')} value={f.zone} onChange={(zone) => set({ zone: zone ?? c.zone })} data={Intl.supportedValuesOf('timeZone')} searchable limit={50} error={wrong('zone')} disabled={!may('zone')} />
            <MultiSelect label={t('wizard.holidays')} value={f.holidays} onChange={(holidays) => set({ holidays })} data={calendars.map((k) => ({ value: k, label: t(`calendar.${k}`) }))} />
          </SimpleGrid>
        </Stack>
      </Box>
      <Box className="card" p={{ base: 'md', sm: 'lg' }}>
        <Stack gap="md">
          <Title order={2}>{t('wizard.attempts')}</Title>
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
          {may('laps') && <Switch label={t('wizard.laps')} description={t('wizard.lapsAbout')} checked={f.laps} onChange={(e) => set({ laps: e.currentTarget.checked })} />}
          {f.laps && may('laps') && (
            <SimpleGrid cols={{ base: 1, sm: 3 }}>
              <NumberInput id={fieldId('laps.max_per_day')} label={t('wizard.lapsADay')} min={1} max={20} value={f.lapsADay} onChange={(v) => set({ lapsADay: Number(v) })} error={wrong('laps.max_per_day')} />
              <NumberInput id={fieldId('laps.max_total')} label={t('wizard.lapsTotal')} min={1} max={1000} value={f.lapsTotal} onChange={(v) => set({ lapsTotal: v === '' ? '' : Number(v) })} placeholder={t('wizard.lapsUntilEnd')} error={wrong('laps.max_total')} />
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
          <SimpleGrid cols={{ base: 1, sm: 2, md: 4 }}>
            <NumberInput id={fieldId('pace.concurrent')} label={t('campaign.field.concurrent')} min={0} value={f.concurrent} onChange={(v) => set({ concurrent: v === '' ? '' : Number(v) })} placeholder={t('campaign.lineBound')} error={wrong('pace.concurrent')} />
            <NumberInput id={fieldId('pace.per_second')} label={t('campaign.field.perSecond')} min={0} step={0.5} value={f.perSecond} onChange={(v) => set({ perSecond: v === '' ? '' : Number(v) })} placeholder={t('campaign.lineBound')} error={wrong('pace.per_second')} />
            <NumberInput id={fieldId('pace.per_day')} label={t('campaign.field.perDay')} min={0} value={f.perDay} onChange={(v) => set({ perDay: v === '' ? '' : Number(v) })} placeholder={t('campaign.lineBound')} error={wrong('pace.per_day')} />
            <NumberInput id={fieldId('failure_pause_percent')} label={t('wizard.failurePause')} min={0} max={100} suffix="%" value={f.failurePause} onChange={(v) => set({ failurePause: v === '' ? '' : Number(v) })} placeholder={t('wizard.never')} error={wrong('failure_pause_percent')} />
          </SimpleGrid>
        </Stack>
      </Box>
    </>
  )
}

const hours = (days?: Record<string, string[]>) => Object.values(days ?? {})[0]?.join(', ').replace(/-/g, '–') ?? ''
