import { expect, test } from '@playwright/test'
import { ask } from './desk'

interface Listed {
  items: { id: string; name: string; channel: string; kind: string; counts: { total: number; settled: number } }[]
}

const people = ['Ana Souza;11 98765-4321;ana@example.com;Recife;vip', 'João Lima;21 99876-5432;joao@example.com;Olinda;', 'Quem?;123;;Recife;', 'Rita Alves;31 98888-7777;rita@example.com;Recife;vip']
const window = { days: { 'mon-fri': ['09:00-12:00', '13:00-18:00'], sat: ['09:00-13:00'] } }

/** Makes something to see on every page: also much of it, and names as long as people make them. */
test('furnish', async () => {
  test.setTimeout(180_000)
  const file = await ask<{ id: string }>('POST', '/imports?name=clientes.csv', `nome;telefone;email;cidade;etiquetas\n${people.join('\n')}\n`)
  await ask('POST', `/imports/${file.id}/check`)
  await ask('POST', '/contacts', { name: 'Beatriz Ramos', phone: '11 91234-5678', email: 'bia@example.com', city: 'Recife', state: 'PE', tags: ['vip', 'inadimplente'] })
  await ask('POST', '/contacts', { name: 'Carlos Prado', phone: '+55 85 98111-2233', city: 'Fortaleza', state: 'CE', tags: ['vip'] })
  await ask('POST', '/contacts', { name: 'Carlos A. Prado', phone: '+55 85 98111-2233', email: 'carlos.augusto.prado.de.albuquerque@construtora-horizonte.example.com', city: 'Fortaleza', state: 'CE' })
  await ask('POST', '/contacts', {
    name: 'Maria da Conceição Albuquerque Cavalcanti de Vasconcelos', phone: '+57 301 234 5678', city: 'São José do Vale do Rio Preto', state: 'RJ', tags: ['inadimplente', 'cliente desde 2009', 'prefere manhã'],
  })
  await ask('POST', '/audiences', { name: 'Recife, VIP', filter: { all: [{ field: 'city', is: ['Recife'] }, { field: 'tag', is: ['vip'] }] } })
  await ask('POST', '/suppressions', { addresses: ['11 95555-0001', 'nao@example.com'], reason: 'opted_out' })
  const lines = await ask<Listed>('GET', '/lines')
  const agents = await ask<Listed>('GET', '/agents')
  const voice = { channel: 'voice', line: lines.items.find((l) => l.kind === 'voice')?.id, agent: agents.items[0]?.id, window }
  await ask('POST', '/templates', {
    channel: 'email', name: 'Fatura em aberto', description: 'Cobrança, primeiro aviso',
    message: { subject: 'Sua fatura, {{first_name}}', html: '<h2>Olá, {{first_name}}</h2><p>Sua fatura de <b>{{valor}}</b> vence em {{vencimento}}.</p>' },
  })
  await ask('POST', '/campaigns', { name: 'Cobrança de dezembro', ...voice })
  const long = await ask<{ id: string }>('POST', '/campaigns', {
    ...voice, name: 'Pesquisa de satisfação do atendimento presencial das unidades da Grande São Paulo, segundo semestre', purpose: 'survey',
    description: 'Uma nota de 1 a 5 por telefone, para quem foi atendido entre julho e dezembro; quem der 1 ou 2 recebe uma ligação da ouvidoria.',
  })
  const many = Array.from({ length: 100_000 }, (_, i) => `Pessoa ${i + 1},+55119${String(10_000_000 + i)}`)
  await ask('POST', `/campaigns/${long.id}/recipients`, `name,contact\n${many.join('\n')}\n`)
  await expect.poll(async () => (await ask<Listed>('GET', '/campaigns')).items.filter((c) => c.name.startsWith('Con')).every((c) => c.counts.settled > 30), { timeout: 120_000 }).toBe(true)
})
