import { useState } from 'react'
import { expect, test } from 'vitest'
import { does, draw } from '@/ui/draw'
import { useFull } from './useFull'

/** A list of 120 rows, two a page, of which every other page is empty. */
function List({ fails = Infinity, what = 'a' }: { fails?: number; what?: string }) {
  const [pages, setPages] = useState(1)
  const rows = Math.min(120, Math.floor(pages / 2) * 2)
  const full = useFull({ hasNextPage: rows < 120, isFetching: false, isError: pages >= fails, fetchNextPage: () => setPages(pages + 1) }, rows, what)
  return (
    <button type="button" onClick={full.fetchNextPage}>
      {`${rows} of ${pages}${full.looking ? ' looking' : ''}${full.hasNextPage ? '' : ' end'}`}
    </button>
  )
}

test('a list goes on over short pages until there is enough to see, then when it is asked to, and to its end', async () => {
  const { place, end } = await draw(<List />)
  const button = place.querySelector('button')
  expect(button?.textContent).toBe('50 of 50')
  await does(() => button?.click())
  expect(button?.textContent).toBe('100 of 100')
  await does(() => button?.click())
  expect(button?.textContent).toBe('120 of 120 end')
  await end()
})

test('what went wrong is not tried again and again', async () => {
  const { place, end } = await draw(<List fails={7} />)
  expect(place.querySelector('button')?.textContent).toBe('6 of 7')
  await end()
})
