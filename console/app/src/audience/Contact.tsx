import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { Trouble } from '@/app/Trouble'
import { moment } from '@/locale/format'
import { readable } from '@/locale/phone'
import { zoneName } from '@/locale/zone'
import { Address, Button, Facts, Group, IconArrowLeft, IconPencil, Page, SimpleGrid, Skeleton, Stack, Status, Text, Title, useDisclosure, type Tone } from '@/ui'
import { Alike } from './Alike'
import { Consents } from './Consents'
import { ContactActions } from './ContactActions'
import { ContactForm } from './ContactForm'
import { History } from './History'
import { useContactLive } from './live'
import { contactQuery, nameOf, type Contact } from './queries'
import { Standing } from './Standing'

const route = getRouteApi('/contacts/$contact')
type Reach = Contact['addresses'][number]['status']
const reach: Record<Exclude<Reach, ''>, Tone> = { valid: 'good', unreachable: 'bad', bounced: 'bad', no_whatsapp: 'miss' }

/** One person: who they are, how they are reached, what comes next, and what they agreed to. */
export function ContactPage() {
  const { t } = useTranslation()
  const { contact: id } = route.useParams()
  const one = useQuery(contactQuery(id))
  const [editing, form] = useDisclosure()
  useContactLive(id)
  const may = useMay('operate')
  const c = one.data
  if (one.error) return <Trouble error={one.error} again={() => void one.refetch()} />
  if (!c) return <Skeleton height={320} aria-busy />
  return (
    <Stack gap="sm">
      <Link to="/contacts" className="back">
        <IconArrowLeft size={16} aria-hidden /> {t('shell.contacts')}
      </Link>
      <Page
        title={nameOf(c)}
        actions={may &&
          <>
            <Button variant="default" leftSection={<IconPencil size={16} />} onClick={form.open}>
              {t('contact.edit')}
            </Button>
            <ContactActions contact={c} />
          </>
        }
      >
        <Alike contact={c} />
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <Stack gap="md">
            <Person contact={c} />
            <Standing contact={c.id} />
          </Stack>
          <Stack gap="md">
            <Addresses contact={c} />
            <Consents contact={c} />
          </Stack>
        </SimpleGrid>
        <History contact={c.id} />
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
            ...some(t('contact.zone'), c.zone && zoneName(c.zone)),
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
        {c.addresses.length === 0 && <Text c="dimmed" size="sm">{t('contact.noAddress')}</Text>}
        <ul className="plain">
          {c.addresses.map((a) => (
            <li key={a.address}>
              <Group justify="space-between" py={6} gap="xs">
                <span className="wrap">
                  <Text fw={600} size="sm" component="span">
                    <Address of={readable(a.address)} />
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
