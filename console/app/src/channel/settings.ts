import type { Schemas } from '@/api/client'
import type words from '@/locale/pt-BR.json'

export type Line = Schemas['LineView']
export type Kind = 'voice' | 'email'
export type Value = string | number | boolean | string[] | null

/** One setting of a line, as the server knows it: where it stands in settings, and how it is asked for. */
export interface Setting {
  /** Its words: line.setting.… */
  key: keyof typeof words.line.setting
  /** Where it stands in settings, with dots. */
  path: string
  as: 'text' | 'number' | 'switch' | 'secret' | 'area' | 'secretArea' | 'choice' | 'list'
  options?: string[]
  /** What it is where nothing is said: of switches how they stand, of others what is shown in the empty field. */
  unsaid?: boolean | string
  /** Most lines have no need of it. */
  more?: boolean
}

const numberStyles = ['e164', 'plain', 'national']

/** Options that are shown by an example, which every language reads; others by what the server calls them. */
export const shownAs: Record<string, string> = {
  e164: '+5511…', plain: '5511…', national: '011…',
  none: '–', p_asserted_identity: 'P-Asserted-Identity', p_preferred_identity: 'P-Preferred-Identity', remote_party_id: 'Remote-Party-ID',
}

export const settingsOf: Record<Kind, Setting[]> = {
  voice: [
    { key: 'username', path: 'username', as: 'text' },
    { key: 'password', path: 'password', as: 'secret' },
    { key: 'register', path: 'register', as: 'switch' },
    { key: 'callerName', path: 'caller_id.name', as: 'text' },
    { key: 'callerHeader', path: 'caller_id.header', as: 'choice', options: ['none', 'p_asserted_identity', 'p_preferred_identity', 'remote_party_id'], more: true },
    { key: 'domain', path: 'domain', as: 'text', more: true },
    { key: 'realm', path: 'realm', as: 'text', more: true },
    { key: 'proxy', path: 'outbound_proxy', as: 'text', more: true },
    { key: 'sessionTimer', path: 'session_timer', as: 'text', more: true },
    { key: 'serverName', path: 'tls.server_name', as: 'text', more: true },
    { key: 'authorities', path: 'tls.ca', as: 'area', more: true },
    { key: 'insecure', path: 'tls.insecure', as: 'switch', more: true },
    { key: 'sticky', path: 'sticky', as: 'switch', more: true },
    { key: 'codecs', path: 'codecs', as: 'list', options: ['PCMA', 'PCMU'], more: true },
    { key: 'portsMin', path: 'media_ports.min', as: 'number', more: true },
    { key: 'portsMax', path: 'media_ports.max', as: 'number', more: true },
    { key: 'numberStyle', path: 'number.style', as: 'choice', options: numberStyles, more: true },
    { key: 'numberPrefix', path: 'number.prefix', as: 'text', more: true },
    { key: 'numberFrom', path: 'number.from_style', as: 'choice', options: ['', ...numberStyles], more: true },
    { key: 'numberCountry', path: 'number.country', as: 'text', unsaid: '55', more: true },
    { key: 'numberTrunk', path: 'number.trunk_prefix', as: 'text', unsaid: '0', more: true },
    { key: 'numberCarrier', path: 'number.carrier', as: 'text', more: true },
    { key: 'numberInternational', path: 'number.international_prefix', as: 'text', unsaid: '00', more: true },
  ],
  email: [
    { key: 'host', path: 'host', as: 'text' },
    { key: 'port', path: 'port', as: 'number' },
    { key: 'tls', path: 'tls', as: 'choice', options: ['starttls', 'implicit', 'opportunistic', 'none'] },
    { key: 'username', path: 'username', as: 'text' },
    { key: 'password', path: 'password', as: 'secret' },
    { key: 'fromName', path: 'from_name', as: 'text' },
    { key: 'replyTo', path: 'reply_to', as: 'text' },
    { key: 'envelopeSender', path: 'envelope_sender', as: 'text', more: true },
    { key: 'auth', path: 'auth', as: 'choice', options: ['auto', 'plain', 'login', 'cram-md5', 'scram-sha-1', 'scram-sha-256'], more: true },
    { key: 'helo', path: 'helo', as: 'text', more: true },
    { key: 'listId', path: 'list_id', as: 'text', more: true },
    { key: 'dkimDomain', path: 'dkim_domain', as: 'text', more: true },
    { key: 'dkimSelector', path: 'dkim_selector', as: 'text', more: true },
    { key: 'dkimKey', path: 'dkim_private_key', as: 'secretArea', more: true },
    { key: 'authorities', path: 'ca_certificate', as: 'area', more: true },
    { key: 'perConnection', path: 'max_per_connection', as: 'number', unsaid: '500', more: true },
    { key: 'idle', path: 'idle_seconds', as: 'number', unsaid: '30', more: true },
    { key: 'verify', path: 'tls_verify', as: 'switch', unsaid: true, more: true },
    { key: 'connectSeconds', path: 'timeouts.connect_seconds', as: 'number', unsaid: '15', more: true },
    { key: 'commandSeconds', path: 'timeouts.command_seconds', as: 'number', unsaid: '60', more: true },
    { key: 'dataSeconds', path: 'timeouts.data_seconds', as: 'number', unsaid: '180', more: true },
    { key: 'endSeconds', path: 'timeouts.end_seconds', as: 'number', unsaid: '600', more: true },
  ],
}

type Tree = Record<string, unknown>

/** What stands at a path of settings. */
export const at = (settings: Tree, path: string): unknown =>
  path.split('.').reduce<unknown>((v, name) => (typeof v === 'object' && v !== null ? (v as Tree)[name] : undefined), settings)

/** Whether a secret is there, which the server never shows. */
export const isSet = (settings: Tree, path: string) => (at(settings, path) as { set?: boolean } | undefined)?.set === true

/** The settings as they are sent: a merge patch with what was changed, where nothing written takes a setting away. */
export function patchOf(changed: Record<string, Value>): Tree {
  const patch: Tree = {}
  for (const [path, value] of Object.entries(changed)) {
    const names = path.split('.')
    let place = patch
    for (const name of names.slice(0, -1)) place = (place[name] ??= {}) as Tree
    place[names.at(-1) as string] = value === '' || (Array.isArray(value) && value.length === 0) ? null : value
  }
  return patch
}

export interface Gateway {
  host: string
  port?: number
  transport?: 'udp' | 'tcp' | 'tls'
}

export const gatewaysOf = (settings: Tree): Gateway[] => (Array.isArray(settings.gateways) ? (settings.gateways as Gateway[]) : [])
