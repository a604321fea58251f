import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import document from '../../../../docs/api/openapi.json'
import en from './en.json'
import es from './es.json'
import { languages, lookUp, match } from './language'
import pt from './pt-BR.json'
import { first, firstSources, only, said, type Words } from '../../tools/words'

const all: Record<(typeof languages)[number], Words> = { 'pt-BR': pt, es, en }

/** Every key with its words. */
function flat(words: Words, before = ''): [string, string][] {
  return Object.entries(words).flatMap(([k, v]) => (typeof v === 'string' ? [[before + k, v] as [string, string]] : flat(v, `${before}${k}.`)))
}

/** The text of all our source. */
function source(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((e) => {
      if (e.isDirectory()) return source(join(folder, e.name))
      return /\.tsx?$/.test(e.name) && !/\.test\.|\.gen\./.test(e.name) ? readFileSync(join(folder, e.name), 'utf8') : ''
    })
    .join('\n')
}

const code = source(join(import.meta.dirname, '..'))
const keys = flat(pt).map(([k]) => k)

test.each(['es', 'en'] as const)('%s has the same keys, and puts the same values in', (l) => {
  expect(flat(all[l]).map(([k]) => k)).toEqual(keys)
  const values = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).toSorted()
  for (const [key, text] of flat(all[l])) expect([key, values(text)]).toEqual([key, values(lookUp(pt, key) ?? '')])
})

test('there are words for everything, and nothing is said twice in one breath', () => {
  for (const l of languages) for (const [key, text] of flat(all[l])) expect(text.trim(), `${l} ${key}`).toMatch(/^\S(.*\S)?$/)
})

test('every key is used', () => {
  expect(keys.filter((key) => !said(code)(key))).toEqual([])
})

// What is drawn before all words are there must say no others.
test('the first page has its words, and waits for them before it draws more', () => {
  const sources = firstSources()
  const there = flat(only(pt, said([...sources.values()].join('\n')))).map(([k]) => k)
  expect(there).toContain('campaign.new')
  expect(there).toContain('signIn.enter')
  expect(there).not.toContain('audience.about')
  expect(there.length).toBeLessThan(keys.length / 2)
  const lazily = [...sources].flatMap(([file, text]) => [...text.matchAll(/(\w+)\(\(\) => import\('([^']+)'\)/g)].map(([, by, path]) => ({ file, by, path: path ?? '' })))
  expect(lazily.length).toBeGreaterThan(5)
  const silent = ['./ConfirmDialog'] // what it says is given to it
  const early = lazily.filter(({ by, path }) => !['withWords', 'lazyRouteComponent'].includes(by ?? '') && !first.some((f) => f.endsWith(`${path.replace('@/', '/')}.tsx`)))
  expect(early.filter(({ path }) => !silent.includes(path))).toEqual([])
})

test('plurals come in pairs', () => {
  for (const key of keys.filter((k) => k.endsWith('_one'))) expect(keys).toContain(key.replace(/_one$/, '_other'))
  for (const key of keys.filter((k) => k.endsWith('_other'))) expect(keys).toContain(key.replace(/_other$/, '_one'))
})

// Whatever the server can say in codes has words. The codes are those of its own description.
type Schema = { properties?: Record<string, { enum?: string[]; items?: { enum?: string[] } }> }
const schemas = document.components.schemas as unknown as Record<string, Schema>
const codes = (schema: string, property: string) => {
  const p = schemas[schema]?.properties?.[property]
  return (p?.enum ?? p?.items?.enum ?? []).filter((c) => c !== '')
}

test.each([
  ['campaign.state', 'CampaignView', 'state'],
  ['campaign.action', 'CampaignView', 'can'],
  ['campaign.purpose', 'CampaignView', 'purpose'],
  ['campaign.status', 'RecipientView', 'status'],
  ['campaign.do', 'RecipientView', 'can'],
  ['campaign.waits', 'WaitsView', 'for'],
  ['campaign.stage', 'OpenAttemptView', 'stage'],
  ['campaign.health', 'FindingView', 'health'],
  ['campaign.rate', 'FindingView', 'rate'],
  ['results.stage', 'Passed', 'stage'],
  ['home.urgency', 'AttentionView', 'urgency'],
  ['campaign.clock', 'Window', 'zone'],
  ['channel', 'CampaignView', 'channel'],
  ['preset', 'PresetView', 'name'],
  ['priority', 'ContactView', 'priority'],
  ['contact.reach', 'ReachView', 'status'],
  ['contact.answer', 'ConsentStandingView', 'answer'],
  ['import.state', 'ImportView', 'state'],
  ['import.layout', 'Suggestion', 'layout'],
  ['basis', 'ImportSettings', 'basis'],
  ['suppression.registry', 'RegistryView', 'state'],
  ['suppression.kinds', 'RegistryView', 'kind'],
  ['suppression.reasons', 'SuppressInput', 'reason'],
])('%s has words for every code of %s.%s', (prefix, schema, property) => {
  const known = codes(schema, property)
  expect(known.length).toBeGreaterThan(1)
  expect(known.filter((c) => lookUp(pt, `${prefix}.${c}`) === undefined && lookUp(pt, `${prefix}.${c}_one`) === undefined)).toEqual([])
})

test('the audit has words for every operation that it keeps', () => {
  const operations = Object.values(document.paths as unknown as Record<string, Record<string, { operationId?: string; 'x-scope'?: string }>>).flatMap((path) =>
    Object.entries(path).filter(([method, o]) => method !== 'get' && o['x-scope'] && !o.operationId?.startsWith('preview-') && !['read', 'open'].includes(o['x-scope'])).map(([, o]) => o.operationId as string),
  )
  expect(operations.length).toBeGreaterThan(60)
  expect([...operations, 'sign-in', 'join', 'reset-password', 'export-contact', 'delete-expired', 'sign-in-refused', ...deeds()].filter((o) => lookUp(pt, `log.${o}`) === undefined)).toEqual([])
})

/** What the engine does by itself. */
const deeds = () => [...readFileSync(join(import.meta.dirname, '../../../../campaign/deed.go'), 'utf8').matchAll(/= "([a-z]+-[a-z-]+)"/g)].map((m) => m[1] as string)

test('outcomes have words for every code that the engine knows', () => {
  const table = readFileSync(join(import.meta.dirname, '../../../../channel/outcome.go'), 'utf8')
  const known = [...table.matchAll(/^\t\w+\s+Code = "(\w+)"$/gm)].map((m) => m[1] as string)
  expect(known.length).toBeGreaterThan(20)
  expect(known.filter((c) => lookUp(pt, `campaign.outcome.${c}`) === undefined)).toEqual([])
})

test.each([
  [['pt-PT'], 'pt-BR'],
  [['es-419', 'en'], 'es'],
  [['de', 'en-GB'], 'en'],
  [['de', 'fr'], 'pt-BR'],
  [[], 'pt-BR'],
])('a browser that speaks %j is spoken to in %s', (wanted, l) => expect(match(wanted)).toBe(l))

test('words are chosen by the count', () => {
  const words = { a_one: 'one', a_other: 'many', b: 'same' }
  expect([0, 1, 2, 1_000_000].map((n) => lookUp(words, 'a', n))).toEqual(['many', 'one', 'many', 'many'])
  expect(lookUp(words, 'b', 5)).toBe('same')
  expect(lookUp(words, 'c')).toBeUndefined()
})
