import { useTranslation } from '@/locale/language'
import { weekday } from '@/locale/format'
import type { WeekWords } from '@/ui/WeekGrid'

/** The words of the week, in the reader's language. */
export function useWeekWords(): WeekWords {
  const { t } = useTranslation()
  return {
    day: (day) => weekday(day),
    open: (day) => t('week.open', { day }),
    from: (day) => t('week.from', { day }),
    to: (day) => t('week.to', { day }),
    add: t('week.add'),
    remove: t('week.remove'),
    closed: t('week.closed'),
    copy: t('week.copy'),
  }
}
