import { useTranslation } from '@/locale/language'
import type { Schemas } from '@/api/client'
import { number, percent } from '@/locale/format'
import { Bar, Group, Text } from '@/ui'
import { statuses, type RecipientStatus } from './words'

type Counts = Schemas['CountsView']

/** How far a campaign is: everybody in it, by what became of them. */
export function ProgressBar({ counts, progress }: { counts: Counts; progress: number }) {
  const { t } = useTranslation()
  const shown = (Object.keys(statuses) as RecipientStatus[]).filter((s) => s !== 'pending')
  const parts = shown.map((s) => ({ tone: statuses[s], value: counts.by_status[s] ?? 0, label: `${t(`campaign.status.${s}`)}: ${number(counts.by_status[s] ?? 0)}` }))
  const label = t('campaign.progressOf', { percent: percent(progress), settled: number(counts.settled), total: number(counts.total) })
  return <Bar parts={parts} whole={counts.total} label={label} />
}

/** The statuses that anybody has, with how many. */
export function Legend({ counts, onPick }: { counts: Counts; onPick?: (s: RecipientStatus) => void }) {
  const { t } = useTranslation()
  const there = (Object.keys(statuses) as RecipientStatus[]).filter((s) => (counts.by_status[s] ?? 0) > 0)
  return (
    <Group gap="6px 16px" component="ul" className="plain">
      {there.map((s) => (
        <li key={s}>
          <Group gap={6} wrap="nowrap">
            <span className={`dot tone-${statuses[s]}`} aria-hidden />
            {onPick ? (
              <button type="button" className="legend" onClick={() => onPick(s)}>
                {t(`campaign.status.${s}`)}
              </button>
            ) : (
              <Text size="sm" c="dimmed">
                {t(`campaign.status.${s}`)}
              </Text>
            )}
            <Text size="sm" fw={600} className="numbers">
              {number(counts.by_status[s] ?? 0)}
            </Text>
          </Group>
        </li>
      ))}
    </Group>
  )
}
