import { expect, test } from 'vitest'
import sections from '../../../sections.json'
import { routes } from './routes'

// The server answers the paths of pages by what stands in sections.json: a page that is not there is a 404.
test('the server knows the sections that there are pages for', () => {
  const first = routes.map((r) => (r.options as { path: string }).path.split('/')[1])
  expect([...new Set(first)].toSorted()).toEqual([...sections].toSorted())
})
