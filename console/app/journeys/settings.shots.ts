import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { ask, enter, on, person, screens, sound, url } from './desk'

const folder = join(import.meta.dirname, '../../../screenshots')

const pages = ['account', 'workspace', 'users', 'keys', 'rules', 'retention', 'audit']

for (const s of screens) {
  test(`settings, ${s.name}`, async ({ browser }) => {
    test.setTimeout(120_000)
    mkdirSync(folder, { recursive: true })
    const { context, page, w } = await on(browser, s)
    const shoot = async (name: string, whole = true) => {
      await page.waitForTimeout(700) // pictures show what has come to rest
      await page.screenshot({ path: join(folder, `settings-${name}-${s.name}.png`), fullPage: whole })
      if (!process.env.NOAXE) await sound(page)
    }
    const owner = await person('owner', 'Beatriz Ramos', s.language)
    await person('operator', 'Carlos Prado')
    await ask('POST', '/invitations', { email: `rita-${s.name}@example.com`, role: 'viewer' })
    await ask('PUT', '/rules', { limits: [{ most: 2, days: 1 }, { most: 1, hours: 4, counts: 'answered', channel: 'voice' }], packs: [{ pack: 'BR' }, { pack: 'CO', on: ['hours'] }] })
    await enter(page, owner, w)
    await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(w('signIn.title'))
    for (const name of pages) {
      await page.goto(`${url()}/settings/${name}`)
      await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible()
      await shoot(name)
    }
    await page.goto(`${url()}/settings/users`)
    await page.getByRole('button', { name: w('users.invite') }).click()
    await page.getByRole('dialog').getByLabel(w('signIn.email')).fill(`joao-${s.name}@example.com`)
    await shoot('invite', false)
    await page.getByRole('dialog').getByRole('button', { name: w('users.invite') }).click()
    await expect(page.locator('.once')).toBeVisible()
    await shoot('invited', false)
    await page.goto(`${url()}/settings/account`)
    await page.getByRole('button', { name: w('factor.begin') }).click()
    await page.getByRole('dialog').getByLabel(w('account.currentPassword')).fill('uma senha bem comprida')
    await page.getByRole('dialog').getByRole('button', { name: w('factor.next') }).click()
    await expect(page.getByRole('img', { name: w('factor.picture') })).toBeVisible()
    await shoot('factor', false)
    await context.close()
  })
}
