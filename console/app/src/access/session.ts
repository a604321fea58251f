/**
 * Who is signed in, and how requests show it: the one module that knows. Today that is an API key, typed once and kept for
 * as long as the browser's tab.
 */
import { useSyncExternalStore } from 'react'

const place = 'campanario.key'
let key = read()
const listeners = new Set<() => void>()

function read(): string {
  try {
    return sessionStorage.getItem(place) ?? ''
  } catch {
    return ''
  }
}

function become(value: string) {
  if (key === value) return
  key = value
  try {
    if (value) sessionStorage.setItem(place, value)
    else sessionStorage.removeItem(place)
  } catch {
    // a browser that keeps nothing asks again next time
  }
  for (const f of listeners) f()
}

/** The headers by which a request shows who asks. */
export function credentials(): Record<string, string> {
  return key ? { Authorization: `Bearer ${key}` } : {}
}

/** Takes a key that was typed. Whether it opens is for the server to say. */
export const enter = (typed: string) => become(typed.trim())

/** Forgets who was signed in. */
export const leave = () => become('')

/** The server does not know who asks any more. */
export const expired = leave

/** Whether there is anything to show. */
export function useEntered(): boolean {
  return useSyncExternalStore(
    (f) => {
      listeners.add(f)
      return () => listeners.delete(f)
    },
    () => key !== '',
  )
}
