import { expect, test } from '@playwright/test'
import { ask, signIn, sound, url } from './desk'
import { words } from './words'

const w = words('pt-BR')

test('a campaign under way is changed where it stands, with the plan before, and over what somebody else saved', async ({ page }) => {
  const { items: lines } = await ask<{ items: { id: string; kind: string }[] }>('GET', '/lines?kind=email')
  const made = await ask<{ id: string }>('POST', '/campaigns', {
    name: 'Em andamento', channel: 'email', line: lines[0]?.id, message: { subject: 'Oi', text: 'Oi' }, window: { days: { sun: ['03:00-03:01'] } }, keep_open: true,
  })
  const path = `/campaigns/${made.id}`
  await ask('POST', `${path}/start`)
  await signIn(page)
  await page.goto(`${url()}${path}?tab=settings`)
  await page.getByRole('button', { name: 'Mudar a configuração' }).click()
  await expect(page.getByLabel('Assunto')).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Salvar', exact: true })).toBeDisabled()
  await page.getByLabel('Tentativas por pessoa').fill('2')
  await page.getByRole('button', { name: 'Salvar', exact: true }).click()
  await expect(page.getByText(/o número de tentativas só pode aumentar/).first()).toBeVisible()
  await expect(page.getByLabel('Tentativas por pessoa')).toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel('Tentativas por pessoa').fill('4')
  await sound(page)
  await ask('PATCH', path, { pace: { per_day: 77 } })
  await page.getByRole('button', { name: 'Salvar', exact: true }).click()
  const question = page.getByRole('dialog')
  await expect(question.getByText(/Até 4 tentativas/)).toBeVisible()
  await question.getByRole('button', { name: 'Salvar' }).click()
  await expect(page.getByText('Outra pessoa salvou antes')).toBeVisible()
  await page.getByRole('button', { name: 'Salvar o meu por cima' }).click()
  await question.getByRole('button', { name: 'Salvar' }).click()
  await expect(page.getByText('Configuração salva.')).toBeVisible()
  await expect(page.getByText('77', { exact: true })).toBeVisible()
  const { retry } = await ask<{ retry: { max_attempts: number } }>('GET', path)
  expect(retry.max_attempts).toBe(4)
})

test('a call to somebody shows on their page while it goes on and when it is over, and what was archived is taken back', async ({ page }) => {
  const name = 'Para Vera Viva'
  const who = await ask<{ id: string }>('POST', '/contacts', { name: 'Vera Viva', phone: '+5511900001777', tags: ['vera viva'] })
  const agent = await ask<{ id: string }>('POST', '/agents', { name: 'Voz para Vera', script: { start: 'oi', steps: { oi: { say: 'Olá, Vera. Esta ligação é só para dizer olá.', next: 'end' } } } })
  const line = (await ask<{ items: { id: string }[] }>('GET', '/lines?kind=voice')).items.at(-1)
  const made = await ask<{ id: string }>('POST', '/campaigns', { name, channel: 'voice', line: line?.id, agent: agent.id })
  await ask('POST', `/campaigns/${made.id}/recipients/contacts`, { filter: { field: 'tag', is: ['vera viva'] } })
  await signIn(page)
  await page.goto(`${url()}/contacts/${who.id}`)
  const standing = page.locator('section').filter({ has: page.getByRole('heading', { name: w('standing.title') }) })
  await expect(standing.getByText(w('campaign.status.pending'), { exact: true })).toBeVisible()
  await ask('POST', `/campaigns/${made.id}/start`)
  await expect(page.getByText(w('moment.open', { name }))).toBeVisible({ timeout: 15_000 })
  await expect(standing.getByText(w('campaign.status.completed'), { exact: true }).first()).toBeVisible({ timeout: 15_000 })
  await expect(page.getByText(w('moment.open', { name }))).toHaveCount(0)
  await page.goto(`${url()}/campaigns/${made.id}`)
  await page.getByRole('button', { name: w('action.more', { name }) }).click()
  await page.getByRole('menuitem', { name: w('campaign.action.archive') }).click()
  await expect(page.getByRole('button', { name: w('action.undo') })).toBeVisible()
  await sound(page)
  await page.getByRole('button', { name: w('action.undo') }).click()
  await expect.poll(async () => (await ask<{ archived: boolean }>('GET', `/campaigns/${made.id}`)).archived).toBe(false)
})
