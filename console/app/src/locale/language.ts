import { useSyncExternalStore } from 'react'
import type pt from './pt-BR.json'

/** The languages of the console; the first is that of browsers that speak none of them. */
export const languages = ['pt-BR', 'es', 'en'] as const
export type Language = (typeof languages)[number]

type Stem<K extends string> = K extends `${infer S}_one` ? S : K extends `${infer S}_other` ? S : K
type Keys<T> = { [K in keyof T & string]: T[K] extends string ? Stem<K> : `${K}.${Keys<T[K]>}` }[keyof T & string]

/** Every key that has words; one that has not does not compile. */
export type Key = Keys<typeof pt>

/** Values that stand in words as {{name}}. With a count, words are chosen by the language's plural. */
export type Values = Record<string, string | number>

interface Words {
  [key: string]: string | Words
}

const place = 'campanario.language'
// A language in two parts: what the first page says, and what the others say besides (tools/words.ts).
const early = import.meta.glob<{ default: Words }>('./*.json', { query: '?first' })
const late = import.meta.glob<{ default: Words }>('./*.json', { query: '?rest' })
const known = new Map<Language, Words>()
const listeners = new Set<() => void>()
let spoken: Language = 'pt-BR'
let coming: Language = spoken
let whole: Promise<void> | undefined

/** The language that is spoken now. */
export const language = (): Language => spoken

/** The first of ours that somebody's list of languages asks for. */
export function match(wanted: readonly string[]): Language {
  for (const w of wanted) {
    const found = languages.find((l) => l.slice(0, 2) === w.slice(0, 2).toLowerCase())
    if (found) return found
  }
  return 'pt-BR'
}

/** The words of a key, without anything put in; undefined when there are none. */
export function lookUp(words: Words, key: string, count?: number): string | undefined {
  const find = (k: string) => k.split('.').reduce<string | Words | undefined>((at, part) => (typeof at === 'object' ? at[part] : undefined), words)
  if (count !== undefined) {
    // Counts of people and things: our three languages say one apart from all others, none included.
    const plural = find(`${key}_${count === 1 ? 'one' : 'other'}`)
    if (typeof plural === 'string') return plural
  }
  const found = find(key)
  return typeof found === 'string' ? found : undefined
}

/** The words of a key in the language that is spoken. */
export function t(key: Key, values: Values = {}): string {
  const count = typeof values.count === 'number' ? values.count : undefined
  const words = lookUp(known.get(spoken) ?? {}, key, count) ?? key
  return words.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ''))
}

/** Whether there are words for what may be a key. */
export const hasWords = (key: string): key is Key => lookUp(known.get(spoken) ?? {}, key) !== undefined

/** All words under a name, by the rest of their keys. */
export function wordsUnder(name: string): Record<string, string> {
  const found = known.get(spoken)?.[name]
  return typeof found === 'object' ? (found as Record<string, string>) : {}
}

/** The words, for something drawn: it is drawn anew when another language is spoken. */
export function useTranslation() {
  useSyncExternalStore(
    (f) => {
      listeners.add(f)
      return () => listeners.delete(f)
    },
    () => spoken,
  )
  return { t }
}

function joined(a: Words, b: Words): Words {
  const out = { ...a }
  for (const [name, value] of Object.entries(b)) {
    const had = out[name]
    out[name] = typeof value === 'object' && typeof had === 'object' ? joined(had, value) : value
  }
  return out
}

async function load(l: Language) {
  coming = l
  const parts = await Promise.all([early, ...(whole ? [late] : [])].map((files) => files[`./${l}.json`]?.()))
  known.set(l, parts.reduce<Words>((all, part) => (part ? joined(all, part.default) : all), {}))
  if (coming !== l) return // another one was chosen meanwhile
  spoken = l
  document.documentElement.lang = l
}

/** Loads the words that the first page has no use for. */
function allWords(): Promise<void> {
  if (!whole) {
    whole = Promise.resolve().then(() => load(coming))
    whole.catch(() => {
      whole = undefined // the next page asks again
    })
  }
  return whole
}

/** What is loaded when it is wanted, with all words there by then: every page but the first ones. */
export const withWords =
  <T>(module: () => Promise<T>) =>
  async (): Promise<T> =>
    (await Promise.all([module(), allWords()]))[0]

/** Loads the first language: the one chosen here before, or the browser's. It must have ended before anything is drawn. */
export async function begin(): Promise<void> {
  let kept: string | null = null
  try {
    kept = localStorage.getItem(place)
  } catch {
    // a browser that keeps nothing says what it speaks
  }
  await load(match(kept ? [kept] : navigator.languages))
}

/** Speaks another language from now on. */
export async function speak(l: Language): Promise<void> {
  await load(l)
  for (const f of listeners) f()
  try {
    localStorage.setItem(place, l)
  } catch {
    // it is spoken until the page is left
  }
}
