import { expect, test } from 'vitest'
import { clock, readClock, readWeek, runs, writeWeek, type Week } from './week'

const office: Week = [[[540, 1080]], [[540, 1080]], [[540, 1080]], [[540, 1080]], [[540, 1080]], [], []]

test.each<[string, Record<string, string[]> | undefined, Week]>([
  ['a run of days', { 'mon-fri': ['09:00-18:00'] }, office],
  ['single days and runs', { 'mon,tue-thu,fri': ['09:00-18:00'] }, office],
  ['a run over the end of the week', { 'sat-mon': ['10:00-12:30'] }, [[[600, 750]], [], [], [], [], [[600, 750]], [[600, 750]]]],
  ['several intervals, in order', { wed: ['13:00-18:00', '08:00-12:00'] }, [[], [], [[480, 720], [780, 1080]], [], [], [], []]],
  ['to midnight', { sun: ['22:00-24:00'] }, [[], [], [], [], [], [], [[1320, 1440]]]],
  ['nothing said is always', undefined, Array.from({ length: 7 }, () => [[0, 1440]])],
])('reads %s', (_, days, week) => expect(readWeek(days)).toEqual(week))

test('writes days that are alike once', () => {
  expect(writeWeek(office)).toEqual({ 'mon-fri': ['09:00-18:00'] })
  expect(writeWeek([[[540, 1080]], [], [[540, 1080]], [], [], [], []])).toEqual({ mon: ['09:00-18:00'], wed: ['09:00-18:00'] })
})

test('what was written is read as it was', () => {
  const week: Week = [[[0, 60], [120, 1440]], [[0, 60]], [], [[540, 1080]], [[540, 1080]], [], [[1, 2]]]
  expect(readWeek(writeWeek(week))).toEqual(week)
})

test('tells a week in runs', () => {
  expect(runs(office)).toEqual([{ from: 0, to: 4, intervals: [[540, 1080]] }])
})

test.each([['09:30', 570], ['24:00', 1440], ['9:30', undefined], ['25:00', undefined], ['', undefined]])('reads the time %j', (text, m) => {
  expect(readClock(text)).toBe(m)
  if (m !== undefined) expect(clock(m)).toBe(text)
})
