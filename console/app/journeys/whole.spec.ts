import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { ask, on, screens, signIn, sound } from './desk'
import { words } from './words'

type Seat = Awaited<ReturnType<typeof on>>

const head = 'TIPO_DE_REGISTRO;VALOR_DO_REGISTRO;MENSAGEM;NOME_CLIENTE;CPFCNPJ;CODCLIENTE;TAG;CORINGA1;CORINGA2;CORINGA3;CORINGA4;CORINGA5;PRIORIDADE'

/** Six people, three of whom are refused; of the others two answer, and one is busy. Each journey has its own. */
const people = (no: number) => [
  `TELEFONE;119000011${no}1;;Célia Primeira;;J${no}-1;;;;;;;`,
  `TELEFONE;123;;Número Curto;;J${no}-2;;;;;;;`,
  `TELEFONE;119000011${no}2;;Dario Segundo;;J${no}-3;;;;;;;`,
  `FAX;119000011${no}3;;Tipo Errado;;J${no}-4;;;;;;;`,
  `TELEFONE;119000040${no}1;;Eva Ocupada;;J${no}-5;;;;;;;`,
  `TELEFONE;;;Sem Valor;;J${no}-6;;;;;;;`,
]

/** What the journey has to say itself: names that it gives. */
const names = (no: number) => ({ tag: `jornada ${no}`, file: `jornada-${no}.csv`, agent: `Voz ${no}`, audience: `Da jornada ${no}`, campaign: `A jornada inteira ${no}` })

/** Brings a file of the layout with six rows in, three of which are refused. */
async function bringIn({ page, w, go, rows }: Seat, no: number) {
  const { file, tag } = names(no)
  await go('shell.imports')
  await page.locator('input[type=file]').setInputFiles({ name: file, mimeType: 'text/csv', buffer: Buffer.from(`${[head, ...people(no)].join('\n')}\n`) })
  await expect(page.getByRole('heading', { level: 1, name: file })).toBeVisible()
  await page.getByRole('combobox', { name: w('contact.tags') }).fill(tag)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: w('import.saveAndTry') }).click()
  await expect(page.getByRole('heading', { name: w('import.problems') })).toBeVisible()
  const refused = rows(w('import.problems'))
  for (const [name, line] of [['Número Curto', '3'], ['Tipo Errado', '5'], ['Sem Valor', '7']]) {
    await expect(refused.getByRole('row').or(refused.getByRole('listitem')).filter({ hasText: name }).first()).toContainText(line ?? '')
  }
  await sound(page, 'refused rows')
  await page.getByRole('button', { name: w('import.action.commit'), exact: true }).click()
  await sound(page, 'before bringing in')
  await page.getByRole('dialog').getByRole('button', { name: w('import.action.commit') }).click()
  await expect(page.getByText(w('import.state.done'), { exact: true })).toBeVisible()
}

/** Makes a campaign for the people of the file: a single attempt, by an agent that says one sentence. */
async function make({ page, w, go }: Seat, no: number, line: string) {
  const { agent, audience, campaign } = names(no)
  const next = page.getByRole('button', { name: w('wizard.next') })
  const choose = async (what: string, option: string) => {
    await page.getByRole('combobox', { name: what }).click()
    await page.getByRole('option', { name: option }).click()
  }
  await go('shell.campaigns')
  await page.getByRole('link', { name: w('campaign.new') }).first().click()
  await page.getByLabel(w('campaign.field.name')).fill(campaign)
  await choose(w('campaign.field.line'), line)
  await choose(w('campaign.field.agent'), agent)
  await next.click()
  await page.getByRole('tab', { name: w('wizard.audience') }).click()
  await choose(w('wizard.audience'), audience)
  await page.getByRole('button', { name: w('wizard.add') }).click()
  await expect(page.getByText(w('wizard.added', { count: 3, people: '3' }))).toBeVisible()
  await next.click()
  await page.getByLabel(w('campaign.field.maxAttempts')).fill('1')
  await next.click()
  await expect(page.getByText(w('wizard.ready'))).toBeVisible()
  await expect(page.getByText(/\b3\b/).first()).toBeVisible()
  await sound(page, 'review')
}

/** Makes another campaign for whom the first one did not reach, and starts, pauses, resumes and cancels it. */
async function again({ page, w }: Seat, no: number) {
  const { campaign } = names(no)
  const title = page.getByRole('heading', { level: 1 })
  const dialog = page.getByRole('dialog')
  const press = (action: 'start' | 'pause' | 'resume' | 'cancel') => page.getByRole('button', { name: w(`campaign.action.${action}`), exact: true })
  await page.getByRole('combobox', { name: w('campaign.field.status') }).selectOption('not_reached')
  await expect(page.getByRole('button', { name: 'Eva Ocupada', exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Célia Primeira', exact: true })).toHaveCount(0)
  await page.getByRole('button', { name: w('campaign.copy.forThem') }).click()
  await expect(page.getByRole('radio', { name: /\(1\)/ }).first()).toBeChecked()
  await sound(page, 'duplicate')
  await dialog.getByRole('button', { name: w('campaign.action.duplicate') }).click()
  await expect(title).toContainText(w('campaign.state.draft'))
  await expect(page.getByRole('button', { name: 'Eva Ocupada', exact: true })).toBeVisible()
  await expect(page.getByText(w('wizard.inside', { count: 1, people: '1' })).first()).toBeVisible()

  // It opens some days from now, so that it waits however slow the journey is.
  const later = new Date(Date.now() + 3 * 86_400_000).getUTCDay()
  const copy = `/campaigns/${page.url().split('/').at(-1)?.split('?')[0]}`
  await ask('PATCH', copy, { window: null })
  await ask('PATCH', copy, { window: { days: { [['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][later] ?? '']: ['12:00-12:30'] } } })
  await press('start').click()
  await expect(dialog).toContainText(w('campaign.confirm.start', { count: 1, people: '1' }))
  await dialog.getByRole('button', { name: w('campaign.action.start') }).click()
  await press('pause').click()
  await press('resume').click()
  await expect(press('pause')).toBeVisible()
  await page.getByRole('button', { name: w.like('action.more', { name: campaign }) }).click()
  await sound(page, 'more actions')
  await page.getByRole('menuitem', { name: w('campaign.action.cancel') }).click()
  await expect(dialog).toContainText(w('campaign.confirm.cancel', { count: 1, people: '1' }))
  await dialog.getByRole('button', { name: w('campaign.action.cancel') }).click()
  await expect(title).toContainText(w('campaign.state.cancelled'))
}

/** Downloads the report and reads it, and looks at the results. */
async function results({ page, w }: Seat) {
  await page.getByRole('button', { name: w('campaign.report') }).click()
  const coming = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: w('campaign.reportPeople') }).click()
  const report = readFileSync(await (await coming).path(), 'utf8').trim().split('\n')
  expect(report).toHaveLength(4)
  expect(report.filter((r) => r.includes('Célia Primeira'))).toHaveLength(1)
  expect(report.find((r) => r.includes('Eva Ocupada'))).toContain(w.server('outcome.busy'))
  await page.getByRole('tab', { name: w('campaign.tab.results') }).click()
  await expect(page.getByRole('region', { name: w('results.funnel') })).toContainText('3')
  await expect(page.getByRole('table', { name: w('results.hours') })).toBeVisible()
  await sound(page, 'results')
}

for (const [no, s] of screens.filter((one) => one.name !== 'phone-light').entries()) {
  test(`the whole way: a file with bad rows, a campaign of its people, a second one for who was not reached, and the report (${s.name}, ${s.language})`, async ({ browser }) => {
    test.setTimeout(120_000)
    const seat = await on(browser, s)
    const { page, w } = seat
    page.setDefaultTimeout(20_000)
    const { tag, agent, audience, campaign } = names(no)
    await ask('POST', '/agents', { name: agent, script: { start: 'hello', steps: { hello: { say: 'Olá.', next: 'end' } } } })
    await ask('POST', '/audiences', { name: audience, filter: { field: 'tag', is: [tag] } })
    const lines = await ask<{ items: { name: string }[] }>('GET', '/lines?kind=voice')
    await signIn(page, w)
    await bringIn(seat, no)
    await make(seat, no, lines.items.at(-1)?.name ?? '')
    await page.getByRole('button', { name: w('campaign.action.start'), exact: true }).click()
    await expect(page.getByRole('dialog')).toContainText(w('campaign.confirm.start', { count: 3, people: '3' }))
    await sound(page, 'before the start')
    await page.getByRole('dialog').getByRole('button', { name: w('campaign.action.start') }).click()
    await expect(page.getByRole('heading', { level: 1, name: campaign })).toContainText(w('campaign.state.completed'), { timeout: 60_000 })
    const first = page.url().split('?')[0] ?? ''
    await again(seat, no)
    await page.goto(first)
    await results(seat)
    await seat.context.close()
  })
}

test('two contacts that are one person are merged, and one is erased by who types their name', async ({ page }) => {
  const w = words('pt-BR')
  const ana = await ask<{ id: string }>('POST', '/contacts', { name: 'Ana Dobrada', phone: '11 97777-0001', email: 'ana.dobrada@example.com' })
  await ask('POST', '/contacts', { name: 'Ana D.', phone: '11 97777-0001', external_id: 'D-9' })
  await signIn(page)
  await page.getByRole('link', { name: w('shell.contacts') }).click()
  await page.getByRole('link', { name: w('merge.list') }).click()
  await page.getByRole('button', { name: `${w('merge.look')}: +55 11 97777-0001` }).click()
  await expect(page.getByRole('region', { name: w('merge.result') })).toContainText('D-9')
  await sound(page)
  await page.getByRole('dialog').getByRole('button', { name: w('merge.do') }).click()
  await expect(page.getByText('+55 11 97777-0001')).toHaveCount(0)
  await page.goto(`${page.url().split('/contacts')[0]}/contacts/${ana.id}`)
  await expect(page.getByText('D-9')).toBeVisible()
  await page.getByRole('button', { name: w('consent.record') }).click()
  await page.getByRole('dialog').getByLabel(w('consent.proof')).fill('protocolo 77')
  await page.getByRole('dialog').getByRole('button', { name: w('action.save') }).click()
  await expect(page.getByText('protocolo 77')).toBeVisible()
  await sound(page)
  await page.getByRole('button', { name: w.like('action.more') }).click()
  await page.getByRole('menuitem', { name: w.like('erase.title') }).click()
  const erase = page.getByRole('button', { name: w('erase.do') })
  await expect(erase).toBeDisabled()
  await page.getByRole('textbox', { name: w.like('erase.type') }).fill('Ana Dobrada')
  await erase.click()
  await expect(page.getByRole('dialog', { name: w('erase.done') })).toBeVisible()
  await page.getByRole('button', { name: w('action.done') }).click()
  await expect(page.getByRole('heading', { level: 1, name: w('shell.contacts') })).toBeVisible()
})
