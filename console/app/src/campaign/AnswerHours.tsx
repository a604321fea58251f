import type { Schemas } from '@/api/client'
import { number, percent, weekday } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { Text } from '@/ui'
import { HeatMap } from '@/ui/HeatMap'

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** How often people answer, by hour of the day and by weekday. */
export function AnswerHours({ of: h }: { of: Schemas['AnswerHoursView'] }) {
  const { t } = useTranslation()
  if (h.cells.length === 0) return <Text c="dimmed">{t('results.noHours')}</Text>
  const hours = h.cells.map((c) => c.hour)
  const first = Math.min(...hours)
  const rows = Array.from({ length: Math.max(...hours) - first + 1 }, (_, i) => ({ id: first + i, name: `${String(first + i).padStart(2, '0')}h` }))
  return (
    <HeatMap
      label={t('results.hours')} corner={t('results.hour')} columns={days.map((_, i) => weekday(i, 'short'))} rows={rows}
      cells={h.cells.map((c) => {
        const rate = c.answer_rate === undefined ? '–' : percent(c.answer_rate)
        return {
          column: days.indexOf(c.weekday), row: c.hour, value: c.answer_rate, text: rate,
          about: t('results.hourOf', { day: weekday(days.indexOf(c.weekday)), hour: c.hour, answered: number(c.answered), attempts: number(c.attempts), rate }),
        }
      })}
    />
  )
}
