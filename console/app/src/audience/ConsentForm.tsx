import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { api, ask, Refusal, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { linesQuery } from '@/channel/queries'
import { useTranslation } from '@/locale/language'
import { readable } from '@/locale/phone'
import { Button, Choice, Dialog, Foot, Group, Radio, Stack, Textarea, TextInput, toast } from '@/ui'
import type { Contact } from './queries'

type Input = Schemas['ConsentInput']

const channels: NonNullable<Input['channel']>[] = ['voice', 'email', 'sms', 'whatsapp']
const sources: NonNullable<Input['source']>[] = ['call', 'message', 'form', 'import', 'api']
const bases: NonNullable<Input['basis']>[] = [
  'consent', 'contract', 'legitimate_interest', 'legal_obligation', 'credit_protection', 'exercise_of_rights', 'protection_of_life', 'health', 'public_policy', 'research',
]

/** Takes down that somebody agreed, or took it back: for what, on what grounds, and what shows it. */
export function ConsentForm({ contact: c, onClose }: { contact: Contact; onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const lines = useQuery(linesQuery)
  const [given, setGiven] = useState(true)
  const [f, setF] = useState<Omit<Input, 'given'>>({ source: 'call', basis: 'consent' })
  const [at, setAt] = useState('')
  const set = (part: Partial<Input>) => setF((was) => ({ ...was, ...part }))
  const save = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/api/v1/contacts/{contact}/consents', {
          params: { path: { contact: c.id }, header: { 'Idempotency-Key': crypto.randomUUID() } },
          body: { ...f, given, basis: given ? f.basis : undefined, at: at ? new Date(at).toISOString() : undefined, proof: f.proof?.trim() || undefined },
        }),
      ),
    onSuccess: () => {
      toast.done(t(given ? 'consent.taken' : 'consent.withdrawn'))
      onClose()
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['contacts'] }),
  })
  const wrong = (field: string) => (save.error instanceof Refusal ? save.error.about(field) : undefined)
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  return (
    <Dialog onClose={onClose} title={t('consent.record')} close={t('action.close')}>
      <form onSubmit={submit}>
        <Stack>
          <Radio.Group label={t('consent.what')} value={given ? 'given' : 'withdrawn'} onChange={(v) => setGiven(v === 'given')}>
            <Group mt="xs">
              <Radio value="given" label={t('contact.answer.given')} data-autofocus />
              <Radio value="withdrawn" label={t('contact.answer.withdrawn')} />
            </Group>
          </Radio.Group>
          <Choice
            label={t('campaign.field.channel')} value={f.channel ?? ''} none={t('suppression.everyChannel')} onChange={(v) => set({ channel: v as Input['channel'] })} error={wrong('channel')}
            options={channels.map((k) => ({ value: k, label: t(`channel.${k}`) }))}
          />
          <Choice
            label={t('campaign.field.line')} value={f.line ?? ''} none={t('consent.everyLine')} onChange={(line) => set({ line })} error={wrong('line')}
            options={lines.data?.items.map((l) => ({ value: l.id, label: `${l.name} (${readable(l.from)})` })) ?? []}
          />
          <Choice
            label={t('consent.address')} value={f.address ?? ''} none={t('consent.everyAddress')} onChange={(address) => set({ address })} error={wrong('address')}
            options={c.addresses.map((a) => ({ value: a.address, label: readable(a.address) }))}
          />
          {given && (
            <Choice
              label={t('import.basis')} value={f.basis ?? ''} none={t('import.noBasis')} onChange={(v) => set({ basis: v as Input['basis'] })} error={wrong('basis')}
              options={bases.map((b) => ({ value: b, label: t(`basis.${b}`) }))}
            />
          )}
          <Choice
            label={t('consent.source')} value={f.source ?? ''} none={t('import.noBasis')} onChange={(v) => set({ source: v as Input['source'] })} error={wrong('source')}
            options={sources.map((s) => ({ value: s, label: t(`consent.from.${s}`) }))}
          />
          <TextInput type="datetime-local" label={t('consent.at')} description={t('consent.atAbout')} value={at} onChange={(e) => setAt(e.target.value)} error={wrong('at')} />
          <Textarea label={t('consent.proof')} description={t('consent.proofAbout')} value={f.proof ?? ''} onChange={(e) => set({ proof: e.target.value })} autosize minRows={2} maxRows={8} error={wrong('proof')} />
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
