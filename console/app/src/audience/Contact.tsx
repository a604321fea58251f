import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { api, ask } from '@/api/client'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { moment } from '@/locale/format'
import {
  ActionIcon, Button, Facts, Group, IconArrowLeft, IconBan, IconDots, IconPencil, IconTrash, Menu, Page, SimpleGrid, Skeleton, Stack, Status, Text, Timeline, Title, toast,
  useConfirm, useDisclosure, type Tone,
} from '@/ui'
import { ContactForm } from './ContactForm'
import { History } from './History'
import { consentsQuery, contactQuery, type Contact } from './queries'

const route = getRouteApi('/contacts/$contact')
type Reach = Contact['addresses'][number]['status']
const reach: Record<Exclude<Reach, ''>, Tone> = { valid: 'good', unreachable: 'bad', bounced: 'bad', no_whatsapp: 'miss' }
const answers = { given: 'good', withdrawn: 'stop', none: 'idle' } as const

/** One person: who they are, how they are reached, and what they agreed to. */
export function ContactPage() {
  const { t } = useTranslation()
  const { contact: id } = route.useParams()
  const one = useQuery(contactQuery(id))
  const [editing, form] = useDisclosure()
  const may = useMay('operate')
  const c = one.data
  if (one.error) return <Trouble error={one.error} again={() => void one.refetch()} />
  if (!c) return <Skeleton height={320} aria-busy />
  const name = c.name || c.phone || c.email || c.external_id
  return (
    <Stack gap="sm">
      <Link to="/contacts" className="back">
        <IconArrowLeft size={16} aria-hidden /> {t('shell.contacts')}
      </Link>
      <Page
        title={name}
        actions={may &&
          <>
            <Button variant="default" leftSection={<IconPencil size={16} />} onClick={form.open}>
              {t('contact.edit')}
            </Button>
            <Rest contact={c} name={name} />
          </>
        }
      >
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <Person contact={c} />
          <Addresses contact={c} />
          <Consents contact={c} />
          <History contact={c.id} />
        </SimpleGrid>
        {editing && <ContactForm contact={c} onClose={form.close} onSaved={() => undefined} />}
      </Page>
    </Stack>
  )
}

function Person({ contact: c }: { contact: Contact }) {
  const { t } = useTranslation()
  const some = (name: string, value: string) => (value ? [{ name, value }] : [])
  return (
    <section className="card">
      <Stack p="md">
        <Title order={2}>{t('contact.person')}</Title>
        <Facts
          of={[
            ...some(t('contact.document'), c.document),
            ...some(t('contact.externalId'), c.external_id),
            ...some(t('contact.city'), [c.city, c.state].filter(Boolean).join(', ')),
            ...some(t('contact.location'), c.location),
            ...some(t('contact.tags'), c.tags.join(', ')),
            ...some(t('contact.portfolios'), c.portfolios.join(', ')),
            ...some(t('contact.segments'), c.segments.join(', ')),
            { name: t('contact.priority'), value: t(`priority.${c.priority}`) },
            ...some(t('contact.zone'), c.zone),
            ...some(t('contact.language'), c.language),
            ...Object.entries(c.attributes).map(([name, value]) => ({ name, value })),
            { name: t('contact.created'), value: moment(c.created_at) },
            { name: t('contact.contacted'), value: moment(c.contacted_at) },
            { name: t('contact.heard'), value: moment(c.heard_at) },
          ]}
        />
      </Stack>
    </section>
  )
}

function Addresses({ contact: c }: { contact: Contact }) {
  const { t } = useTranslation()
  return (
    <section className="card">
      <Stack p="md">
        <Title order={2}>{t('contact.addresses')}</Title>
        {c.addresses.length === 0 && <Text c="dimmed">{t('contact.noAddress')}</Text>}
        <ul className="plain">
          {c.addresses.map((a) => (
            <li key={a.address}>
              <Group justify="space-between" py={6} gap="xs">
                <span className="wrap">
                  <Text fw={600} component="span" className="numbers">
                    {a.address}
                  </Text>
                  {a.label && (
                    <Text c="dimmed" size="sm" component="span">
                      {' '}
                      {a.label}
                    </Text>
                  )}
                </span>
                <Status tone={a.status ? reach[a.status] : 'idle'}>{t(`contact.reach.${a.status || 'untried'}`)}</Status>
              </Group>
            </li>
          ))}
        </ul>
      </Stack>
    </section>
  )
}

function Consents({ contact: c }: { contact: Contact }) {
  const { t } = useTranslation()
  const consents = useQuery(consentsQuery(c.id))
  return (
    <section className="card">
      <Stack p="md">
        <Title order={2}>{t('contact.consents')}</Title>
        {consents.error && <Trouble error={consents.error} />}
        <ul className="plain">
          {consents.data?.channels.map((s) => (
            <li key={s.channel}>
              <Group justify="space-between" py={6}>
                <Text size="sm">{t(`channel.${s.channel}`)}</Text>
                <Status tone={answers[s.answer]}>{t(`contact.answer.${s.answer}`)}</Status>
              </Group>
            </li>
          ))}
        </ul>
        {(consents.data?.items.length ?? 0) > 0 && (
          <Timeline bulletSize={12} lineWidth={2}>
            {consents.data?.items.map((x) => (
              <Timeline.Item key={`${x.recorded_at} ${x.channel} ${x.line} ${x.address}`} title={<Text size="sm">{t(x.given ? 'contact.answer.given' : 'contact.answer.withdrawn')}</Text>}>
                <Text size="sm" c="dimmed" className="wrap">
                  {[moment(x.at), x.source, x.channel && t(`channel.${x.channel as 'voice'}`), x.address].filter(Boolean).join(' · ')}
                </Text>
              </Timeline.Item>
            ))}
          </Timeline>
        )}
      </Stack>
    </section>
  )
}

/** What is done to a contact as a whole. */
function Rest({ contact: c, name }: { contact: Contact; name: string }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const go = useNavigate()
  const queries = useQueryClient()
  const params = { path: { contact: c.id } }
  const again = () => queries.invalidateQueries({ queryKey: ['contacts'] })
  const optOut = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/contacts/{contact}/opt-out', { params, body: { source: 'console' } })),
    onSuccess: () => toast.done(t('contact.optedOut')),
    onError: refused,
    onSettled: again,
  })
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/contacts/{contact}', { params })),
    onSuccess: () => {
      toast.done(t('contact.deleted'))
      return go({ to: '/contacts' })
    },
    onError: refused,
    onSettled: again,
  })
  const sure = async (title: string, consequence: string, then: () => void) => {
    if (await confirm({ title: `${title}: ${name}`, consequence, yes: title, no: t('action.back'), grave: true })) then()
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t('action.more', { name })}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconBan size={16} />}
          onClick={() => void sure(t('contact.optOut'), t('contact.optOutAbout', { count: c.addresses.length }), () => optOut.mutate())}
        >
          {t('contact.optOut')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconTrash size={16} />} color="var(--mantine-color-error)"
          onClick={() => void sure(t('contact.delete'), t('contact.deleteAbout'), () => remove.mutate())}
        >
          {t('contact.delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
