/**
 * Who is signed in, and how requests show it: the one module that knows. People have the cookie of a session, which no
 * script can read. An API key does as well: it is kept for as long as the browser's tab.
 */
import { useSyncExternalStore } from 'react'

const place = 'campanario.key'

/** How somebody came in; undefined until the server has been asked, nobody when it knows nobody. */
export type Entered = 'session' | 'key' | 'nobody' | undefined

let key = read()
let entered: Entered = key ? 'key' : undefined
const listeners = new Set<() => void>()

function read(): string {
  try {
    return sessionStorage.getItem(place) ?? ''
  } catch {
    return ''
  }
}

function become(now: Entered, typed = '') {
  key = typed
  try {
    if (typed) sessionStorage.setItem(place, typed)
    else sessionStorage.removeItem(place)
  } catch {
    // a browser that keeps nothing asks again next time
  }
  if (entered === now) return
  entered = now
  for (const f of listeners) f()
}

/** The headers by which a request shows who asks. A session's cookie goes by itself. */
export const credentials = (): Record<string, string> => (key ? { Authorization: `Bearer ${key}` } : {})

/** Somebody came in by a key that opens. */
export const enterByKey = (typed: string) => become('key', typed.trim())

/** Somebody came in by a session. */
export const enterBySession = () => become('session')

/** The server does not know who asks, or not any more. */
export const expired = () => become('nobody')

/** How somebody came in, for what is not drawn. */
export const how = (): Entered => entered

/** How somebody came in. */
export function useEntered(): Entered {
  return useSyncExternalStore(
    (f) => {
      listeners.add(f)
      return () => listeners.delete(f)
    },
    () => entered,
  )
}
