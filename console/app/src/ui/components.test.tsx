import { afterEach, expect, test, vi } from 'vitest'
import { useConfirm } from './Confirm'
import { does, draw } from './draw'
import { Bar } from './Status'
import { Table, type Column } from './Table'
import { toast } from './toast'
import { Toasts } from './Toasts'
import { readWeek, writeWeek, type Week } from './week'
import { WeekGrid, type WeekWords } from './WeekGrid'

const drawn: (() => Promise<unknown>)[] = []
const show: typeof draw = async (what) => {
  const d = await draw(what)
  drawn.push(d.end)
  return d
}
afterEach(async () => {
  for (const end of drawn.splice(0)) await end()
  document.body.replaceChildren()
})

const words: WeekWords = {
  day: (d) => `day${d}`, open: (d) => `open ${d}`, from: (d) => `${d} from`, to: (d) => `${d} to`, add: 'add', remove: 'remove', closed: 'closed', copy: 'copy',
}

test('a week is changed day by day', async () => {
  let week: Week = readWeek({ mon: ['09:00-18:00'] })
  const grid = () => <WeekGrid week={week} words={words} onChange={(w) => (week = w)} />
  const { place, again } = await show(grid())
  const press = async (name: string) => {
    const target = [...place.querySelectorAll('button')].find((b) => b.textContent === name || b.getAttribute('aria-label') === name)
    await does(() => target?.click())
    await again(grid())
  }
  await press('add')
  expect(writeWeek(week)).toEqual({ mon: ['09:00-18:00', '19:00-21:00'] })
  await press('copy')
  expect(writeWeek(week)).toEqual({ 'mon-fri': ['09:00-18:00', '19:00-21:00'] })
  await press('remove: day0 19:00–21:00')
  expect(writeWeek(week)).toEqual({ mon: ['09:00-18:00'], 'tue-fri': ['09:00-18:00', '19:00-21:00'] })
  await does(() => place.querySelector<HTMLInputElement>('[aria-label="open day6"]')?.click())
  expect(week[6]).toEqual([[540, 1080]])
})

test('without a way to change it a week is only shown', async () => {
  const { place } = await show(<WeekGrid week={readWeek({ mon: ['09:00-18:00'] })} words={words} />)
  expect(place.querySelectorAll('input, button')).toHaveLength(0)
  expect(place.textContent).toContain('09:00–18:00')
  expect(place.textContent?.match(/closed/g)).toHaveLength(6)
})

test('a bar says in words what it shows, and leaves out what is nothing', async () => {
  const { place } = await show(<Bar label="half" whole={10} parts={[{ tone: 'good', value: 5, label: 'a' }, { tone: 'bad', value: 0, label: 'b' }]} />)
  const bar = place.querySelector('[role=img]')
  expect(bar?.getAttribute('aria-label')).toBe('half')
  expect([...(bar?.children ?? [])].map((i) => i.getAttribute('title'))).toEqual(['a'])
})

test('a table names itself, its columns and its rows', async () => {
  const columns: Column<{ n: number }>[] = [{ key: 'n', name: 'Number', cell: (r) => r.n }, { key: 'd', name: 'Double', cell: (r) => 2 * r.n }]
  const { place } = await show(<Table label="Numbers" rows={[{ n: 1 }, { n: 2 }]} columns={columns} id={(r) => String(r.n)} actions={(r) => <button type="button">do {r.n}</button>} />)
  expect(place.querySelector('caption')?.textContent).toBe('Numbers')
  expect([...place.querySelectorAll('th')].map((h) => h.textContent)).toEqual(['Number', 'Double'])
  expect([...place.querySelectorAll('tbody tr')].map((r) => r.textContent)).toEqual(['12do 1', '24do 2'])
})

test('the same news is told once, and can be closed', async () => {
  const { place } = await show(<Toasts close="close" />)
  await does(() => {
    toast.refused('No', 'because')
    toast.done('Yes')
    toast.refused('No', 'because')
  })
  expect([...place.querySelectorAll('.toast')].map((x) => x.textContent)).toEqual(['Yes', 'Nobecause'])
  await does(() => place.querySelector<HTMLButtonElement>('[aria-label=close]')?.click())
  expect([...place.querySelectorAll('.toast')].map((x) => x.textContent)).toEqual(['Nobecause'])
})

test('what was done can be taken back once, by the button beside its news', async () => {
  const undone = vi.fn()
  const { place } = await show(<Toasts close="close" />)
  for (const of of ['one', 'other']) await does(() => toast.done('Archived', { name: 'Undo', of, run: () => undone(of) }))
  await does(() => [...place.querySelectorAll<HTMLButtonElement>('.toast button')].find((b) => b.textContent === 'Undo')?.click())
  expect(undone.mock.calls).toEqual([['one']])
  expect([...place.querySelectorAll('.toast')].flatMap((x) => x.textContent?.match(/^Archived.*/) ?? [])).toEqual(['ArchivedotherUndo'])
})

test('closing a question is a no, and another question ends the one before', async () => {
  const answers: string[] = []
  function Asker() {
    const confirm = useConfirm()
    const ask = (title: string) => void confirm({ title, consequence: 'x', yes: 'Do it', no: 'Back' }).then((yes) => answers.push(`${title} ${yes}`))
    return (
      <>
        <button type="button" onClick={() => ask('first')}>
          1
        </button>
        <button type="button" onClick={() => ask('second')}>
          2
        </button>
      </>
    )
  }
  const { place } = await show(<Asker />)
  const [one, two] = place.querySelectorAll('button')
  await does(() => one?.click())
  await does(() => two?.click())
  expect(answers).toEqual(['first false'])
})
