import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { ask, signIn, url } from './desk'

/** The paths of all routes of the console, as its own source says them. */
function paths(): string[] {
  const source = readFileSync(join(import.meta.dirname, '../src/app/routes.tsx'), 'utf8')
  const found = [...source.matchAll(/const (\w+) = createRoute\(\{\s*getParentRoute: \(\) => (\w+),\s*path: '([^']+)'/g)]
  expect(found.length, 'routes whose path cannot be read').toBe([...source.matchAll(/createRoute\(/g)].length)
  const of = new Map(found.map(([, name, parent, path]) => [name, { parent, path }]))
  const whole = (name: string): string => {
    const r = of.get(name)
    return r ? `${whole(r.parent)}${r.path}`.replace(/\/$/, '') : ''
  }
  return [...of.keys()].map((name) => whole(name) || '/')
}

/** Something to look at for a parameter of a path: $contact is one of the contacts. */
async function one(param: string): Promise<string> {
  const { items } = await ask<{ items: { id: string }[] }>('GET', `/${param}s`)
  expect(items.length, `there is no ${param} to look at`).toBeGreaterThan(0)
  return items[0].id
}

test('no page has to be scrolled sideways on the narrowest phone', async ({ browser }) => {
  test.setTimeout(90_000)
  const word = 'Superintendênciadeacompanhamentoterritorial'
  await ask('POST', '/contacts', { name: `${word} ${word}`, phone: '11 97777-0360', email: `superintendenciadeacompanhamentoterritorial@${'a'.repeat(50)}.example.com`, tags: [word] })
  await ask('POST', '/audiences', { name: word, filter: { all: [{ field: 'tag', is: [word] }] } })
  await ask('POST', `/imports?name=${word}.csv`, `nome;telefone;${word}\nAna;11 97777-0361;x\n`)
  await ask('POST', '/templates', { name: word, channel: 'email', message: { subject: word, text: `${word} ${word}` } })
  const context = await browser.newContext({ viewport: { width: 360, height: 780 } })
  const page = await context.newPage()
  await signIn(page)
  for (const path of paths()) {
    let there = path
    for (const [param] of path.matchAll(/\$\w+/g)) there = there.replace(param, await one(param.slice(1)))
    await page.goto(`${url()}${there}`)
    await expect(page.getByRole('heading', { level: 1 }).first(), there).toBeVisible()
    await expect(page.locator('[aria-busy=true]'), there).toHaveCount(0)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect.soft(wide, `pixels to scroll sideways on ${there}`).toBeLessThanOrEqual(0)
  }
  await context.close()
})
