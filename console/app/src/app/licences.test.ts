import { expect, test } from 'vitest'
import lock from '../../package-lock.json'

interface Package {
  license?: string
  dev?: boolean
  optional?: boolean
  link?: boolean
}

// What becomes part of the program may be under these licences; their texts are in licences.md of the build.
const allowed = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Unlicense', '(MIT OR CC0-1.0)']

test('everything that is built in is under a licence that we link', () => {
  const built = Object.entries(lock.packages as Record<string, Package>).filter(([name, p]) => name.startsWith('node_modules/') && !p.dev && !p.link)
  expect(built.length).toBeGreaterThan(15)
  expect(built.filter(([, p]) => !allowed.includes(p.license ?? 'none')).map(([name, p]) => `${name}: ${p.license}`)).toEqual([])
})

test('nothing says where it was downloaded', () => {
  const from = Object.values(lock.packages as Record<string, { resolved?: string }>).map((p) => p.resolved ?? '')
  expect(from.filter((r) => r.includes('://'))).toEqual([])
})
