import { calendars } from '@/schedule/calendars'
import { useTranslation } from '@/locale/language'
import { MultiSelect, Stack, TagsInput, Text } from '@/ui'
import type { Rules } from './queries'

/** Days on which nobody is contacted. Without onChange they are only told. */
export function Closed({ closed, onChange }: { closed: Rules['closed']; onChange?: (closed: Rules['closed']) => void }) {
  const { t } = useTranslation()
  const names = calendars.map((k) => ({ value: k as string, label: t(`calendar.${k}`) }))
  if (!onChange) {
    const all = [...closed.holidays.map((k) => names.find((n) => n.value === k)?.label ?? k), ...closed.dates]
    return <Text size="sm">{all.length > 0 ? all.join(', ') : t('rules.neverClosed')}</Text>
  }
  return (
    <Stack gap="sm">
      <MultiSelect label={t('wizard.holidays')} value={closed.holidays} data={names} onChange={(holidays) => onChange({ ...closed, holidays })} />
      <TagsInput
        label={t('rules.closedDates')} description={t('rules.closedDatesAbout')} placeholder="2026-12-24" value={closed.dates} splitChars={[',', ';', ' ']} maxTags={400}
        onChange={(dates) => onChange({ ...closed, dates })}
      />
    </Stack>
  )
}
