import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { ask, on, screens, signIn, sound, url } from './desk'

/** The paths of all routes of the console, as its own source says them. */
function paths(): string[] {
  const source = readFileSync(join(import.meta.dirname, '../src/app/routes.tsx'), 'utf8')
  const found = [...source.matchAll(/const (\w+) = createRoute\(\{\s*getParentRoute: \(\) => (\w+),\s*path: '([^']+)'/g)]
  expect(found.length, 'routes whose path cannot be read').toBe([...source.matchAll(/createRoute\(/g)].length)
  const of = new Map(found.map(([, name = '', parent = '', path = '']) => [name, { parent, path }]))
  const whole = (name: string): string => {
    const r = of.get(name)
    return r ? `${whole(r.parent)}${r.path}`.replace(/\/$/, '') : ''
  }
  return [...of.keys()].map((name) => whole(name) || '/')
}

/** What a path also shows, by what is asked of it. */
const also: Record<string, string[]> = {
  '/campaigns/$campaign': ['tab=attempts', 'tab=results', 'tab=settings', 'tab=log'],
  '/campaigns/new': ['draft=$draft&step=2', 'draft=$draft&step=3', 'draft=$draft&step=4'],
  '/lines/new': ['kind=email'],
  '/sandbox': ['tab=numbers', 'tab=mailboxes'],
  '/contacts': ['search=ninguémseassimchama'],
}

/** What there is to look at for each parameter of a path: ours, with the longest of words, or what was there at first. */
async function things(of: string): Promise<Map<string, string>> {
  const word = 'Superintendênciadeacompanhamentoterritorial'
  const made = async (path: string, body: unknown) => (await ask<{ id: string }>('POST', path, body)).id
  const first = async (path: string) => (await ask<{ items: { id: string }[] }>('GET', path)).items.at(-1)?.id ?? ''
  const file = await made(`/imports?name=${word}.csv`, `nome;telefone;${word}\nAna;11 97777-0361;x\n${word};12;${word}\n`)
  await ask('POST', `/imports/${file}/check`)
  await expect.poll(async () => (await ask<{ state: string }>('GET', `/imports/${file}`)).state).toBe('checked')
  const email = `superintendenciadeacompanhamentoterritorial@${'a'.repeat(50)}.example.com`
  return new Map([
    ['$contact', await made('/contacts', { name: `${word} ${word}`, phone: '11 97777-0360', email, tags: [word] })],
    ['$audience', await made('/audiences', { name: `${word} ${of}`, filter: { all: [{ field: 'tag', is: [word] }] } })],
    ['$template', await made('/templates', { name: word, channel: 'email', message: { subject: word, text: `${word} ${word}` } })],
    ['$draft', await made('/campaigns', { name: word, channel: 'voice', line: await first('/lines?kind=voice') })],
    ['$import', file],
    ['$campaign', await first('/campaigns')],
    ['$line', await first('/lines')],
    ['$agent', await first('/agents')],
  ])
}

// Every page on each of the four screens, which between them are both widths, light and dark, and all three languages. That
// is enough: colours go by the scheme and the width, what is drawn goes by the width, and a language changes neither. A narrow
// screen, where a long word can push a page wide, speaks the two languages with the longer words.
for (const s of screens) {
  test(`every page is sound (${s.name}, ${s.language})`, async ({ browser }) => {
    test.setTimeout(300_000)
    const { context, page, w } = await on(browser, s)
    const ids = await things(s.name)
    await page.goto(url())
    await expect(page.getByRole('heading', { level: 1, name: w('signIn.title') })).toBeVisible()
    await sound(page)
    await signIn(page, w)
    const all = [...paths(), '/nowhere'].flatMap((path) => [path, ...(also[path] ?? []).map((search) => `${path}?${search}`)])
    for (const path of all) {
      const there = path.replace(/\$\w+/g, (param) => {
        expect(ids.get(param), `there is no ${param} to look at`).toBeTruthy()
        return ids.get(param) ?? ''
      })
      await page.goto(`${url()}${there}`)
      await expect(page.getByRole('heading', { level: 1 }).first(), there).toBeVisible()
      await expect(page.locator('[aria-busy=true]'), there).toHaveCount(0)
      await sound(page, path)
    }
    await expect(page.locator('html')).toHaveAttribute('lang', s.language)
    await context.close()
  })
}
