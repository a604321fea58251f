import type { Schemas } from '@/api/client'

export type Agent = Schemas['AgentView']
export type Script = Schemas['Script']
export type Step = Schemas['Step']
type Ask = Schemas['Ask']

/** What an agent is while it is being written: what the server takes. */
export type Draft = Schemas['AgentInput']

/** The kinds of steps, in the order in which they are offered. */
export const kinds = ['say', 'ask', 'branch', 'set', 'goal', 'opt_out', 'play', 'pause', 'goto', 'hang_up'] as const
export type Kind = (typeof kinds)[number]

/** The step that every script has without writing it. */
export const end = 'end'

export const kindOf = (s: Step): Kind => kinds.find((k) => s[k] !== undefined && s[k] !== false && s[k] !== '') ?? 'say'

/** One way out of a step: on what, and to where. */
export interface Way {
  on: 'next' | 'key' | 'speech' | 'entered' | 'silence' | 'invalid' | 'noInput' | 'case' | 'else'
  /** The key, or what a case looks at. */
  value?: string
  to: string
}

/** What a case of a branch looks at, in signs that every language has. */
function looksAt(c: Schemas['Case']): string {
  const name = `{{${c.variable ?? ''}}}`
  if (c.equals !== undefined) return `${name} = ${c.equals}`
  if (c.one_of) return `${name} = ${c.one_of.join(' | ')}`
  return c.exists === false ? `${name} = ∅` : `${name} ≠ ∅`
}

/** Every way out of a step, in the order in which people think of them. */
export function ways(s: Step): Way[] {
  switch (kindOf(s)) {
    case 'ask': {
      const a = s.ask as Ask
      const out: Way[] = Object.entries(a.keys ?? {}).map(([key, to]) => ({ on: 'key', value: key, to }))
      if (a.collect) out.push({ on: 'entered', value: a.collect.variable, to: s.next ?? end })
      if (a.any_speech) out.push({ on: 'speech', to: a.any_speech })
      if (a.silence) out.push({ on: 'silence', to: a.silence })
      if (a.invalid) out.push({ on: 'invalid', to: a.invalid })
      out.push({ on: 'noInput', to: a.no_input || end })
      return out
    }
    case 'branch':
      return (s.branch ?? []).map((c) => (c.else ? { on: 'else', to: c.next } : { on: 'case', value: looksAt(c), to: c.next }))
    case 'goto':
      return [{ on: 'next', to: s.goto ?? '' }]
    case 'hang_up':
      return []
    default:
      return [{ on: 'next', to: s.next ?? '' }]
  }
}

/** A step whose ways lead where the function says. */
export function led(s: Step, to: (name: string) => string): Step {
  const out = { ...s }
  if (out.next) out.next = to(out.next)
  if (out.goto) out.goto = to(out.goto)
  if (out.branch) out.branch = out.branch.map((c) => ({ ...c, next: to(c.next) }))
  if (out.ask) {
    const a: Ask = { ...out.ask }
    if (a.keys) a.keys = Object.fromEntries(Object.entries(a.keys).map(([k, name]) => [k, to(name)]))
    for (const way of ['any_speech', 'silence', 'invalid', 'no_input'] as const) if (a[way]) a[way] = to(a[way])
    out.ask = a
  }
  return out
}

/** The names of the steps as a conversation meets them; those that nothing leads to come last. */
export function order(script: Script): { names: string[]; lost: Set<string> } {
  const names: string[] = []
  const seen = new Set<string>()
  const visit = (name: string) => {
    const s = script.steps[name]
    if (!s || seen.has(name)) return
    seen.add(name)
    names.push(name)
    for (const w of ways(s)) visit(w.to)
  }
  visit(script.start)
  const lost = new Set(Object.keys(script.steps).filter((n) => !seen.has(n)))
  return { names: [...names, ...lost], lost }
}

/** A name that no step has. */
export function fresh(script: Script, stem: string): string {
  if (!script.steps[stem] && stem !== end) return stem
  for (let n = 2; ; n++) if (!script.steps[`${stem}_${n}`]) return `${stem}_${n}`
}

/** A new step of a kind, which leads somewhere. */
export function blank(kind: Kind, next: string): Step {
  switch (kind) {
    case 'ask':
      return { ask: { say: '', keys: { 1: next } } }
    case 'branch':
      return { branch: [{ variable: '', equals: '', next }, { else: true, next }] }
    case 'set':
      return { set: { '': '' }, next }
    case 'goal':
      return { goal: true, next }
    case 'opt_out':
      return { opt_out: true, next }
    case 'pause':
      return { pause: '1s', next }
    case 'goto':
      return { goto: next }
    case 'hang_up':
      return { hang_up: true }
    default:
      return { [kind]: '', next }
  }
}

/** The script with another step behind one: what followed the one now follows the other. */
export function added(script: Script, after: string, kind: Kind, stem: string): { script: Script; name: string } {
  const name = fresh(script, stem)
  const before = script.steps[after]
  const follows = before?.next || end
  const steps = { ...script.steps, [name]: blank(kind, follows) }
  if (before && before.next !== undefined && kindOf(before) !== 'ask') steps[after] = { ...before, next: name }
  return { script: { ...script, steps }, name }
}

/** The script with a step under another name, wherever something leads to it. */
export function renamed(script: Script, from: string, to: string): Script {
  const move = (name: string) => (name === from ? to : name)
  const steps = Object.fromEntries(Object.entries(script.steps).map(([name, s]) => [move(name), led(s, move)]))
  return { start: move(script.start), steps }
}

/** The script without a step: what led to it leads on to what followed it. */
export function without(script: Script, name: string): Script {
  const follows = ways(script.steps[name] ?? {}).find((w) => w.to !== name)?.to || end
  const move = (to: string) => (to === name ? follows : to)
  const rest = Object.entries(script.steps).filter(([n]) => n !== name)
  return { start: move(script.start), steps: Object.fromEntries(rest.map(([n, s]) => [n, led(s, move)])) }
}

/** The script with a step one place earlier or later, among steps that follow each other without a choice; undefined when it cannot move so. */
export function moved(script: Script, name: string, up: boolean): Script | undefined {
  const plain = (n: string) => Boolean(script.steps[n]?.next) && !script.steps[n]?.ask
  const before = Object.keys(script.steps).filter((n) => ways(script.steps[n] ?? {}).some((w) => w.to === name))
  const [a, b] = up ? [before.length === 1 ? before[0] : undefined, name] : [name, script.steps[name]?.next]
  if (!a || !b || a === b || !plain(a) || !plain(b)) return undefined
  // a, b, c become b, a, c; whatever led to a leads to b.
  const c = script.steps[b]?.next as string
  const move = (to: string) => (to === a ? b : to)
  const steps = Object.fromEntries(Object.entries(script.steps).map(([n, s]) => [n, n === a || n === b ? s : led(s, move)]))
  steps[a] = { ...(script.steps[a] as Step), next: c }
  steps[b] = { ...(script.steps[b] as Step), next: a }
  return { start: move(script.start), steps }
}

/** What a draft takes over from an agent that is there. */
export const draftOf = (a: Agent): Draft => ({
  name: a.name, kind: a.kind, language: a.language, zone: a.zone, voice: a.voice, speed: a.speed, script: a.script, variables: a.variables,
})
