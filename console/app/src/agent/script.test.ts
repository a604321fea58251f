import { expect, test } from 'vitest'
import { added, end, kindOf, moved, order, renamed, ways, without, type Script } from './script'

const script: Script = {
  start: 'hello',
  steps: {
    hello: { say: 'Oi', next: 'question' },
    question: { ask: { say: 'Tecle 1', keys: { 1: 'won', 9: 'stop' }, any_speech: 'question' } },
    won: { goal: true, next: 'thanks' },
    thanks: { say: 'Obrigado', next: end },
    stop: { opt_out: true, next: end },
    nobody: { hang_up: true },
  },
}

test('a step is of one kind, and says where it leads', () => {
  expect(Object.values(script.steps).map(kindOf)).toEqual(['say', 'ask', 'goal', 'say', 'opt_out', 'hang_up'])
  expect(ways(script.steps.question ?? {})).toEqual([
    { on: 'key', value: '1', to: 'won' }, { on: 'key', value: '9', to: 'stop' }, { on: 'speech', to: 'question' }, { on: 'noInput', to: end },
  ])
  expect(ways({ branch: [{ variable: 'nota', one_of: ['9', '10'], next: 'a' }, { variable: 'x', exists: false, next: 'b' }, { else: true, next: 'c' }] })).toEqual([
    { on: 'case', value: '{{nota}} = 9 | 10', to: 'a' }, { on: 'case', value: '{{x}} = ∅', to: 'b' }, { on: 'else', to: 'c' },
  ])
})

test('steps are read in the order of the conversation, the lost ones last', () => {
  const { names, lost } = order(script)
  expect(names).toEqual(['hello', 'question', 'won', 'thanks', 'stop', 'nobody'])
  expect([...lost]).toEqual(['nobody'])
  expect(order({ start: 'nowhere', steps: {} })).toEqual({ names: [], lost: new Set() })
})

test('a step that is added stands between', () => {
  const { script: s, name } = added(script, 'won', 'say', 'thanks')
  expect(name).toBe('thanks_2')
  expect(s.steps.won?.next).toBe('thanks_2')
  expect(s.steps.thanks_2).toEqual({ say: '', next: 'thanks' })
  expect(added(script, 'question', 'goal', 'goal').script.steps.question).toEqual(script.steps.question)
})

test('another name is another name everywhere', () => {
  const s = renamed(script, 'question', 'pergunta')
  expect(s.steps.hello?.next).toBe('pergunta')
  expect(s.steps.pergunta?.ask?.any_speech).toBe('pergunta')
  expect(Object.keys(s.steps)).not.toContain('question')
  expect(renamed(script, 'hello', 'oi').start).toBe('oi')
})

test('what led to a removed step leads on', () => {
  expect(without(script, 'won').steps.question?.ask?.keys).toEqual({ 1: 'thanks', 9: 'stop' })
  expect(without(script, 'hello').start).toBe('question')
  expect(without(script, 'thanks').steps.won?.next).toBe(end)
})

test('steps without a choice change places, others stay', () => {
  const s = moved(script, 'thanks', true)
  expect(s?.steps.question?.ask?.keys?.['1']).toBe('thanks')
  expect([s?.steps.thanks?.next, s?.steps.won?.next]).toEqual(['won', end])
  expect(moved(script, 'won', false)).toEqual(s)
  expect(moved(script, 'question', true)).toBeUndefined()
  expect(moved(script, 'hello', false)).toBeUndefined()
  expect(moved(script, 'stop', false)).toBeUndefined()
})
