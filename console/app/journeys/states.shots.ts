import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { Key } from '../src/locale/language'
import { ask, on, screens, signIn, sound, url } from './desk'

const folder = join(import.meta.dirname, '../../../screenshots')

interface Listed {
  items: { id: string; name: string; channel: string; kind: string }[]
}

const sheet = `Cliente;Celular;E-mail de cobrança;Valor em aberto;Vencimento;Observações
Ana Souza;11 97654-3210;ana@example.com;R$ 120,50;10/12/2026;prefere manhã
Maria da Conceição Albuquerque Cavalcanti;21 97654-3211;;R$ 1.234,00;12/12/2026;
Rui;12;;;;
`

// What a page looks like only after somebody does something: dialogs, menus, files looked at, refusals, no network.
for (const s of screens) {
  test(`states, ${s.name}`, async ({ browser }) => {
    test.setTimeout(240_000)
    mkdirSync(folder, { recursive: true })
    const { context, page, w } = await on(browser, s)
    const narrow = s.width < 768
    const missed: string[] = []
    const shoot = async (name: string, whole = false) => {
      await page.waitForTimeout(700) // pictures show what has come to rest
      await page.screenshot({ path: join(folder, `state-${name}-${s.name}.png`), fullPage: whole })
      if (!process.env.NOAXE) await sound(page)
    }
    /** One picture, and the way there; one that cannot be taken doesn't stop the others. */
    const state = async (name: string, path: string, way: () => Promise<unknown>, whole = false) => {
      try {
        await page.goto(`${url()}${path}`)
        await way()
        await shoot(name, whole)
      } catch (e) {
        missed.push(`${name}: ${String(e).split('\n').slice(0, 4).join(' ')}`)
      }
    }
    page.setDefaultTimeout(8000)
    const { items } = await ask<Listed>('GET', '/campaigns')
    const [voice, mail, draft, large] = [
      items.find((c) => c.channel === 'voice' && c.name.startsWith('Confirm')), items.find((c) => c.channel === 'email'), items.find((c) => c.name.startsWith('Cobr')), items.find((c) => c.name.startsWith('Pesq')),
    ].map((c) => c?.id)
    const id = async (path: string) => (await ask<Listed>('GET', path)).items[0]?.id
    const [bia, carlos, agent, line, template] = [
      await id('/contacts?search=Beatriz'), await id('/contacts?search=Carlos'), await id('/agents'), await id('/lines?kind=voice'), await id('/templates'),
    ]
    const button = (key: Key, nth = 0) => page.getByRole('button', { name: w(key), exact: true }).nth(nth).click()
    const more = () => page.getByRole('button', { name: w.like('action.more') }).first().click()
    const tab = (key: Key) => page.getByRole('tab', { name: w(key), exact: true }).click()
    const item = (key: Key) => page.getByRole('menuitem', { name: w(key), exact: true }).click()

    await page.goto(url())
    await page.getByLabel(w('signIn.email')).fill('quem@example.com')
    await page.getByLabel(w('signIn.password')).first().fill('isto não é a senha')
    await button('signIn.enter')
    await expect(page.getByRole('alert').first()).toBeVisible()
    await shoot('sign-in-refused')
    await signIn(page, w)
    const people = `/campaigns/new?draft=${draft}&step=2`
    await state('people-file', people, async () => {
      await tab('wizard.file')
      await page.locator('input[type=file]').setInputFiles({ name: 'devedores-dezembro-2026-filial-recife.csv', mimeType: 'text/csv', buffer: Buffer.from(sheet) })
      await page.getByRole('region', { name: w('wizard.sample') }).waitFor()
    }, true)
    await state('people-file-empty', people, () => tab('wizard.file'))
    await state('people-filter', people, () => tab('wizard.filter'), true)
    await state('people-audience', people, () => tab('wizard.audience'), true)
    await state('people-added', people, async () => {
      await page.getByLabel(w('wizard.pasteNumbers')).fill('11 97654-3210\n12\n')
      await button('wizard.add')
      await page.getByText(w.like('wizard.refused', { count: 1 })).first().waitFor()
    }, true)
    await state('settings-draft', `/campaigns/${draft}?tab=settings`, () => button('change.edit'), true)
    await state('settings-running', `/campaigns/${voice}?tab=settings`, () => button('change.edit'), true)
    await state('large', `/campaigns/${large}`, () => page.getByRole('heading', { level: 1 }).waitFor(), true)
    await state('large-review', `/campaigns/new?draft=${large}&step=4`, () => page.getByText('100').first().waitFor(), true)
    await state('campaign-menu', `/campaigns/${draft}`, more)
    await state('campaign-bulk', `/campaigns/${large}`, () => button('campaign.bulk.title'))
    await state('campaign-bulk-sure', `/campaigns/${large}`, async () => {
      await button('campaign.bulk.title')
      await item('campaign.do.remove')
      await page.getByRole('dialog').waitFor()
    })
    await state('campaign-copy', `/campaigns/${voice}`, async () => {
      await more()
      await item('campaign.action.duplicate')
    })
    await state('campaign-report', `/campaigns/${voice}`, () => button('campaign.report'))
    await state('campaign-workbook', `/campaigns/${voice}`, async () => {
      await button('campaign.report')
      await page.getByRole('menuitem').last().click()
    })
    await state('campaign-email-person', `/campaigns/${mail}`, () => page.locator('.as-link').first().click())
    await state('contacts-none', '/contacts?search=ninguém', () => page.getByText(w('contact.noneFound')).waitFor())
    await state('contact-new', '/contacts', async () => {
      await button('contact.add')
      await page.getByRole('dialog').getByLabel(w('contact.phone')).fill('12')
      await page.getByRole('dialog').getByRole('button', { name: w('action.save') }).click()
    })
    await state('contact-menu', `/contacts/${bia}`, more)
    await state('contact-erase', `/contacts/${bia}`, async () => {
      await more()
      await item('erase.title')
    })
    await state('contact-stop', `/contacts/${bia}`, async () => {
      await more()
      await item('contact.optOut')
    })
    await state('contact-consent', `/contacts/${bia}`, () => button('consent.record'))
    await state('contact-alike', `/contacts/${carlos}`, () => page.getByRole('heading', { level: 1 }).waitFor(), true)
    await state('contact-merge', `/contacts/${carlos}`, () => button('merge.look'))
    await state('suppress', '/suppressions', () => button('suppression.add'))
    await state('audience-new', '/audiences', () => button('audience.new'))
    await state('agent-new', '/agents', () => button('agent.new'))
    await state('agent-call', `/agents/${agent}`, () => tab('agent.testCall'), true)
    await state('agent-settings', `/agents/${agent}`, () => tab('agent.settings'), true)
    await state('agent-versions', `/agents/${agent}`, () => tab('agent.versions'), true)
    await state('agent-step', `/agents/${agent}`, () => page.getByRole('button', { name: w.like('agent.editStep') }).first().click(), true)
    await state('agent-delete', `/agents/${agent}`, async () => {
      await tab('agent.settings')
      await button('agent.delete')
      await page.getByRole('dialog').getByRole('button', { name: w('agent.delete') }).click()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
    })
    await state('line-voice', '/lines/new?kind=voice', () => page.getByRole('heading', { level: 1 }).waitFor(), true)
    await state('line-more', `/lines/${line}`, async () => {
      await page.getByText(w('line.more')).click()
    }, true)
    await state('line-refused', '/lines/new?kind=email', () => button('line.make'), true)
    await state('lines-menu', '/lines', () => button('line.add'))
    await state('template-new', '/templates', () => page.getByRole('link', { name: w('template.new') }).first().click(), true)
    await state('template-mail', `/templates/${template}`, () => page.locator('iframe').scrollIntoViewIfNeeded())
    await state('key-new', '/settings/keys', () => button('keys.new'))
    await state('me', '/', () => button('shell.me'))
    if (narrow) await state('menu', '/', () => button('shell.menu'))
    await state('loading', '/', async () => {
      await page.route('**/api/v1/contacts*', () => new Promise(() => undefined))
      await page.goto(`${url()}/contacts`)
    })
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await state('away', '/contacts', async () => {
      await page.getByRole('heading', { level: 1 }).waitFor()
      await context.setOffline(true)
      await page.getByText(w('trouble.away')).first().waitFor()
    })
    await context.close()
    expect(missed).toEqual([])
  })
}

// The pages that people who have no account get by a link.
for (const s of screens) {
  test(`links, ${s.name}`, async ({ browser }) => {
    mkdirSync(folder, { recursive: true })
    const { context, page } = await on(browser, s)
    const shoot = (name: string) => page.screenshot({ path: join(folder, `link-${name}-${s.name}.png`), fullPage: true })
    const { link } = await ask<{ link: string }>('POST', '/invitations', { email: `convidada-${s.name}@example.com`, role: 'viewer' })
    await page.goto(link)
    await shoot('join')
    const bia = (await ask<Listed>('GET', '/contacts?search=Beatriz')).items[0]?.id
    const consent = await ask<{ url: string }>('POST', `/contacts/${bia}/consent-link`, {})
    await page.goto(consent.url.replace(/^https?:\/\/[^/]+/, url()))
    await shoot('consent')
    await page.goto(`${url()}/access/nada`)
    await shoot('gone')
    const mail = (await ask<Listed>('GET', '/sandbox/messages')).items[0]?.id
    const { headers } = await ask<{ headers: { name: string; value: string }[] }>('GET', `/sandbox/messages/${mail}`)
    const unsubscribe = /<https?:\/\/[^/]+([^>]+)>/.exec(headers.find((h) => h.name.toLowerCase() === 'list-unsubscribe')?.value ?? '')?.[1]
    await page.goto(`${url()}${unsubscribe}`)
    await shoot('unsubscribe')
    await context.close()
  })
}
