import { useSyncExternalStore } from 'react'

let away = false
const listeners = new Set<() => void>()

function become(value: boolean) {
  if (away === value) return
  away = value
  for (const f of listeners) f()
}

/** A request was answered, whatever the answer. */
export const reached = () => become(false)

/** A request was not answered. */
export const unreachable = () => become(true)

/** Whether the server was away when it was last asked. */
export function useAway(): boolean {
  return useSyncExternalStore(
    (f) => {
      listeners.add(f)
      window.addEventListener('offline', unreachable) // a browser that knows so asks nothing, and would hear no refusal
      return () => {
        listeners.delete(f)
        window.removeEventListener('offline', unreachable)
      }
    },
    () => away,
  )
}
