import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from '@playwright/test'
import { ask, on, screens, signIn, sound } from './desk'

const folder = join(import.meta.dirname, '../../../screenshots')

interface Listed {
  items: { id: string; name: string; channel: string; kind: string }[]
}

test.beforeAll(() => mkdirSync(folder, { recursive: true }))

for (const s of screens) {
  test(s.name, async ({ browser }) => {
    test.setTimeout(240_000)
    const { context, page, w } = await on(browser, s)
    const shoot = async (name: string, whole = true) => {
      await page.waitForLoadState('domcontentloaded')
      await page.waitForTimeout(700)
      await page.screenshot({ path: join(folder, `${name}-${s.name}.png`), fullPage: whole })
      if (!process.env.NOAXE) await sound(page)
    }
    const { items } = await ask<Listed>('GET', '/campaigns')
    const [voice, mail, draft] = [items.find((c) => c.channel === 'voice' && c.name.startsWith('Confirm')), items.find((c) => c.channel === 'email'), items.find((c) => c.name.startsWith('Cobr'))]
    const contact = (await ask<Listed>('GET', '/contacts?search=Beatriz')).items[0]
    const audience = (await ask<Listed>('GET', '/audiences')).items[0]
    const file = (await ask<Listed>('GET', '/imports')).items[0]
    const agent = (await ask<Listed>('GET', '/agents')).items[0]
    const line = (await ask<Listed>('GET', '/lines')).items.find((l) => l.kind === 'voice')
    const template = (await ask<Listed>('GET', '/templates')).items[0]
    await page.goto(process.env.CAMPANARIO_URL ?? '')
    await shoot('sign-in')
    await signIn(page, w)
    const paths: [string, string][] = [
      ['home', '/'],
      ['campaigns', '/campaigns'], ['campaign', `/campaigns/${voice?.id}`], ['campaign-calls', `/campaigns/${voice?.id}?tab=attempts`], ['campaign-results', `/campaigns/${voice?.id}?tab=results`],
      ['campaign-log', `/campaigns/${voice?.id}?tab=log`], ['campaign-settings', `/campaigns/${draft?.id}?tab=settings`], ['campaign-email', `/campaigns/${mail?.id}`], ['campaign-draft', `/campaigns/${draft?.id}`],
      ['wizard-1', '/campaigns/new'], ['wizard-2', `/campaigns/new?draft=${draft?.id}&step=2`], ['wizard-3', `/campaigns/new?draft=${draft?.id}&step=3`],
      ['wizard-4', `/campaigns/new?draft=${draft?.id}&step=4`], ['contacts', '/contacts'], ['contact', `/contacts/${contact?.id}`], ['duplicates', '/contacts/duplicates'], ['imports', '/imports'], ['import', `/imports/${file?.id}`],
      ['audiences', '/audiences'], ['audience', `/audiences/${audience?.id}`], ['suppressions', '/suppressions'], ['agents', '/agents'], ['agent', `/agents/${agent?.id}`],
      ['lines', '/lines'], ['line', `/lines/${line?.id}`], ['line-new', '/lines/new?kind=email'], ['templates', '/templates'], ['template', `/templates/${template?.id}`],
      ['sandbox', '/sandbox'], ['sandbox-numbers', '/sandbox?tab=numbers'], ['sandbox-mailboxes', '/sandbox?tab=mailboxes'], ['missing', '/nowhere'],
    ]
    for (const [name, path] of paths) {
      await page.goto(`${process.env.CAMPANARIO_URL}${path}`)
      await shoot(name)
    }
    await page.goto(`${process.env.CAMPANARIO_URL}/campaigns/${voice?.id}`)
    await page.locator('.as-link').first().click()
    await shoot('recipient', false)
    await context.close()
  })
}
