import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { Schemas } from '@/api/client'
import { useStream } from '@/api/stream'
import { historyQuery } from './queries'

/** How often a contact is asked for while their campaigns move, at most; and how often while nothing is heard of campaigns. In milliseconds. */
const moving = 2000
const silent = 5000
/** What their campaigns do not tell, such as a change that somebody else makes, is seen after so long. */
const anyway = 20_000

/** What of a snapshot tells that something may have happened to somebody: the numbers of the campaigns that they are in. */
export const numbers = (of: Schemas['WorkingView'], theirs: ReadonlySet<string>) =>
  JSON.stringify(of.campaigns.filter((c) => theirs.has(c.campaign)).map((c) => [c.campaign, c.state, c.counts]))

/** Keeps what is shown of a contact as it is, for as long as somebody looks. */
export function useContactLive(contact: string) {
  const queries = useQueryClient()
  const last = useRef({ numbers: '', asked: 0, stale: false })
  const heard = useStream('/api/v1/events', (e) => {
    if (e.name !== 'snapshot') return
    const moments = queries.getQueryData(historyQuery(contact).queryKey)?.pages.flatMap((p) => p.items)
    const now = numbers(JSON.parse(e.data) as Schemas['WorkingView'], new Set(moments?.map((m) => m.campaign?.id ?? '')))
    if (last.current.numbers !== '' && last.current.numbers !== now) last.current.stale = true
    last.current.numbers = now
  })
  useEffect(() => {
    const timer = setInterval(() => {
      const l = last.current
      const since = Date.now() - l.asked
      if (document.hidden || !(l.stale || since >= (heard ? anyway : silent))) return
      last.current = { ...l, asked: Date.now(), stale: false }
      for (const what of ['one', 'timeline', 'consents']) void queries.invalidateQueries({ queryKey: ['contacts', what, contact] })
    }, moving)
    last.current.asked = Date.now()
    return () => clearInterval(timer)
  }, [contact, heard, queries])
}
