import { expect, test } from '@playwright/test'
import { ask, key, screens, signIn, sound, url } from './desk'

interface Campaign {
  id: string
  name: string
  channel: string
  state: string
}

const campaigns = async () => (await ask<{ items: Campaign[] }>('GET', '/campaigns')).items

for (const s of screens) {
  test(`signs in, sees the campaigns and one of them live (${s.name})`, async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width: s.width, height: s.height }, colorScheme: s.scheme })
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', (e) => errors.push(e.message))
    page.on('console', (m) => {
      if (m.type() === 'error' && !m.text().includes('401')) errors.push(m.text())
    })
    await page.goto(url())
    await expect(page.getByRole('heading', { level: 1, name: 'Entrar' })).toBeVisible()
    await sound(page)
    await signIn(page)
    if (s.width < 768) await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('link', { name: 'Início', exact: true }).click()
    await expect(page.getByRole('region', { name: 'Em andamento' })).toBeVisible()
    await sound(page)
    await page.getByRole('link', { name: 'Todas as campanhas' }).click()
    const card = page.getByRole('listitem').filter({ hasText: 'Confirmação de consultas' })
    await expect(card.getByText('Ativa', { exact: true })).toBeVisible()
    await expect(card.getByText(/de 160/)).toBeVisible()
    await sound(page)
    await card.getByRole('link', { name: /Confirmação/ }).click()
    await expect(page.getByRole('heading', { level: 1, name: /Confirmação/ })).toBeVisible()
    await expect(page.getByText('Em ligação agora').first()).toBeVisible()
    await expect(page.getByRole(s.width < 768 ? 'list' : 'table', { name: 'Pessoas' })).toBeVisible()
    await sound(page)
    expect(errors).toEqual([])
    await context.close()
  })
}

test('a wrong key is refused in words, and what a key shows goes with it', async ({ page }) => {
  await page.goto(`${url()}/campaigns`)
  await page.getByRole('button', { name: 'Entrar com uma chave de acesso' }).click()
  await page.getByLabel('Chave de acesso').first().fill('cmp_wrong')
  await page.getByRole('button', { name: 'Entrar', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('chave')
  await page.getByLabel('Chave de acesso').first().fill(key())
  await page.getByRole('button', { name: 'Entrar', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Campanhas' })).toBeVisible()
  await page.getByRole('button', { name: 'Minha conta' }).click()
  await page.getByRole('menuitem', { name: 'Sair' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Entrar' })).toBeVisible()
  await expect(page.getByText('Confirmação')).toHaveCount(0)
})

test('numbers change without a reload, and pausing shows at once', async ({ page }) => {
  const demo = (await campaigns()).find((c) => c.channel === 'email')
  await signIn(page)
  await page.getByRole('link', { name: demo?.name ?? '' }).click()
  await page.getByRole('button', { name: 'Pausar', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Retomar', exact: true })).toBeVisible()
  await ask('POST', `/campaigns/${demo?.id}/start`) // by somebody else
  await expect(page.getByRole('button', { name: 'Pausar', exact: true })).toBeVisible()
  const progress = page.getByText(/ de 64$/).first()
  const before = await progress.textContent()
  await expect(progress).not.toHaveText(before ?? '', { timeout: 20_000 })
})

test('a campaign is made in three steps, checked, started and finished', async ({ page }) => {
  test.setTimeout(90_000)
  const name = 'Lembrete de teste'
  await ask('POST', '/agents', { name: 'Voz de teste', script: { start: 'hello', steps: { hello: { say: 'Olá.', next: 'end' } } } })
  await signIn(page)
  await page.getByRole('link', { name: 'Nova campanha' }).first().click()
  await page.getByLabel('Nome da campanha').fill(name)
  await page.getByRole('combobox', { name: 'Linha' }).click()
  await page.getByRole('option', { name: /telefone/ }).click()
  await page.getByRole('button', { name: 'Continuar' }).click()
  await page.getByLabel('Números com DDD').fill('11 90000-1001\n11 90000-1002\n123')
  await page.getByRole('button', { name: 'Adicionar' }).click()
  await expect(page.getByText('2 pessoas adicionadas')).toBeVisible()
  await expect(page.getByText(/Linha 3:/)).toBeVisible()
  await page.getByRole('button', { name: 'Continuar' }).click()
  await page.getByRole('button', { name: /Cobrança/ }).click()
  await expect(page.getByLabel('Tentativas por pessoa')).toHaveValue('2')
  for (const day of ['sábado', 'domingo']) await page.getByRole('switch', { name: `Aberto: ${day}` }).click({ force: true })
  await page.getByRole('button', { name: 'Continuar' }).click()
  // Nobody was said to speak: the server says so, and the review leads to where it is mended.
  await expect(page.getByText('Ainda não pode começar')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Iniciar' })).toBeDisabled()
  await page.getByRole('button', { name: 'Resolver' }).first().click()
  await page.getByRole('combobox', { name: 'Agente' }).click()
  await page.getByRole('option', { name: 'Voz de teste' }).click()
  await page.getByRole('button', { name: 'Continuar' }).click()
  const made = (await campaigns()).find((c) => c.name === name)
  expect(made?.state).toBe('draft')
  // The hours of the preset may be over: at any hour the journey must come to its end.
  await ask('PATCH', `/campaigns/${made?.id}`, { window: null })
  await page.goto(`${url()}/campaigns/new?draft=${made?.id}&step=4`)
  await page.getByRole('button', { name: 'Iniciar' }).click()
  await expect(page.getByRole('dialog')).toContainText('2 pessoas serão contatadas')
  await page.getByRole('dialog').getByRole('button', { name: 'Iniciar' }).click()
  await expect(page.getByRole('heading', { level: 1, name: new RegExp(name) })).toBeVisible()
  await expect(page.getByRole('button', { name: '+55 11 90000-1001' })).toBeVisible()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Concluída', { timeout: 45_000 })
  await page.getByRole('button', { name: '+55 11 90000-1001' }).click()
  await expect(page.getByRole('dialog').getByText('Olá.')).toBeVisible()
})

test('a file of contacts is tried, its refused row told, and brought in', async ({ page }) => {
  await signIn(page)
  await page.getByRole('link', { name: 'Importações' }).click()
  await page.locator('input[type=file]').setInputFiles({
    name: 'clientes.csv', mimeType: 'text/csv', buffer: Buffer.from('nome;telefone;cidade\nAna Teste;11 91111-0001;Recife\nSem Número;12;Olinda\nRui Teste;11 91111-0002;Recife\n'),
  })
  await expect(page.getByRole('heading', { level: 1, name: /clientes\.csv/ })).toBeVisible()
  await page.getByRole('button', { name: 'Salvar e testar' }).click()
  await expect(page.getByRole('heading', { name: 'Linhas recusadas' })).toBeVisible()
  await expect(page.getByRole('cell', { name: 'telefone', exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Importar', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Importar' }).click()
  await expect(page.getByText('Importada', { exact: true })).toBeVisible()
  await page.getByRole('link', { name: 'Contatos' }).click()
  await page.getByLabel(/Procurar por nome/).fill('ana teste')
  await page.getByRole('link', { name: 'Ana Teste' }).click()
  await expect(page.getByText('+55 11 91111-0001')).toBeVisible()
})

test('it speaks the language that is chosen, and keeps to it', async ({ page }) => {
  await signIn(page)
  await page.getByRole('button', { name: 'Idioma' }).click()
  await page.getByRole('menuitem', { name: 'Español' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Campañas' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Campañas' })).toBeVisible()
  await page.getByRole('button', { name: 'Idioma' }).click()
  await page.getByRole('menuitem', { name: 'English' }).click()
  await expect(page.getByRole('button', { name: 'Sign out' }).or(page.getByRole('heading', { level: 1, name: 'Campaigns' })).first()).toBeVisible()
})

test('a server that is away is told, and the page comes back by itself', async ({ page }) => {
  await signIn(page)
  await page.route('**/api/**', (r) => r.abort())
  await page.route('**/healthz', (r) => r.abort())
  await page.getByRole('link', { name: 'Contatos', exact: true }).click() // the stream that is open goes on
  await expect(page.getByText('Sem conexão com o servidor').first()).toBeVisible({ timeout: 20_000 })
  await page.unroute('**/api/**')
  await page.unroute('**/healthz')
  await expect(page.getByText('Sem conexão com o servidor')).toHaveCount(0, { timeout: 20_000 })
})

test('the first owner comes in by their link, invites somebody who only looks, and neither needs a key', async ({ page, browser }) => {
  await page.goto(process.env.CAMPANARIO_FIRST ?? '')
  await page.locator('input[name=email]').fill('dona@example.com')
  await page.locator('input[name=name]').fill('Dona Primeira')
  await page.locator('input[name=password]').fill('uma senha bem comprida')
  await page.locator('button[type=submit]').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Início' })).toBeVisible()
  await page.getByRole('link', { name: 'Campanhas', exact: true }).click()
  await expect(page.getByRole('link', { name: 'Nova campanha' })).toBeVisible()
  await page.getByRole('button', { name: 'Minha conta' }).click()
  await expect(page.getByText('Dona Primeira')).toBeVisible()
  const invited = await page.evaluate(async () => {
    const answer = await fetch('/api/v1/invitations', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email: 'olha@example.com', role: 'viewer' }),
    })
    return (await answer.json()) as { link?: string }
  })
  await page.getByRole('menuitem', { name: 'Sair' }).click()
  await page.getByLabel('E-mail').fill('dona@example.com')
  await page.getByLabel('Senha').first().fill('errada errada errada')
  await page.getByRole('button', { name: 'Entrar', exact: true }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByLabel('Senha').first().fill('uma senha bem comprida')
  await page.getByRole('button', { name: 'Entrar', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Campanhas' })).toBeVisible()

  const other = await (await browser.newContext()).newPage()
  await other.goto(invited.link ?? '')
  await other.locator('input[name=name]').fill('Quem Olha')
  await other.locator('input[name=password]').fill('outra senha comprida')
  await other.locator('button[type=submit]').click()
  await expect(other.getByRole('heading', { level: 1, name: 'Início' })).toBeVisible()
  await other.getByRole('link', { name: 'Campanhas', exact: true }).click()
  await expect(other.getByRole('listitem').filter({ hasText: 'Confirmação' })).toBeVisible()
  await expect(other.getByRole('link', { name: 'Nova campanha' })).toHaveCount(0)
  await expect(other.getByRole('button', { name: /Pausar|Mais ações/ })).toHaveCount(0)
})
