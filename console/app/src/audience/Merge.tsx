import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '@/api/client'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { moment, number } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { readable } from '@/locale/phone'
import { Alert, Button, Checkbox, Dialog, Facts, Foot, Radio, Skeleton, Stack, Text, toast } from '@/ui'
import { mergePreviewQuery, nameOf, type Contact } from './queries'

interface Props {
  /** Who may be one person, 2 at least. The first stays, until another is chosen. */
  of: Contact[]
  onClose: () => void
  onDone: (one: Contact) => void
}

/** Makes one contact of several: who stays, who goes, and what there will be. */
export function Merge({ of, onClose, onDone }: Props) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [keep, setKeep] = useState(of[0]?.id ?? '')
  const [away, setAway] = useState<string[]>(of.map((c) => c.id))
  const others = away.filter((id) => id !== keep)
  const preview = useQuery({ ...mergePreviewQuery(keep, others), enabled: others.length > 0 })
  const merge = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/contacts/{contact}/merge', { params: { path: { contact: keep } }, body: { others } })),
    onSuccess: (one) => {
      toast.done(t('merge.done', { name: nameOf(one) }))
      onDone(one)
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['contacts'] }),
  })
  return (
    <Dialog onClose={onClose} title={t('merge.title')} close={t('action.close')} size="lg">
      <Stack>
        <Radio.Group label={t('merge.keep')} value={keep} onChange={setKeep}>
          <Stack gap="xs" mt="xs">
            {of.map((c) => (
              <Radio key={c.id} value={c.id} label={nameOf(c)} description={<Told contact={c} />} />
            ))}
          </Stack>
        </Radio.Group>
        <Checkbox.Group label={t('merge.others')} value={others} onChange={setAway}>
          <Stack gap="xs" mt="xs">
            {of.filter((c) => c.id !== keep).map((c) => (
              <Checkbox key={c.id} value={c.id} label={nameOf(c)} description={<Told contact={c} />} />
            ))}
          </Stack>
        </Checkbox.Group>
        {others.length > 0 && preview.error && <Trouble error={preview.error} />}
        {others.length > 0 && preview.isPending && <Skeleton height={120} aria-busy />}
        {others.length > 0 && preview.data && <Outcome contact={preview.data} />}
        <Alert color="orange" variant="light">{t('merge.about', { count: others.length, people: number(others.length) })}</Alert>
        <Foot back={t('action.back')} onBack={onClose}>
          <Button onClick={() => merge.mutate()} loading={merge.isPending} disabled={others.length === 0 || !preview.isSuccess}>
            {t('merge.do')}
          </Button>
        </Foot>
      </Stack>
    </Dialog>
  )
}

/** What tells one of them from another. */
function Told({ contact: c }: { contact: Contact }) {
  const { t } = useTranslation()
  return <span className="wrap">{[...c.addresses.map((a) => readable(a.address)), c.document, c.external_id, t('merge.since', { when: moment(c.created_at) })].filter(Boolean).join(' · ')}</span>
}

function Outcome({ contact: c }: { contact: Contact }) {
  const { t } = useTranslation()
  const some = (name: string, value: string) => (value ? [{ name, value }] : [])
  return (
    <section className="card" aria-label={t('merge.result')}>
      <Stack p="md" gap="sm">
        <Text fw={600}>{t('merge.result')}</Text>
        <Facts
          of={[
            { name: t('contact.name'), value: nameOf(c) },
            { name: t('contact.addresses'), value: c.addresses.map((a) => readable(a.address)).join(', ') || '–' },
            ...some(t('contact.document'), c.document),
            ...some(t('contact.externalId'), c.external_id),
            ...some(t('contact.city'), [c.city, c.state].filter(Boolean).join(', ')),
            ...some(t('contact.tags'), c.tags.join(', ')),
            ...some(t('contact.portfolios'), c.portfolios.join(', ')),
            ...some(t('contact.segments'), c.segments.join(', ')),
            ...Object.entries(c.attributes).map(([name, value]) => ({ name, value })),
          ]}
        />
      </Stack>
    </section>
  )
}
