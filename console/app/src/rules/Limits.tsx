import { number } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { ActionIcon, Button, Choice, Group, IconPlus, IconTrash, NumberInput, Stack, Text } from '@/ui'
import type { Limit } from './queries'

const channels = ['voice', 'email', 'sms', 'whatsapp'] as const
const counted = ['attempts', 'answered', 'channels'] as const

/** A limit as a sentence. */
export function useLimitWords() {
  const { t } = useTranslation()
  return (l: Limit) => {
    const [length, unit] = l.days ? [l.days, 'days' as const] : [l.hours ?? 0, 'hours' as const]
    const what = t(`rules.most.${l.counts ?? 'attempts'}`, { count: l.most, number: number(l.most) })
    const within = t(`rules.in.${unit}`, { count: length, number: number(length) })
    return [what, within, l.channel && t('rules.by', { channel: t(`channel.${l.channel}`) })].filter(Boolean).join(' ')
  }
}

/** How often one person may be contacted. Without onChange it is only told. */
export function Limits({ limits, onChange }: { limits: Limit[]; onChange?: (limits: Limit[]) => void }) {
  const { t } = useTranslation()
  const words = useLimitWords()
  const set = (i: number, part: Partial<Limit>) => onChange?.(limits.map((l, at) => (at === i ? { ...l, ...part } : l)))
  return (
    <Stack gap="sm">
      {limits.length === 0 && <Text size="sm">{t('rules.noLimits')}</Text>}
      {limits.map((l, i) => {
        const unit = l.days ? 'days' : 'hours'
        const length = l.days || l.hours || 1
        return (
          <div
            key={i} // eslint-disable-line react/no-array-index-key -- limits have nothing else to be known by
            role="group" aria-label={words(l)}
          >
            <Group justify="space-between" wrap="nowrap" mb={4}>
              <Text size="sm" fw={600}>
                {words(l)}
              </Text>
              {onChange && (
                <ActionIcon variant="subtle" color="gray" size={36} aria-label={`${t('rules.removeLimit')}: ${words(l)}`} onClick={() => onChange(limits.filter((_, at) => at !== i))}>
                  <IconTrash size={17} />
                </ActionIcon>
              )}
            </Group>
            {onChange && (
              <Group gap="xs" align="flex-end">
                <NumberInput label={t('rules.atMost')} w={84} min={1} max={100} value={l.most} onChange={(v) => set(i, { most: Number(v) || 1 })} />
                <Choice
                  label={t('rules.counts')} w={{ base: '100%', xs: 235 }} none={t('rules.counted.attempts')} value={l.counts === 'attempts' ? '' : (l.counts ?? '')}
                  options={counted.slice(1).map((c) => ({ value: c, label: t(`rules.counted.${c}`) }))} onChange={(c) => set(i, { counts: c as Limit['counts'] })}
                />
                <NumberInput label={t('rules.within')} w={84} min={1} max={unit === 'days' ? 31 : 744} value={length} onChange={(v) => set(i, { [unit]: Number(v) || 1 })} />
                <Choice
                  aria-label={t('rules.unit')} w={100} none={t('rules.hours')} value={unit === 'days' ? 'days' : ''} options={[{ value: 'days', label: t('rules.days') }]}
                  onChange={(u) => set(i, u ? { days: Math.min(length, 31), hours: undefined } : { hours: length, days: undefined })}
                />
                <Choice
                  label={t('campaign.field.channel')} w={{ base: '100%', xs: 150 }} none={t('rules.allChannels')} value={l.channel ?? ''} options={channels.map((c) => ({ value: c, label: t(`channel.${c}`) }))}
                  onChange={(c) => set(i, { channel: c as Limit['channel'] })}
                />
              </Group>
            )}
          </div>
        )
      })}
      {onChange && limits.length < 20 && (
        <div>
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => onChange([...limits, { most: 2, days: 1 }])}>
            {t('rules.addLimit')}
          </Button>
        </div>
      )}
    </Stack>
  )
}
