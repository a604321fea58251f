import { expect, test } from 'vitest'
import { ceiling, Columns } from './Columns'
import { draw } from './draw'
import { HeatMap } from './HeatMap'

test.each([[0, 5], [5, 5], [6, 10], [11, 20], [21, 25], [26, 50], [99, 100], [100, 100], [101, 200], [1_000_001, 2_000_000]])('everything up to %d fits under %d', (n, most) => {
  expect(ceiling(n)).toBe(most)
})

test('columns are as high as what they stand for, and a part lies within its whole', async () => {
  const { place, end } = await draw(<Columns spans={[{ id: 'a', name: '9h', whole: 10, part: 5 }, { id: 'b', name: '10h', whole: 0, part: 0 }]} label="two spans" whole="tried" part="reached" show={String} />)
  const high = [...place.querySelectorAll('rect.whole, rect.part')].map((r) => Number(r.getAttribute('height')))
  expect(high).toEqual([170, 85, 0, 0])
  expect(place.querySelector('svg')?.getAttribute('aria-label')).toBe('two spans')
  expect(place.querySelector('title')?.textContent).toBe('9h: tried 10, reached 5')
  await end()
})

test('the strongest cell of a map is the whole of its colour, and every number is said', async () => {
  const cells = [{ column: 0, row: 9, value: 0.2, text: '20 %', about: '' }, { column: 1, row: 10, value: 0.4, text: '40 %', about: '' }]
  const { place, end } = await draw(<HeatMap label="when" corner="hour" columns={['mon', 'tue']} rows={[{ id: 9, name: '9h' }, { id: 10, name: '10h' }]} cells={cells} />)
  const all = [...place.querySelectorAll('td')].map((td) => [td.style.getPropertyValue('--heat'), td.textContent])
  expect(all).toEqual([['0.5', '20 %'], ['0', ''], ['0', ''], ['1', '40 %']])
  expect([...place.querySelectorAll('th[scope=row]')].map((th) => th.textContent)).toEqual(['9h', '10h'])
  await end()
})
