import { expect, test } from '@playwright/test'
import { ask, key, keyboard, on, screens, signIn, sound, url } from './desk'
import { words } from './words'

const w = words('pt-BR')

/** The campaign that calls when the program is first started. */
const demo = /Confirmação de consultas/

interface Campaign {
  id: string
  name: string
  channel: string
  state: string
  counts: { total: number }
}

const campaigns = async () => (await ask<{ items: Campaign[] }>('GET', '/campaigns')).items

for (const s of screens) {
  test(`signs in, sees the campaigns and one of them live (${s.name}, ${s.language})`, async ({ browser }) => {
    test.setTimeout(60_000)
    const { context, page, w: said, go, rows } = await on(browser, s)
    const errors: string[] = []
    page.on('pageerror', (e) => errors.push(e.message))
    page.on('console', (m) => {
      if (m.type() === 'error' && !m.text().includes('401')) errors.push(m.text())
    })
    await signIn(page, said)
    await go('shell.home')
    await expect(page.getByRole('region', { name: said('home.running') })).toBeVisible()
    await sound(page, 'home')
    await page.getByRole('link', { name: said('home.all') }).click()
    const card = page.getByRole('listitem').filter({ hasText: demo })
    await expect(card.getByText(said('campaign.state.active'), { exact: true })).toBeVisible()
    await expect(card.getByText(said.like('campaign.progressOf', { total: '160' }))).toBeVisible()
    await card.getByRole('button', { name: said.like('action.more') }).click()
    await sound(page, 'the menu of a card')
    await page.keyboard.press('Escape')
    await card.getByRole('link', { name: demo }).click()
    await expect(page.getByRole('heading', { level: 1, name: demo })).toBeVisible()
    await expect(page.getByText(said('campaign.inTheAir')).first()).toBeVisible()
    const people = rows(said('campaign.tab.recipients'))
    await expect(people).toBeVisible()
    await people.locator('.as-link').first().click()
    await expect(page.getByRole('dialog').getByRole('heading').first()).toBeVisible()
    await sound(page, 'a person of a campaign')
    expect(errors).toEqual([])
    await context.close()
  })
}

test('a wrong key is refused in words, and what a key shows goes with it', async ({ page }) => {
  await page.goto(`${url()}/campaigns`)
  const enter = page.getByRole('button', { name: w('signIn.enter'), exact: true })
  await page.getByRole('button', { name: w('signIn.byKey') }).click()
  await page.getByLabel(w('signIn.key')).first().fill('cmp_wrong')
  await enter.click()
  await expect(page.getByRole('alert')).toContainText(w.server('fault.key_invalid'))
  await page.getByLabel(w('signIn.key')).first().fill(key())
  await enter.click()
  await expect(page.getByRole('heading', { level: 1, name: w('shell.campaigns') })).toBeVisible()
  await page.getByRole('button', { name: w('shell.me') }).click()
  await page.getByRole('menuitem', { name: w('shell.leave') }).click()
  await expect(page.getByRole('heading', { level: 1, name: w('signIn.title') })).toBeVisible()
  await expect(page.getByText(demo)).toHaveCount(0)
})

test('numbers change without a reload, and pausing shows at once', async ({ page }) => {
  const mail = (await campaigns()).find((c) => c.channel === 'email' && c.counts.total === 64)
  await signIn(page)
  await page.getByRole('link', { name: mail?.name ?? '' }).click()
  await page.getByRole('button', { name: w('campaign.action.pause'), exact: true }).click()
  await expect(page.getByRole('button', { name: w('campaign.action.resume'), exact: true })).toBeVisible()
  await ask('POST', `/campaigns/${mail?.id}/start`) // by somebody else
  await expect(page.getByRole('button', { name: w('campaign.action.pause'), exact: true })).toBeVisible()
  const progress = page.getByText(w.like('campaign.progressOf', { total: '64' })).first()
  const before = await progress.textContent()
  await expect(progress).not.toHaveText(before ?? '', { timeout: 20_000 })
})

test('a campaign is made in three steps, checked, started and finished, without a mouse', async ({ page }) => {
  test.setTimeout(90_000)
  const name = 'Lembrete de teste'
  const line = (await ask<{ items: { name: string }[] }>('GET', '/lines?kind=voice')).items.at(-1)?.name ?? ''
  await ask('POST', '/agents', { name: 'Voz de teste', script: { start: 'hello', steps: { hello: { say: 'Olá.', next: 'end' } } } })
  await signIn(page)
  const { press, fill, choose, pick } = keyboard(page)
  const button = (text: string) => page.getByRole('button', { name: text, exact: true })
  const next = () => press(button(w('wizard.next')))
  await press(page.getByRole('link', { name: w('campaign.new') }).first())
  await fill(page.getByLabel(w('campaign.field.name')), name)
  await choose(page.getByRole('combobox', { name: w('campaign.field.line') }), line)
  await next()
  await fill(page.getByLabel(w('wizard.pasteNumbers')), '11 90000-1001\n11 90000-1002\n123')
  await press(button(w('wizard.add')))
  await expect(page.getByText(w('wizard.added', { count: 2, people: '2' }))).toBeVisible()
  await expect(page.getByText(w.like('wizard.row', { line: '3' }))).toBeVisible()
  await next()
  await press(page.getByRole('button', { name: w('preset.collection') }))
  await expect(page.getByLabel(w('campaign.field.maxAttempts'))).toHaveValue('2')
  for (const day of ['sábado', 'domingo']) await press(page.getByRole('switch', { name: w('week.open', { day }) }), 'Space')
  await next()
  // Nobody was said to speak: the server says so, and the review leads to where it is mended.
  await expect(page.getByText(w('wizard.problems'))).toBeVisible()
  await expect(button(w('campaign.action.start'))).toBeDisabled()
  await press(page.getByRole('button', { name: w('wizard.mend') }).first())
  await choose(page.getByRole('combobox', { name: w('campaign.field.agent') }), 'Voz de teste')
  await next()
  const made = (await campaigns()).find((c) => c.name === name)
  expect(made?.state).toBe('draft')
  // The hours of the preset may be over: at any hour the journey must come to its end.
  await ask('PATCH', `/campaigns/${made?.id}`, { window: null })
  await page.goto(`${url()}/campaigns/new?draft=${made?.id}&step=4`)
  await press(button(w('campaign.action.start')))
  await expect(page.getByRole('dialog')).toContainText(w('campaign.confirm.start', { count: 2, people: '2' }))
  await press(page.getByRole('dialog').getByRole('button', { name: w('campaign.action.start') }))
  await expect(page.getByRole('heading', { level: 1, name })).toContainText(w('campaign.state.completed'), { timeout: 45_000 })
  await press(button('+55 11 90000-1001'))
  await expect(page.getByRole('dialog').getByText('Olá.')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(button('+55 11 90000-1001')).toBeFocused()
  await press(page.getByRole('button', { name: w.like('action.more', { name }) }))
  await pick(page.getByRole('menuitem', { name: w('campaign.action.duplicate') }))
  // A dialog that came from a menu leads back to the menu's button.
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: w.like('action.more', { name }) })).toBeFocused()
})

test('a file of contacts is tried, its refused row told, and brought in', async ({ page }) => {
  await signIn(page)
  await page.getByRole('link', { name: w('shell.imports') }).click()
  await page.locator('input[type=file]').setInputFiles({
    name: 'clientes.csv', mimeType: 'text/csv', buffer: Buffer.from('nome;telefone;cidade\nAna Teste;11 91111-0001;Recife\nSem Número;12;Olinda\nRui Teste;11 91111-0002;Recife\n'),
  })
  await expect(page.getByRole('heading', { level: 1, name: /clientes\.csv/ })).toBeVisible()
  await page.getByRole('button', { name: w('import.saveAndTry') }).click()
  await expect(page.getByRole('heading', { name: w('import.problems') })).toBeVisible()
  await expect(page.getByRole('cell', { name: 'telefone', exact: true })).toBeVisible()
  await page.getByRole('button', { name: w('import.action.commit'), exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: w('import.action.commit') }).click()
  await expect(page.getByText(w('import.state.done'), { exact: true })).toBeVisible()
  await page.getByRole('link', { name: w('shell.contacts') }).click()
  await page.getByLabel(w('contact.search')).fill('ana teste')
  await page.getByRole('link', { name: 'Ana Teste' }).click()
  await expect(page.getByText('+55 11 91111-0001')).toBeVisible()
})

test('it speaks the language that is chosen, and keeps to it', async ({ page }) => {
  await signIn(page)
  await page.getByRole('button', { name: w('preferences.language') }).click()
  await page.getByRole('menuitem', { name: 'Español' }).click()
  await expect(page.getByRole('heading', { level: 1, name: words('es')('shell.campaigns') })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: words('es')('shell.campaigns') })).toBeVisible()
  await page.getByRole('button', { name: w('preferences.language') }).click()
  await page.getByRole('menuitem', { name: 'English' }).click()
  await expect(page.getByRole('button', { name: 'Sign out' }).or(page.getByRole('heading', { level: 1, name: 'Campaigns' })).first()).toBeVisible()
})

test('a server that is away is told, and the page comes back by itself', async ({ page }) => {
  await signIn(page)
  await page.route('**/api/**', (r) => r.abort())
  await page.route('**/healthz', (r) => r.abort())
  await page.getByRole('link', { name: w('shell.contacts'), exact: true }).click() // the stream that is open goes on
  await expect(page.getByText(w('trouble.away')).first()).toBeVisible({ timeout: 20_000 })
  await page.unroute('**/api/**')
  await page.unroute('**/healthz')
  await expect(page.getByText(w('trouble.away'))).toHaveCount(0, { timeout: 20_000 })
})

test('the first owner comes in by their link, invites somebody who only looks, and neither needs a key', async ({ page, browser }) => {
  await page.goto(process.env.CAMPANARIO_FIRST ?? '')
  await page.locator('input[name=email]').fill('dona@example.com')
  await page.locator('input[name=name]').fill('Dona Primeira')
  await page.locator('input[name=password]').fill('uma senha bem comprida')
  await page.locator('button[type=submit]').click()
  await expect(page.getByRole('heading', { level: 1, name: w('shell.home') })).toBeVisible()
  await page.getByRole('link', { name: w('shell.campaigns'), exact: true }).click()
  await expect(page.getByRole('link', { name: w('campaign.new') })).toBeVisible()
  await page.getByRole('button', { name: w('shell.me') }).click()
  await expect(page.getByText('Dona Primeira')).toBeVisible()
  const invited = await page.evaluate(async () => {
    const answer = await fetch('/api/v1/invitations', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email: 'olha@example.com', role: 'viewer' }),
    })
    return (await answer.json()) as { link?: string }
  })
  await page.getByRole('menuitem', { name: w('shell.leave') }).click()
  await page.getByLabel(w('signIn.email')).fill('dona@example.com')
  await page.getByLabel(w('signIn.password')).first().fill('errada errada errada')
  await page.getByRole('button', { name: w('signIn.enter'), exact: true }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByLabel(w('signIn.password')).first().fill('uma senha bem comprida')
  await page.getByRole('button', { name: w('signIn.enter'), exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: w('shell.campaigns') })).toBeVisible()

  const other = await (await browser.newContext()).newPage()
  await other.goto(invited.link ?? '')
  await other.locator('input[name=name]').fill('Quem Olha')
  await other.locator('input[name=password]').fill('outra senha comprida')
  await other.locator('button[type=submit]').click()
  await expect(other.getByRole('heading', { level: 1, name: w('shell.home') })).toBeVisible()
  await other.getByRole('link', { name: w('shell.campaigns'), exact: true }).click()
  await expect(other.getByRole('listitem').filter({ hasText: demo })).toBeVisible()
  await expect(other.getByRole('link', { name: w('campaign.new') })).toHaveCount(0)
  await expect(other.getByRole('button', { name: /Pausar|Mais ações/ })).toHaveCount(0)
})

test('a file fills a campaign: what its columns hold is said, what comes of it is seen, and then it is added', async ({ page }) => {
  const line = (await ask<{ items: { id: string }[] }>('GET', '/lines?kind=voice')).items.at(-1)?.id
  const draft = await ask<{ id: string }>('POST', '/campaigns', { name: 'De um arquivo', channel: 'voice', line })
  await signIn(page)
  await page.goto(`${url()}/campaigns/new?draft=${draft.id}&step=2`)
  await page.getByRole('tab', { name: w('wizard.file') }).click()
  await page.locator('input[type=file]').setInputFiles({
    name: 'clientes.csv', mimeType: 'text/csv', buffer: Buffer.from('Quem;Celular;Valor\nAna Arquivo;11 90000-1003;R$ 10,00\nSem Número;12;R$ 20,00\nRui Arquivo;11 90000-1004;R$ 30,00\n'),
  })
  const sample = page.getByRole('region', { name: w('wizard.sample') })
  await expect(sample).toContainText(w('wizard.refused', { count: 1, number: '1' }))
  await expect(sample.getByText('Quem Ana Arquivo')).toBeVisible()
  await page.getByRole('combobox', { name: w('import.holds', { column: 'Quem' }) }).click()
  await page.getByRole('option', { name: w('import.field.name'), exact: true }).click()
  await expect(sample.getByText('Ana Arquivo', { exact: true })).toBeVisible()
  await sound(page)
  await page.getByRole('button', { name: w('wizard.addSome', { count: 2, people: '2' }) }).click()
  await expect(page.getByText(w('wizard.added', { count: 2, people: '2' }))).toBeVisible()
  await expect(page.getByText(w.like('wizard.row', { line: '3' }))).toBeVisible()
  const { items } = await ask<{ items: { name: string; variables: Record<string, string> }[] }>('GET', `/campaigns/${draft.id}/recipients`)
  expect(items.map((r) => [r.name, r.variables])).toEqual([['Ana Arquivo', { valor: 'R$ 10,00' }], ['Rui Arquivo', { valor: 'R$ 30,00' }]])
})
