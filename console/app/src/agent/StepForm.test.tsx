import { afterEach, expect, test } from 'vitest'
import { does, draw } from '@/ui/draw'
import { type Step } from './script'
import { StepForm } from './StepForm'

// Fields that grow with their text want to know when fonts come; the document of tests has none.
Object.defineProperty(document, 'fonts', { value: new EventTarget() })

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  document.body.replaceChildren()
})

/** The form of a step, with what people do in it; labels are the keys of their words. */
async function form(first: Step) {
  let step = first
  const what = () => (
    <StepForm
      name="a" step={step} script={{ start: 'a', steps: { a: step, b: { hang_up: true } } }} variables={['valor']} onChange={(s) => (step = s)} onRename={() => undefined}
      onDone={() => undefined}
    />
  )
  const { place, again, end } = await draw(what())
  ends.push(end)
  const field = (label: string) => place.querySelector<HTMLInputElement>(`#${CSS.escape([...place.querySelectorAll('label')].find((l) => l.textContent === label)?.htmlFor ?? 'none')}`)
  const act = async (f: () => void) => {
    await does(f)
    await again(what())
  }
  return {
    field,
    // What is left out is left out of what is sent, too.
    step: () => JSON.parse(JSON.stringify(step)) as Step,
    press: (name: string) => act(() => [...place.querySelectorAll('button')].find((b) => b.textContent === name)?.click()),
    put: (label: string, value: string) =>
      act(() => {
        const e = field(label)
        if (!e) throw new Error(`no field ${label}`)
        const kind = e instanceof HTMLSelectElement ? HTMLSelectElement : HTMLInputElement
        Object.getOwnPropertyDescriptor(kind.prototype, 'value')?.set?.call(e, value)
        e.dispatchEvent(new Event(e instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }))
      }),
  }
}

test('a question is asked by a file of sound or by words, never by both', async () => {
  const f = await form({ ask: { say: 'Oi?', keys: { 1: 'b' } } })
  await f.press('agent.askByFile')
  await f.put('agent.file', 'oi.wav')
  expect(f.step()).toEqual({ ask: { play: 'oi.wav', keys: { 1: 'b' } } })
  await f.press('agent.askByWords')
  expect(f.step()).toEqual({ ask: { say: '', keys: { 1: 'b' } } })
})

test('several digits have the limits that their format knows, and none that is emptied', async () => {
  const f = await form({ ask: { say: '?', collect: { variable: 'valor', format: 'number', min: 2 } }, next: 'b' })
  await f.put('agent.most', '500')
  await f.put('agent.minDigits', '')
  await f.put('agent.terminator', 'none')
  expect(f.step().ask?.collect).toEqual({ variable: 'valor', format: 'number', most: 500, terminator: 'none' })
  await f.put('agent.collectFormat', 'cpf')
  expect(f.field('agent.most')).toBeNull()
})

test('where silence and mistakes lead can be said, and taken back', async () => {
  const f = await form({ ask: { say: '?', keys: { 1: 'b' } } })
  await f.put('agent.on.silence', 'b')
  await f.put('agent.on.invalid', 'b')
  await f.put('agent.on.silence', '')
  expect(f.step().ask).toEqual({ say: '?', keys: { 1: 'b' }, invalid: 'b' })
})

test('a case is of values, of any value or of none', async () => {
  const f = await form({ branch: [{ variable: 'valor', equals: '1', next: 'b' }] })
  await f.put('agent.holds', 'none')
  expect(f.step().branch).toEqual([{ variable: 'valor', exists: false, next: 'b' }])
  await f.put('agent.holds', 'values')
  expect(f.step().branch).toEqual([{ variable: 'valor', one_of: [], next: 'b' }])
})
