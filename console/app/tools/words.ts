/**
 * Which words the first page can say. A language comes in two parts: these, before anything is drawn, and all others with
 * the first page that says more. What is in the first part is found by reading the sources, so that nobody keeps a list.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Plugin } from 'vite'

const src = join(import.meta.dirname, '../src')

/** What may be drawn first: each of these waits for no other words. */
export const first = ['main.tsx', 'access/SignIn.tsx', 'home/Home.tsx', 'campaign/List.tsx'].map((f) => join(src, f)).filter((f) => existsSync(f))

export interface Words {
  [key: string]: string | Words
}

function found(name: string, from: string): string | undefined {
  const path = name.startsWith('@/') ? join(src, name.slice(2)) : name.startsWith('.') ? resolve(dirname(from), name) : undefined
  return path && [path, `${path}.ts`, `${path}.tsx`, join(path, 'index.ts')].find((f) => existsSync(f) && statSync(f).isFile())
}

/** The sources of the first page with all that they import at once. */
export function firstSources(): Map<string, string> {
  const seen = new Map<string, string>()
  const visit = (file: string) => {
    if (seen.has(file) || !/\.tsx?$/.test(file)) return
    const text = readFileSync(file, 'utf8')
    seen.set(file, text)
    for (const [, name] of text.matchAll(/^(?:import|export|\}) (?!type )(?:[^'\n]* from )?'([^']+)'$/gm)) {
      const other = found(name as string, file)
      if (other) visit(other)
    }
  }
  first.forEach(visit)
  return seen
}

/** Whether some source says the words of a key: by its name, or by a beginning that the source completes. */
export function said(sources: string): (key: string) => boolean {
  const beginnings = [...sources.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)*\.)\$\{/g)].map((m) => m[1] as string)
  return (key) => {
    const stem = key.replace(/_(one|other)$/, '')
    return sources.includes(`'${stem}'`) || beginnings.some((b) => stem.startsWith(b))
  }
}

/** The words whose keys pass. */
export function only(of: Words, pass: (key: string) => boolean, before = ''): Words {
  const out: Words = {}
  for (const [name, value] of Object.entries(of)) {
    if (typeof value === 'string') {
      if (pass(before + name)) out[name] = value
      continue
    }
    const inner = only(value, pass, `${before}${name}.`)
    if (Object.keys(inner).length > 0) out[name] = inner
  }
  return out
}

/** Makes `es.json?first` and `es.json?rest`. Where nothing is built, both are the whole. */
export function words(): Plugin {
  let early: ((key: string) => boolean) | undefined
  return {
    name: 'words',
    enforce: 'pre',
    configResolved(config) {
      if (config.command === 'build') early = said([...firstSources().values()].join('\n'))
    },
    load(id) {
      const [, file, part] = /^(.*\/locale\/[\w-]+\.json)\?(first|rest)$/.exec(id) ?? []
      if (!file) return null
      const all = JSON.parse(readFileSync(file, 'utf8')) as Words
      const code = `export default ${JSON.stringify(early ? only(all, (key) => early?.(key) === (part === 'first')) : all)}`
      return { code, moduleType: 'js' }
    },
  }
}
