import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Key, Language, Values } from '../src/locale/language'

interface Tree {
  [key: string]: string | Tree
}

const read = (path: string) => JSON.parse(readFileSync(join(import.meta.dirname, path), 'utf8')) as Tree

function at(tree: Tree, key: string, count?: unknown): string {
  const find = (k: string) => k.split('.').reduce<string | Tree | undefined>((from, part) => (typeof from === 'object' ? from[part] : undefined), tree)
  const found = (typeof count === 'number' && find(`${key}_${count === 1 ? 'one' : 'other'}`)) || find(key)
  if (typeof found !== 'string') throw new Error(`there are no words for ${key}`)
  return found
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

/** What the console says in a language, so that a journey looks for the words that are there and has none of its own. */
export interface Words {
  /** The words of a key. */
  (key: Key, values?: Values): string
  /** What is said by a key, whatever stands for the values that are not given. */
  like(key: Key, values?: Values): RegExp
  /** The words of the server, from its own texts. */
  server(key: string): string
  language: Language
}

/** The words of a language. */
export function words(language: Language): Words {
  const console = read(`../src/locale/${language}.json`)
  const server = read(`../../../internal/locale/texts/${language}.json`)
  const said = (key: Key, values: Values = {}) => at(console, key, values.count).replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ''))
  return Object.assign(said, {
    like: (key: Key, values: Values = {}) =>
      new RegExp(
        at(console, key, values.count)
          .split(/\{\{(\w+)\}\}/)
          .map((part, i) => (i % 2 === 0 ? literal(part) : values[part] === undefined ? '.*' : literal(String(values[part]))))
          .join(''),
      ),
    server: (key: string) => at(server, key),
    language,
  })
}
