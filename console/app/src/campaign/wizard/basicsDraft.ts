import type { Schemas } from '@/api/client'
import type { Campaign, Channel } from '../words'

/** What a campaign is called, who speaks, and from where, as it is being written. */
export interface Fields {
  channel: Channel
  name: string
  description: string
  line: string | null
  agent: string | null
  lineAgent: boolean
  purpose: string | null
  firstMessage: string
  subject: string
  text: string
  html: string
}

/** What people are contacted for. */
export const purposes = ['sales', 'collection', 'service', 'survey'] as const

export function fieldsOf(c?: Campaign): Fields {
  return {
    channel: c?.channel ?? 'voice', name: c?.name ?? '', description: c?.description ?? '', line: c?.line || null, agent: c?.agent || null,
    lineAgent: c?.use_line_agent ?? false, purpose: c?.purpose || null, firstMessage: c?.call?.first_message ?? '', subject: c?.message?.subject ?? '',
    text: c?.message?.text ?? '', html: c?.message?.html ?? '',
  }
}

/** What is sent of the fields: only what the channel has. */
export function definition(f: Fields, c?: Campaign): Schemas['CampaignEdit'] {
  const common = { name: f.name.trim(), description: f.description.trim(), line: f.line ?? '', purpose: (f.purpose ?? undefined) as Schemas['CampaignEdit']['purpose'] }
  if (f.channel === 'email') return { ...common, message: { ...c?.message, subject: f.subject, text: f.text, html: f.html } }
  return { ...common, agent: f.lineAgent ? '' : (f.agent ?? ''), use_line_agent: f.lineAgent, call: { ...c?.call, first_message: f.firstMessage } }
}
