import { ActionIcon, Button, Group, Stack, Switch, Text } from '@mantine/core'
import { IconCopy, IconPlus, IconX } from '@tabler/icons-react'
import './week.css'
import { clock, readClock, type Interval, type Week } from './week'

export interface WeekWords {
  day: (day: number) => string
  open: (day: string) => string
  from: (day: string) => string
  to: (day: string) => string
  add: string
  remove: string
  closed: string
  copy: string
}

interface Props {
  week: Week
  words: WeekWords
  onChange?: (week: Week) => void
}

const standard: Interval = [540, 1080]

/** The hours of a week, drawn, and to be changed day by day. Without onChange it is only looked at. */
export function WeekGrid({ week, words, onChange }: Props) {
  const set = (day: number, intervals: Interval[]) => onChange?.(week.map((d, i) => (i === day ? intervals : d)))
  return (
    <div className="week">
      {week.map((intervals, day) => (
        <div className="week-day" key={words.day(day)}>
          {onChange ? (
            <Switch
              label={words.day(day)}
              aria-label={words.open(words.day(day))}
              checked={intervals.length > 0}
              onChange={(e) => set(day, e.currentTarget.checked ? [week.find((d) => d.length > 0)?.[0] ?? standard] : [])}
            />
          ) : (
            <Text size="sm">{words.day(day)}</Text>
          )}
          <div className="week-hours" aria-hidden>
            {intervals.map(([from, to]) => (
              <i key={`${from}-${to}`} style={{ left: `${from / 14.4}%`, width: `${Math.max(0, to - from) / 14.4}%` }} />
            ))}
          </div>
          {onChange ? (
            <Stack gap={6}>
              {intervals.map((interval, i) => (
                <Times
                  key={i} // eslint-disable-line react/no-array-index-key -- intervals have nothing else to be known by
                  interval={interval}
                  day={words.day(day)}
                  words={words}
                  onChange={(changed) => set(day, intervals.map((x, j) => (i === j ? changed : x)))}
                  onRemove={() => set(day, intervals.filter((_, j) => i !== j))}
                />
              ))}
              {intervals.length > 0 ? (
                <Group gap={4}>
                  <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} onClick={() => set(day, [...intervals, next(intervals)])}>
                    {words.add}
                  </Button>
                  {day === 0 && (
                    <Button size="compact-xs" variant="subtle" leftSection={<IconCopy size={13} />} onClick={() => onChange(week.map((d, i) => (i < 5 ? intervals : d)))}>
                      {words.copy}
                    </Button>
                  )}
                </Group>
              ) : (
                <Text size="sm" c="dimmed">
                  {words.closed}
                </Text>
              )}
            </Stack>
          ) : (
            <Text size="sm" c={intervals.length > 0 ? undefined : 'dimmed'} className="numbers">
              {intervals.map(([from, to]) => `${clock(from)}–${clock(to)}`).join(', ') || words.closed}
            </Text>
          )}
        </div>
      ))}
    </div>
  )
}

/** An interval behind the others of its day. */
function next(intervals: Interval[]): Interval {
  const last = Math.max(...intervals.map(([, to]) => to))
  return last <= 1320 ? [last + 60, Math.min(last + 180, 1440)] : [0, 60]
}

interface TimesProps {
  interval: Interval
  day: string
  words: WeekWords
  onChange: (interval: Interval) => void
  onRemove: () => void
}

function Times({ interval: [from, to], day, words, onChange, onRemove }: TimesProps) {
  return (
    <Group gap={6} wrap="nowrap">
      <input className="time" type="time" aria-label={words.from(day)} value={clock(from)} onChange={(e) => onChange([readClock(e.target.value) ?? from, to])} />
      <span aria-hidden>–</span>
      <input
        className="time"
        type="time"
        aria-label={words.to(day)}
        value={to === 1440 ? '00:00' : clock(to)}
        onChange={(e) => onChange([from, readClock(e.target.value) || (e.target.value === '00:00' ? 1440 : to)])}
      />
      <ActionIcon variant="subtle" color="gray" aria-label={`${words.remove}: ${day} ${clock(from)}–${clock(to)}`} onClick={onRemove}>
        <IconX size={15} />
      </ActionIcon>
    </Group>
  )
}
