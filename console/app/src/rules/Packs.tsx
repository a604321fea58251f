import { Link } from '@tanstack/react-router'
import { language, useTranslation } from '@/locale/language'
import { listed, weekday } from '@/locale/format'
import { Stack, Status, Switch, Text, Title } from '@/ui'
import { clock, readWeek, runs } from '@/ui/week'
import { applies, switched } from './chosen'
import { useLimitWords } from './Limits'
import type { Chosen, Pack, Rule } from './queries'

/** The packs of law, those that are chosen with their rules. Without onChange they are only told. */
export function Packs({ packs, chosen, onChange }: { packs: Pack[]; chosen: Chosen[]; onChange?: (chosen: Chosen[]) => void }) {
  const { t } = useTranslation()
  return (
    <Stack gap="sm">
      {packs.map((p) => {
        const mine = chosen.find((c) => c.pack === p.name)
        const count = mine ? p.rules.filter((r) => applies(r, mine)).length : 0
        return (
          <div key={p.name} className="pack">
            <Switch
              checked={Boolean(mine)} disabled={!onChange} onChange={(e) => onChange?.(e.currentTarget.checked ? [...chosen, { pack: p.name }] : chosen.filter((c) => c.pack !== p.name))}
              label={p.title}
              description={mine && count === 0 ? t('rules.noneApply') : mine ? t('rules.applying', { count, of: p.rules.length }) : t('rules.notChosen', { count: p.rules.length })}
            />
            <details open={Boolean(mine) || undefined}>
              <summary>{t('rules.says', { title: p.title })}</summary>
              <ul className="plain">
                {p.rules.map((r) => (
                  <li key={r.id}>
                    <One rule={r} chosen={mine} onSwitch={onChange && mine ? (on) => onChange(chosen.map((c) => (c === mine ? switched(c, r, on) : c))) : undefined} />
                  </li>
                ))}
              </ul>
              <Text size="sm" c="dimmed">
                {t('rules.looked', { date: new Intl.DateTimeFormat(language(), { timeZone: 'UTC' }).format(new Date(p.date)) })}
              </Text>
            </details>
          </div>
        )
      })}
    </Stack>
  )
}

/** One rule: what it says, how surely that is known, and what it does. */
function One({ rule: r, chosen, onSwitch }: { rule: Rule; chosen?: Chosen; onSwitch?: (on: boolean) => void }) {
  const { t } = useTranslation()
  const limit = useLimitWords()
  const on = chosen ? applies(r, chosen) : false
  const does = [
    ...r.limits.map(limit),
    r.hours?.days && hours(r.hours.days),
    r.registry && t('rules.register', { name: r.registry }),
    r.purposes.length > 0 && t('rules.for', { purposes: listed(r.purposes.map((p) => t(`campaign.purpose.${p as 'sales'}`))) }),
    r.channels.length > 0 && t('rules.by', { channel: listed(r.channels.map((c) => t(`channel.${c as 'voice'}`))) }),
  ].filter(Boolean)
  return (
    <div className="rule">
      <Switch aria-label={r.text} checked={on} disabled={!onSwitch} onChange={(e) => onSwitch?.(e.currentTarget.checked)} />
      <Stack gap={4} style={{ minWidth: 0 }}>
        <Title order={3} fz="sm" className="wrap">
          {r.text}
        </Title>
        <div>
          <Status tone={r.status === 'verified' ? 'good' : 'wait'}>{t(`rules.status.${r.status}`)}</Status>
        </div>
        {does.length > 0 && (
          <Text size="sm">
            {does.join(' · ')}{' '}
            {r.registry && on && (
              <Link to="/suppressions" className="as-link">
                {t('rules.toLists')}
              </Link>
            )}
          </Text>
        )}
        <Text size="sm" c="dimmed" className="wrap">
          {r.source}
        </Text>
        {r.note && (
          <Text size="sm" c="dimmed" className="wrap">
            {r.note}
          </Text>
        )}
      </Stack>
    </div>
  )
}

/** The hours of a week in few words: runs of days that are open alike. */
const hours = (days: Record<string, string[]>) =>
  runs(readWeek(days))
    .map((r) => `${weekday(r.from, 'short')}${r.to > r.from ? `–${weekday(r.to, 'short')}` : ''} ${r.intervals.map(([from, to]) => `${clock(from)}–${clock(to)}`).join(', ')}`)
    .join('; ')
