import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask, Refusal, type Schemas } from '@/api/client'
import { refusedBut } from '@/app/form'
import { Button, Foot, Dialog, Select, SimpleGrid, Stack, TagsInput, TextInput, toast } from '@/ui'
import type { Contact } from './queries'

const priorities = ['high', 'normal', 'low'] as const

/** Adds somebody, or changes them. */
export function ContactForm({ contact, onClose, onSaved }: { contact?: Contact; onClose: () => void; onSaved: (c: Contact) => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  // As they were when it was opened: what somebody else changes meanwhile is neither taken for a change made here nor saved over unasked.
  const [c] = useState(contact)
  const [f, setF] = useState({
    name: c?.name ?? '', phone: c?.phone ?? '', email: c?.email ?? '', document: c?.document ?? '', external_id: c?.external_id ?? '', city: c?.city ?? '',
    state: c?.state ?? '', tags: c?.tags ?? [], portfolios: c?.portfolios ?? [], segments: c?.segments ?? [], priority: c?.priority ?? ('normal' as const),
  })
  const save = useMutation({
    mutationFn: () => {
      // Only what was changed is sent: an address that stays is not read anew.
      const edit: Schemas['ContactEdit'] = Object.fromEntries(
        Object.entries(f).filter(([name, value]) => (c ? JSON.stringify(c[name as keyof typeof f]) !== JSON.stringify(value) : value.length > 0)),
      )
      if (c) return ask(api.PATCH('/api/v1/contacts/{contact}', { params: { path: { contact: c.id }, header: { 'If-Match': `"${c.revision}"` } }, body: edit }))
      return ask(api.POST('/api/v1/contacts', { params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body: edit }))
    },
    onSuccess: (saved) => {
      toast.done(t('contact.saved'))
      onClose()
      onSaved(saved)
    },
    onError: refusedBut(...Object.keys(f)),
    onSettled: () => queries.invalidateQueries({ queryKey: ['contacts'] }),
  })
  const wrong = (field: string) => (save.error instanceof Refusal ? save.error.about(field) : undefined)
  const text = (name: 'name' | 'phone' | 'email' | 'document' | 'external_id' | 'city' | 'state', label: string, type?: string) => (
    <TextInput label={label} type={type} value={f[name]} onChange={(e) => setF((was) => ({ ...was, [name]: e.target.value }))} error={wrong(name)} data-autofocus={name === 'name' || undefined} />
  )
  const several = (name: 'tags' | 'portfolios' | 'segments', label: string) => (
    <TagsInput label={label} value={f[name]} onChange={(v) => setF((was) => ({ ...was, [name]: v }))} error={wrong(name)} clearable={false} />
  )
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  return (
    <Dialog onClose={onClose} size="lg" title={t(c ? 'contact.edit' : 'contact.add')} close={t('action.close')}>
      <form onSubmit={submit}>
        <Stack>
          {text('name', t('contact.name'))}
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            {text('phone', t('contact.phone'), 'tel')}
            {text('email', t('contact.email'), 'email')}
            {text('document', t('contact.document'))}
            {text('external_id', t('contact.externalId'))}
            {text('city', t('contact.city'))}
            {text('state', t('contact.state'))}
          </SimpleGrid>
          {several('tags', t('contact.tags'))}
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            {several('portfolios', t('contact.portfolios'))}
            {several('segments', t('contact.segments'))}
          </SimpleGrid>
          <Select
            label={t('contact.priority')} value={f.priority} allowDeselect={false} onChange={(v) => setF((was) => ({ ...was, priority: v as (typeof priorities)[number] }))}
            data={priorities.map((p) => ({ value: p, label: t(`priority.${p}`) }))}
          />
          <Foot back={t('action.back')} onBack={onClose}>
            <Button type="submit" loading={save.isPending}>
              {t('action.save')}
            </Button>
          </Foot>
        </Stack>
      </form>
    </Dialog>
  )
}
