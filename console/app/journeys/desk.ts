import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, expect, type Locator, type Page } from '@playwright/test'
import type { Key, Language } from '../src/locale/language'
import { type Words, words } from './words'

export const url = () => process.env.CAMPANARIO_URL ?? ''
export const key = () => process.env.CAMPANARIO_KEY ?? ''

/** The screens that everything must look right on, and the language that is spoken on each. */
export const screens = [
  { name: 'desktop-light', width: 1280, height: 860, scheme: 'light', language: 'pt-BR' },
  { name: 'desktop-dark', width: 1280, height: 860, scheme: 'dark', language: 'en' },
  { name: 'phone-light', width: 360, height: 780, scheme: 'light', language: 'pt-BR' },
  { name: 'phone-dark', width: 360, height: 780, scheme: 'dark', language: 'es' },
] as const
export type Screen = (typeof screens)[number]

/** Opens a page on a screen, with the words that it speaks and what fits so narrow a screen or so wide a one. */
export async function on(browser: Browser, s: Screen) {
  const context = await browser.newContext({ viewport: { width: s.width, height: s.height }, colorScheme: s.scheme, locale: s.language })
  const page = await context.newPage()
  const w = words(s.language)
  const narrow = s.width < 768
  return {
    context, page, w,
    /** Goes to a section, as the menu leads there. */
    async go(section: Key) {
      if (narrow) await page.getByRole('button', { name: w('shell.menu') }).click()
      await page.getByRole('link', { name: w(section), exact: true }).click()
    },
    /** Rows in columns, which are a list on a narrow screen. */
    rows: (name: string) => page.getByRole(narrow ? 'list' : 'table', { name, exact: true }),
  }
}

/** Signs in as somebody does who types their key, and is where they wanted to go: at the campaigns. */
export async function signIn(page: Page, w: Words = words('pt-BR')) {
  await page.goto(`${url()}/campaigns`)
  await page.getByRole('button', { name: w('signIn.byKey') }).click()
  await page.getByLabel(w('signIn.key')).first().fill(key())
  await page.getByRole('button', { name: w('signIn.enter'), exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: w('shell.campaigns') })).toBeVisible()
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
export async function person(role: string, name: string, language: Language = 'pt-BR'): Promise<Person> {
  const email = `${crypto.randomUUID()}@example.com`
  const { link } = await ask<{ link: string }>('POST', '/invitations', { email, role })
  await ask('POST', '/links/join', { token: link.split('/').at(-1), name, password, language })
  return { email, name }
}

/** Signs in as a person does. */
export async function enter(page: Page, who: Person, w: Words = words('pt-BR'), code?: string) {
  await page.goto(url())
  await page.getByLabel(w('signIn.email')).fill(who.email)
  await page.getByLabel(w('signIn.password')).first().fill(password)
  await page.getByRole('button', { name: w('signIn.enter'), exact: true }).click()
  if (code === undefined) return
  await page.getByLabel(w('signIn.code')).fill(code)
  await page.getByRole('button', { name: w('signIn.enter'), exact: true }).click()
}

/** The keyboard, for somebody who has nothing else: what they want is reached by the Tab key, and is seen to be. */
export function keyboard(page: Page) {
  const reach = async (what: Locator) => {
    await what.waitFor()
    for (let tabs = 0; ; tabs++) {
      const at = await what.evaluate((e) => (e !== document.activeElement ? 'elsewhere' : e.matches(':focus-visible') ? 'there' : 'unseen'))
      if (at === 'there') return
      expect(tabs, `cannot be reached by the keyboard: ${what}`).toBeLessThan(120)
      await page.keyboard.press('Tab')
    }
  }
  return {
    reach,
    async press(what: Locator, by: 'Enter' | 'Space' = 'Enter') {
      await expect(what).toBeEnabled()
      await reach(what)
      await page.keyboard.press(by)
    },
    async fill(field: Locator, text: string) {
      await reach(field)
      await page.keyboard.insertText(text)
    },
    /** One of a menu that is open. */
    async pick(item: Locator) {
      await item.waitFor()
      for (let down = 0; !(await item.evaluate((e) => e === document.activeElement)); down++) {
        expect(down, `not in the menu: ${item}`).toBeLessThan(20)
        await page.keyboard.press('ArrowDown')
      }
      await page.keyboard.press('Enter')
    },
    async choose(field: Locator, option: string) {
      await reach(field)
      await page.keyboard.press('ArrowDown')
      const wanted = page.getByRole('option', { name: option })
      for (let down = 0; (await wanted.getAttribute('data-combobox-selected')) === null; down++) {
        expect(down, `no option ${option}`).toBeLessThan(40)
        await page.keyboard.press('ArrowDown')
      }
      await page.keyboard.press('Enter')
    },
  }
}

/** Nothing on the page shuts anybody out, as far as axe can tell (WCAG 2.2 AA), and nothing has to be scrolled sideways. */
export async function sound(page: Page, where = '') {
  const axe = new AxeBuilder({ page })
    .exclude('iframe[sandbox]') // one that runs nothing cannot be looked into by a script either; what it shows is somebody else's
    .setLegacyMode() // all at once in the page itself, instead of in another one opened for it: half the time, and no frame is from elsewhere
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
  const { violations } = await axe.analyze()
  // An open menu lies beside all landmarks, but who comes there comes from its button, which says so; axe knows of landmarks alone.
  const inMenu = (selector: string) => page.locator(selector).evaluate((e) => e.closest('[role=menu]') !== null)
  for (const v of violations.filter((one) => one.id === 'region')) {
    const menus = await Promise.all(v.nodes.map((n) => inMenu(String(n.target))))
    v.nodes = v.nodes.filter((_, i) => !menus[i])
  }
  const wrong = violations.filter((v) => v.nodes.length > 0)
  expect.soft(wrong.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary ?? ''}`).join('; ')}`), where).toEqual([])
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect.soft(wide, `pixels to scroll sideways ${where}`).toBeLessThanOrEqual(0)
}
