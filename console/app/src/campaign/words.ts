import type { Schemas } from '@/api/client'
import type { Tone } from '@/ui'

export type Campaign = Schemas['CampaignView']
export type State = Campaign['state']
export type Action = Campaign['can'][number]
export type Recipient = Schemas['RecipientView']
export type RecipientStatus = Recipient['status']
export type RecipientAction = Recipient['can'][number]
export type Attempt = Schemas['AttemptView']
export type Channel = Campaign['channel']

/** The states in the order of a campaign's life. */
export const states: Record<State, Tone> = { draft: 'idle', scheduled: 'wait', active: 'live', paused: 'miss', completed: 'good', cancelled: 'stop' }

/** What people in a campaign can be, in the order in which the bar and the counters show it. */
export const statuses: Record<RecipientStatus, Tone> = {
  completed: 'good', in_progress: 'live', queued: 'live', retry_scheduled: 'wait', no_answer: 'miss', busy: 'miss', failed: 'bad', exhausted: 'bad', suppressed: 'stop',
  cancelled: 'idle', pending: 'idle',
}

/** How a class of outcomes looks. */
export const classes: Record<Attempt['class'], Tone> = {
  reached: 'good', unreached: 'miss', bad_address: 'bad', refused: 'stop', fault: 'bad', unknown: 'idle',
}
