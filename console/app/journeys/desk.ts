import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

export const url = () => process.env.CAMPANARIO_URL ?? ''
export const key = () => process.env.CAMPANARIO_KEY ?? ''

/** The screens that everything must look right on. */
export const screens = [
  { name: 'desktop-light', width: 1280, height: 860, scheme: 'light' },
  { name: 'desktop-dark', width: 1280, height: 860, scheme: 'dark' },
  { name: 'phone-light', width: 360, height: 780, scheme: 'light' },
  { name: 'phone-dark', width: 360, height: 780, scheme: 'dark' },
] as const

/** Signs in as somebody does who types their key, and is where they wanted to go: at the campaigns. */
export async function signIn(page: Page) {
  await page.goto(`${url()}/campaigns`)
  await page.getByRole('button', { name: 'Entrar com uma chave de acesso' }).click()
  await page.getByLabel('Chave de acesso').first().fill(key())
  await page.getByRole('button', { name: 'Entrar', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Campanhas' })).toBeVisible()
}

/** Asks the API for something, as the tests' own preparation. */
export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const text = typeof body === 'string'
  const response = await fetch(`${url()}/api/v1${path}`, {
    method, body: body === undefined ? undefined : text ? body : JSON.stringify(body),
    headers: { Authorization: `Bearer ${key()}`, 'Content-Type': text ? 'application/octet-stream' : 'application/json' },
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (response.status === 204 ? undefined : await response.json()) as T
}

export const password = 'uma senha bem comprida'

export interface Person {
  email: string
  name: string
}

/** Makes somebody with a role, as the tests' own preparation: invited, and come in by the link. */
export async function person(role: string, name: string): Promise<Person> {
  const email = `${crypto.randomUUID()}@example.com`
  const { link } = await ask<{ link: string }>('POST', '/invitations', { email, role })
  await ask('POST', '/links/join', { token: link.split('/').at(-1), name, password, language: 'pt-BR' })
  return { email, name }
}

/** Signs in as a person does. */
export async function enter(page: Page, who: Person, code?: string) {
  await page.goto(url())
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Senha').first().fill(password)
  await page.getByRole('button', { name: 'Entrar', exact: true }).click()
  if (code === undefined) return
  await page.getByLabel('Código').fill(code)
  await page.getByRole('button', { name: 'Entrar', exact: true }).click()
}

/** Nothing on the page shuts anybody out, as far as axe can tell (WCAG 2.2 AA), and nothing has to be scrolled sideways. */
export async function sound(page: Page) {
  // A frame that runs nothing cannot be looked into by a script either; what it shows is somebody else's.
  const { violations } = await new AxeBuilder({ page }).exclude('iframe[sandbox]').withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze()
  expect.soft(violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary ?? ''}`).join('; ')}`)).toEqual([])
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect.soft(wide, 'pixels to scroll sideways').toBeLessThanOrEqual(0)
}
