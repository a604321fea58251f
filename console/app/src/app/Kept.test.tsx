import { useState } from 'react'
import { expect, test } from 'vitest'
import { does, draw } from '@/ui/draw'
import { Kept } from './Kept'

function Form({ was, saved }: { was: { revision: number; name: string }; saved: () => void }) {
  const [name, setName] = useState(was.name)
  return (
    <>
      <button type="button" onClick={() => setName(`${name}!`)}>
        {`${name} of ${was.revision}`}
      </button>
      <button type="button" name="save" aria-label="save" onClick={() => void Promise.resolve().then(saved)} />
    </>
  )
}

const page = (revision: number, name: string) => <Kept of={{ revision, name }}>{(was, saved) => <Form was={was} saved={saved} />}</Kept>

test('a form that somebody is filling in stays as it is whatever others save, and is drawn anew once it is saved', async () => {
  const { place, again, end } = await draw(page(1, 'a'))
  const said = () => place.querySelector('button')?.textContent
  await again(page(2, 'b'))
  expect(said()).toBe('b of 2')
  await does(() => place.querySelector('button')?.click())
  await again(page(3, 'c'))
  expect(said()).toBe('b! of 2')
  await does(() => place.querySelector<HTMLButtonElement>('[name=save]')?.click())
  expect(said()).toBe('c of 3')
  await again(page(4, 'd'))
  expect(said()).toBe('d of 4')
  await end()
})
