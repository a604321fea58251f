import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

/** What the build says of itself: every chunk with what it imports at once. */
interface Chunk {
  file: string
  imports?: string[]
  css?: string[]
}

const dist = join(import.meta.dirname, '../../site/dist')
const manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8')) as Record<string, Chunk>

/** Everything that must be there before some chunks can run. */
function needed(...roots: string[]): Chunk[] {
  const seen = new Set<string>()
  const visit = (name: string) => {
    if (seen.has(name)) return
    seen.add(name)
    const chunk = manifest[name]
    if (!chunk) throw new Error(`the build has no ${name}`)
    chunk.imports?.forEach(visit)
  }
  roots.forEach(visit)
  return [...seen].map((name) => manifest[name] as Chunk)
}

const weight = (files: Iterable<string>) => [...new Set(files)].reduce((sum, f) => sum + gzipSync(readFileSync(join(dist, f)), { level: 9 }).length, 0)

// The page that somebody sees first, in the heaviest language: 200 kB of script and 40 kB of style, compressed by gzip.
test.each(['src/home/Home.tsx', 'src/campaign/List.tsx', 'src/campaign/Campaign.tsx', 'src/access/SignIn.tsx'])('%s keeps to the budget of a first page', (page) => {
  const chunks = needed('index.html', page, 'src/locale/es.json?first', ...(page.includes('Campaign.') ? ['src/locale/es.json?rest'] : []))
  const script = weight(chunks.map((c) => c.file).filter((f) => f.endsWith('.js')))
  const style = weight(chunks.flatMap((c) => c.css ?? []))
  expect(script, 'bytes of script').toBeLessThan(page.includes('Campaign.') ? 215_000 : 200_000)
  expect(style, 'bytes of style').toBeLessThan(40_000)
  expect(style).toBeGreaterThan(0)
})
