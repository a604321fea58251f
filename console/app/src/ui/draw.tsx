import { act, type ReactElement } from 'react'
import { createRoot } from 'react-dom/client'
import { Provider } from './Provider'

/** Draws something for a test, as it stands in the console; gives where it was drawn, and what draws it anew. */
export async function draw(what: ReactElement) {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const place = document.body.appendChild(document.createElement('div'))
  const root = createRoot(place)
  const again = (other: ReactElement) => act(async () => root.render(<Provider>{other}</Provider>))
  await again(what)
  return { place, again, end: () => act(async () => root.unmount()) }
}

/** Does what a person does, and waits for what comes of it. */
export const does = (action: () => void) => act(async () => action())
