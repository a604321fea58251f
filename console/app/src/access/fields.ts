import { hasWords, t, type Key } from '@/locale/language'

/** What fields are called where people set them, by their paths in the API; with the kind before where the same path means something else. */
const names: Record<string, Key> = {
  name: 'line.name', description: 'campaign.field.description', zone: 'line.zone', language: 'agent.language', tags: 'campaign.field.tags', state: 'campaign.field.status', role: 'users.role',
  agent: 'campaign.field.agent', line: 'campaign.field.line', purpose: 'campaign.field.purpose', goal: 'campaign.field.goal', starts_at: 'campaign.field.started', ends_at: 'campaign.field.ends',
  archived: 'campaign.archived', use_line_agent: 'wizard.useLineAgent', window: 'campaign.section.window', 'window.holidays': 'wizard.holidays', contacts: 'wizard.drawn',
  'retry.max_attempts': 'campaign.field.maxAttempts', 'retry.interval_minutes': 'campaign.field.interval', 'retry.retry_on': 'campaign.field.retryOn', 'retry.voicemail': 'wizard.voicemail',
  laps: 'campaign.field.laps', 'laps.max_per_day': 'wizard.lapsADay', 'laps.cooldown_minutes': 'wizard.cooldown', pace: 'wizard.pace', 'pace.concurrent': 'campaign.field.concurrent',
  'pace.per_second': 'campaign.field.perSecond', 'pace.per_day': 'campaign.field.perDay', 'call.first_message': 'campaign.field.firstMessage', 'message.subject': 'campaign.field.subject',
  'message.text': 'campaign.field.text', 'message.html': 'campaign.field.html', 'message.from_name': 'template.fromName',
  from: 'line.from', enabled: 'line.enabled', 'limits.concurrent': 'line.concurrent', 'limits.per_second': 'line.perSecond', 'limits.per_day': 'line.perDay',
  script: 'agent.script', voice: 'agent.voice', speed: 'agent.speed', variables: 'agent.variables',
  phone: 'contact.phone', email: 'contact.email', document: 'contact.document', external_id: 'contact.externalId', city: 'contact.city', 'contact state': 'contact.state',
  segments: 'contact.segments', portfolios: 'contact.portfolios', priority: 'contact.priority', 'contact language': 'contact.language',
  country: 'workspace.country', 'workspace language': 'workspace.language', second_factor: 'security.factor', mail_line: 'security.mail',
  limits: 'rules.limits', closed: 'rules.closed', 'closed.dates': 'rules.closed', 'closed.holidays': 'wizard.holidays', packs: 'rules.packs', attempts_days: 'retention.kind.attempts_days', imports_days: 'retention.kind.imports_days', contacts_days: 'retention.kind.contacts_days',
  audit_days: 'retention.kind.audit_days',
}

/** What a field of a kind of things is called; as the API calls it where the console has no word. */
export function fieldName(kind: string, field: string): string {
  for (let path = field; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('.')))) {
    const key = names[`${kind} ${path}`] ?? names[path]
    if (key && hasWords(key)) return path === field ? t(key) : `${t(key)} (${field.slice(path.length + 1)})`
  }
  return field
}

/** The kinds of words for codes that fields hold. */
const coded: Record<string, string> = { 'campaign state': 'campaign.state', 'import state': 'import.state', 'user role': 'role', 'campaign purpose': 'campaign.purpose', 'contact priority': 'priority' }

/** A value in words, where it is a code that has some. */
export function fieldValue(kind: string, field: string, value: string): string {
  const of = coded[`${kind} ${field}`]
  const key = `${of}.${value}`
  return of && hasWords(key) ? t(key) : value
}
