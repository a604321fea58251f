import { readFileSync } from 'node:fs'
import { expect, test, type Page } from '@playwright/test'
import { ask, signIn, sound } from './desk'

const head = 'TIPO_DE_REGISTRO;VALOR_DO_REGISTRO;MENSAGEM;NOME_CLIENTE;CPFCNPJ;CODCLIENTE;TAG;CORINGA1;CORINGA2;CORINGA3;CORINGA4;CORINGA5;PRIORIDADE'
const people = [
  'TELEFONE;11900001101;;Célia Primeira;;J-1;;;;;;;',
  'TELEFONE;123;;Número Curto;;J-2;;;;;;;',
  'TELEFONE;11900001102;;Dario Segundo;;J-3;;;;;;;',
  'FAX;11900001103;;Tipo Errado;;J-4;;;;;;;',
  'TELEFONE;11900004001;;Eva Ocupada;;J-5;;;;;;;',
  'TELEFONE;;;Sem Valor;;J-6;;;;;;;',
]

/** Brings a file of the layout with six rows in, three of which are refused. */
async function bringIn(page: Page) {
  await page.getByRole('link', { name: 'Importações' }).click()
  await page.locator('input[type=file]').setInputFiles({ name: 'jornada.csv', mimeType: 'text/csv', buffer: Buffer.from(`${[head, ...people].join('\n')}\n`) })
  await expect(page.getByRole('heading', { level: 1, name: /jornada\.csv/ })).toBeVisible()
  await page.getByRole('combobox', { name: 'Etiquetas' }).fill('jornada')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Salvar e testar' }).click()
  await expect(page.getByRole('heading', { name: 'Linhas recusadas' })).toBeVisible()
  const refused = page.getByRole('table', { name: 'Linhas recusadas' })
  for (const line of ['3', '5', '7']) await expect(refused.getByRole('cell', { name: line, exact: true }).first()).toBeVisible()
  await page.getByRole('button', { name: 'Importar', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Importar' }).click()
  await expect(page.getByText('Importada', { exact: true })).toBeVisible()
}

/** Makes a campaign for the people of the file: a single attempt, by an agent that says one sentence. */
async function make(page: Page, name: string) {
  await page.getByRole('link', { name: 'Campanhas', exact: true }).click()
  await page.getByRole('link', { name: 'Nova campanha' }).first().click()
  await page.getByLabel('Nome da campanha').fill(name)
  await page.getByRole('combobox', { name: 'Linha' }).click()
  await page.getByRole('option', { name: /telefone/ }).click()
  await page.getByRole('combobox', { name: 'Agente' }).click()
  await page.getByRole('option', { name: 'Voz da jornada' }).click()
  await page.getByRole('button', { name: 'Continuar' }).click()
  await page.getByRole('tab', { name: 'Público' }).click()
  await page.getByRole('combobox', { name: 'Público' }).click()
  await page.getByRole('option', { name: 'Da jornada' }).click()
  await page.getByRole('button', { name: 'Adicionar' }).click()
  await expect(page.getByText('3 pessoas adicionadas')).toBeVisible()
  await page.getByRole('button', { name: 'Continuar' }).click()
  await page.getByLabel('Tentativas por pessoa').fill('1')
  await page.getByRole('button', { name: 'Continuar' }).click()
  await expect(page.getByText('Tudo pronto')).toBeVisible()
  await expect(page.getByText(/3 pessoas/).first()).toBeVisible()
  await sound(page)
}

test('the whole way: a file with bad rows, a campaign of its people, a second one for who was not reached, and the report', async ({ page }) => {
  test.setTimeout(120_000)
  page.setDefaultTimeout(20_000)
  await ask('POST', '/agents', { name: 'Voz da jornada', script: { start: 'hello', steps: { hello: { say: 'Olá.', next: 'end' } } } })
  await ask('POST', '/audiences', { name: 'Da jornada', filter: { field: 'tag', is: ['jornada'] } })
  await signIn(page)
  await bringIn(page)
  await make(page, 'A jornada inteira')
  await page.getByRole('button', { name: 'Iniciar' }).click()
  await expect(page.getByRole('dialog')).toContainText('3 pessoas serão contatadas')
  await page.getByRole('dialog').getByRole('button', { name: 'Iniciar' }).click()
  const title = page.getByRole('heading', { level: 1 })
  await expect(title).toContainText('Concluída', { timeout: 60_000 })

  await page.getByRole('combobox', { name: 'Status' }).selectOption('not_reached')
  await expect(page.getByRole('button', { name: 'Eva Ocupada', exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Célia Primeira', exact: true })).toHaveCount(0)
  await page.getByRole('button', { name: 'Nova campanha para elas' }).click()
  await expect(page.getByRole('radio', { name: /\(1\)/ }).first()).toBeChecked()
  const first = page.url()
  await page.getByRole('dialog').getByRole('button', { name: 'Duplicar' }).click()
  await expect(title).toContainText('Rascunho')
  await expect(page.getByRole('button', { name: 'Eva Ocupada', exact: true })).toBeVisible()
  await expect(page.getByText('1 pessoa na campanha')).toBeVisible()
  await page.getByRole('button', { name: /Mais ações: A jornada inteira/ }).click()
  await page.getByRole('menuitem', { name: 'Cancelar campanha' }).click()
  await expect(page.getByRole('dialog')).toContainText('1 pessoa')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancelar campanha' }).click()
  await expect(title).toContainText('Cancelada')

  await page.goto(first.split('?')[0] ?? '')
  await page.getByRole('button', { name: 'Relatório' }).click()
  const coming = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /por pessoa \(CSV\)/ }).click()
  const rows = readFileSync(await (await coming).path(), 'utf8').trim().split('\n')
  expect(rows).toHaveLength(4)
  expect(rows.filter((r) => r.includes('Célia Primeira'))).toHaveLength(1)
  expect(rows.find((r) => r.includes('Eva Ocupada'))).toContain('Ocupado')
  await page.getByRole('tab', { name: 'Resultados' }).click()
  await expect(page.getByRole('region', { name: 'Até onde chegaram' })).toContainText('3')
  await expect(page.getByRole('table', { name: 'Quando atendem' })).toBeVisible()
  await sound(page)
})

test('two contacts that are one person are merged, and one is erased by who types their name', async ({ page }) => {
  const ana = await ask<{ id: string }>('POST', '/contacts', { name: 'Ana Dobrada', phone: '11 97777-0001', email: 'ana.dobrada@example.com' })
  await ask('POST', '/contacts', { name: 'Ana D.', phone: '11 97777-0001', external_id: 'D-9' })
  await signIn(page)
  await page.getByRole('link', { name: 'Contatos' }).click()
  await page.getByRole('link', { name: 'Duplicados' }).click()
  await page.getByRole('button', { name: 'Ver e juntar: +55 11 97777-0001' }).click()
  await expect(page.getByRole('region', { name: 'Como vai ficar' })).toContainText('D-9')
  await sound(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Juntar' }).click()
  await expect(page.getByText('+55 11 97777-0001')).toHaveCount(0)
  await page.goto(`${page.url().split('/contacts')[0]}/contacts/${ana.id}`)
  await expect(page.getByText('D-9')).toBeVisible()
  await page.getByRole('button', { name: 'Registrar consentimento' }).click()
  await page.getByRole('dialog').getByLabel('Prova').fill('protocolo 77')
  await page.getByRole('dialog').getByRole('button', { name: 'Salvar' }).click()
  await expect(page.getByText('protocolo 77')).toBeVisible()
  await sound(page)
  await page.getByRole('button', { name: /Mais ações/ }).click()
  await page.getByRole('menuitem', { name: /Apagar dados/ }).click()
  const erase = page.getByRole('button', { name: 'Apagar para sempre' })
  await expect(erase).toBeDisabled()
  await page.getByRole('textbox', { name: /Digite/ }).fill('Ana Dobrada')
  await erase.click()
  await expect(page.getByRole('dialog', { name: 'Pessoa apagada' })).toBeVisible()
  await page.getByRole('button', { name: 'Concluir' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Contatos' })).toBeVisible()
})
