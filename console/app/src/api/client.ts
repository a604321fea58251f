import createClient, { type Middleware } from 'openapi-fetch'
import { credentials, expired } from '@/access/session'
import { language } from '@/locale/language'
import { reached, unreachable } from './connection'
import type { components, paths } from './schema.gen'

export type Schemas = components['schemas']

/** What the server said no to, in the reader's language (RFC 9457). */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly errors: Schemas['Failure'][]

  constructor(status: number, problem?: Partial<Schemas['Problem']>) {
    super(problem?.detail ?? `HTTP ${status}`)
    this.name = 'Refusal'
    this.status = status
    this.code = problem?.code ?? 'unreadable'
    this.title = problem?.title ?? `HTTP ${status}`
    this.errors = problem?.errors ?? []
  }

  /** The words about one field of what was sent, if there are any. */
  about(field: string): string | undefined {
    return this.errors.find((e) => e.field === field || e.field?.startsWith(`${field}.`) || e.field?.startsWith(`${field}[`))?.text
  }
}

/** The server could not be asked. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}

/** Headers that every request has: who asks, and in what language to answer. */
export function headers(): Record<string, string> {
  return { ...credentials(), 'Accept-Language': language() }
}

const each: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headers())) request.headers.set(name, value)
    return request
  },
  onResponse({ response }) {
    reached()
    if (response.status === 401) expired()
  },
  onError() {
    unreachable()
    return new Unreachable()
  },
}

export const api = createClient<paths>({ baseUrl: '/', querySerializer: { array: { style: 'form', explode: true } } })
api.use(each)

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The answer's data; a refusal is thrown as one. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer
  if (error !== undefined || !response.ok) throw new Refusal(response.status, error as Partial<Schemas['Problem']>)
  return data as T
}

/** Sends a file as it is: it is streamed, and never held in memory as a whole. */
export async function send<T>(path: string, body: Blob, kind: string): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { method: 'POST', body, headers: { ...headers(), 'Content-Type': kind } })
  } catch {
    unreachable()
    throw new Unreachable()
  }
  reached()
  if (response.status === 401) expired()
  const answer: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw new Refusal(response.status, answer as Partial<Schemas['Problem']>)
  return answer as T
}

/** Brings a file and gives it to the browser to keep. */
export async function download(path: string, name: string): Promise<void> {
  const response = await fetch(path, { headers: headers() }).catch(() => {
    unreachable()
    throw new Unreachable()
  })
  if (!response.ok) throw new Refusal(response.status, (await response.json().catch(() => undefined)) as Partial<Schemas['Problem']>)
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
