import { expired } from '@/access/session'
import { headers } from './client'
import { reached, unreachable } from './connection'

export interface ServerEvent {
  name: string
  data: string
}

/** Takes a stream of server-sent events apart (WHATWG HTML 9.2.6): feed it text in any pieces. */
export function parser(emit: (e: ServerEvent) => void): (text: string) => void {
  let rest = ''
  let name = ''
  let data: string[] = []
  const line = (text: string) => {
    if (text === '') {
      if (data.length > 0) emit({ name: name || 'message', data: data.join('\n') })
      name = ''
      data = []
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') name = value
    else if (field === 'data') data.push(value)
  }
  return (text) => {
    rest += text
    for (;;) {
      const end = rest.search(/\r\n|\n|\r(?=[^])/)
      if (end < 0) return
      const width = rest.startsWith('\r\n', end) ? 2 : 1
      const whole = rest.slice(0, end)
      rest = rest.slice(end + width)
      line(whole)
    }
  }
}

const patience = 45_000 // the server says something every 15 s

/** Follows a stream, and comes back to it whenever it breaks off, which lost is told, until the signal ends it. */
export async function follow(path: string, emit: (e: ServerEvent) => void, signal: AbortSignal, lost: () => void): Promise<void> {
  for (let wait = 1000; !signal.aborted; wait = Math.min(2 * wait, 15_000)) {
    const silence = new AbortController()
    let timer = setTimeout(() => silence.abort(), patience)
    try {
      const response = await fetch(path, { headers: { ...headers(), Accept: 'text/event-stream' }, signal: AbortSignal.any([signal, silence.signal]) })
      if (response.status === 401) expired()
      if (response.status >= 400 && response.status < 500) return
      if (response.ok && response.body) {
        reached()
        wait = 1000
        const feed = parser(emit)
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
          clearTimeout(timer)
          timer = setTimeout(() => silence.abort(), patience)
          feed(piece.value)
        }
      }
    } catch {
      if (!signal.aborted) unreachable()
    } finally {
      clearTimeout(timer)
      if (!signal.aborted) lost()
    }
    await pause(wait, signal)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
