import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from '@playwright/test'
import { ask, screens, signIn, sound } from './desk'

const folder = join(import.meta.dirname, '../../../screenshots')

interface Listed {
  items: { id: string; name: string; channel: string; kind: string }[]
}

const people = ['Ana Souza;11 98765-4321;ana@example.com;Recife;vip', 'João Lima;21 99876-5432;joao@example.com;Olinda;', 'Quem?;123;;Recife;', 'Rita Alves;31 98888-7777;rita@example.com;Recife;vip']

/** Makes something to see on every page. */
test.beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  const imports = await ask<Listed>('GET', '/imports')
  if (imports.items.length > 0) return
  const file = await ask<{ id: string }>('POST', '/imports?name=clientes.csv', `nome;telefone;email;cidade;etiquetas\n${people.join('\n')}\n`)
  await ask('POST', `/imports/${file.id}/check`)
  await ask('POST', '/contacts', { name: 'Beatriz Ramos', phone: '11 91234-5678', email: 'bia@example.com', city: 'Recife', state: 'PE', tags: ['vip', 'inadimplente'] })
  await ask('POST', '/contacts', { name: 'Carlos Prado', phone: '+55 85 98111-2233', city: 'Fortaleza', state: 'CE', tags: ['vip'] })
  await ask('POST', '/audiences', { name: 'Recife, VIP', filter: { all: [{ field: 'city', is: ['Recife'] }, { field: 'tag', is: ['vip'] }] } })
  await ask('POST', '/suppressions', { addresses: ['11 95555-0001', 'nao@example.com'], reason: 'opted_out' })
  const lines = await ask<Listed>('GET', '/lines')
  const agents = await ask<Listed>('GET', '/agents')
  await ask('POST', '/templates', {
    channel: 'email', name: 'Fatura em aberto', description: 'Cobrança, primeiro aviso',
    message: { subject: 'Sua fatura, {{first_name}}', html: '<h2>Olá, {{first_name}}</h2><p>Sua fatura de <b>{{valor}}</b> vence em {{vencimento}}.</p>' },
  })
  await ask('POST', '/campaigns', {
    name: 'Cobrança de dezembro', channel: 'voice', line: lines.items.find((l) => l.kind === 'voice')?.id, agent: agents.items[0]?.id,
    window: { days: { 'mon-fri': ['09:00-12:00', '13:00-18:00'], sat: ['09:00-13:00'] } },
  })
})

for (const s of screens) {
  test(s.name, async ({ browser }) => {
    test.setTimeout(240_000)
    const context = await browser.newContext({ viewport: { width: s.width, height: s.height }, colorScheme: s.scheme, locale: 'pt-BR' })
    const page = await context.newPage()
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
    await signIn(page)
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
