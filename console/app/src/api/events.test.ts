import { expect, test } from 'vitest'
import { parser, type ServerEvent } from './events'

/** What comes of some pieces of a stream. */
function read(...pieces: string[]): ServerEvent[] {
  const out: ServerEvent[] = []
  const feed = parser((e) => out.push(e))
  pieces.forEach(feed)
  return out
}

const snapshot = 'retry: 2000\n\nevent: snapshot\nid: 17\ndata: {"a":1}\n\n'

test.each<[string, string[], ServerEvent[]]>([
  ['an event', [snapshot], [{ name: 'snapshot', data: '{"a":1}' }]],
  ['an event in pieces of one sign', [...snapshot], [{ name: 'snapshot', data: '{"a":1}' }]],
  ['comments keep the line open', [':\n\n:\n\n'], []],
  ['several lines of data', ['data: a\ndata:b\n\n'], [{ name: 'message', data: 'a\nb' }]],
  ['other ends of lines', ['event: x\r\ndata: 1\r\n\r\n', 'data: 2\r\rrest'], [{ name: 'x', data: '1' }, { name: 'message', data: '2' }]],
  ['a name does not stay', ['event: x\ndata: 1\n\ndata: 2\n\n'], [{ name: 'x', data: '1' }, { name: 'message', data: '2' }]],
  ['an event without data is none', ['event: x\n\n'], []],
  ['what is not whole is not told', ['event: x\ndata: 1\n'], []],
  ['a colon in the data', ['data: a: b\n\n'], [{ name: 'message', data: 'a: b' }]],
])('%s', (_, pieces, events) => expect(read(...pieces)).toEqual(events))
