import type { Schemas } from '@/api/client'
import { number, percent, spanOf } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { Table, type Column } from '@/ui'
import { Columns } from '@/ui/Columns'

type Point = Schemas['PointView']

/** What was tried and reached, span by span, with the same as a table. */
export function OverTime({ of: s }: { of: Schemas['SeriesView'] }) {
  const { t } = useTranslation()
  const name = (p: Point) => spanOf(p.at, s.every, s.zone)
  const columns: Column<Point>[] = [
    { key: 'at', name: t('campaign.field.when'), phone: 'title', cell: name },
    { key: 'attempts', name: t('campaign.field.attempts'), end: true, phone: 'aside', cell: (p) => number(p.attempts) },
    { key: 'reached', name: t('home.reached'), end: true, phone: 'below', cell: (p) => (p.attempts > 0 ? `${number(p.answered)} (${percent(p.answered / p.attempts)})` : '0') },
    { key: 'goals', name: t('home.goals'), end: true, cell: (p) => number(p.goals) },
    { key: 'refused', name: t('home.refused'), end: true, cell: (p) => number(p.refused) },
    { key: 'failed', name: t('campaign.figure.failure'), end: true, cell: (p) => number(p.failed) },
  ]
  const label = t('results.timeLabel', { attempts: number(s.points.reduce((n, p) => n + p.attempts, 0)), spans: s.points.length })
  return (
    <>
      <Columns
        spans={s.points.map((p) => ({ id: p.at, name: name(p), whole: p.attempts, part: p.answered }))} label={label} whole={t('campaign.field.attempts')} part={t('home.reached')}
        show={number}
      />
      <details className="figures">
        <summary>{t('results.table')}</summary>
        <Table label={t('results.time')} rows={s.points.filter((p) => p.attempts > 0)} columns={columns} id={(p) => p.at} />
      </details>
    </>
  )
}
