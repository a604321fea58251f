import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { api, ask, Refusal, type Schemas } from '@/api/client'
import { Trouble } from '@/app/Trouble'
import { number } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { Alert, Button, Dialog, Facts, Foot, Group, IconAlertTriangle, Radio, Stack, TextInput } from '@/ui'
import { nameOf, type Contact } from './queries'

type Reason = Schemas['EraseInput']['reason']
const reasons: Reason[] = ['requested', 'consent_withdrawn', 'purpose_ended', 'unlawful']

/** Forgets somebody. Who does it types the name of whom they mean, since nothing brings them back. */
export function Erase({ contact: c, onClose }: { contact: Contact; onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const go = useNavigate()
  const [reason, setReason] = useState<Reason>('requested')
  const [typed, setTyped] = useState('')
  const name = nameOf(c)
  const erase = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/contacts/{contact}/erase', { params: { path: { contact: c.id } }, body: { reason } })),
  })
  const end = () => {
    if (!erase.isSuccess) return onClose()
    queries.removeQueries({ queryKey: ['contacts'] })
    return go({ to: '/contacts' })
  }
  const submit = (e: FormEvent) => {
    e.preventDefault()
    erase.mutate()
  }
  return (
    <Dialog onClose={() => void end()} title={t(erase.isSuccess ? 'erase.done' : 'erase.title')} close={t('action.close')}>
      {erase.isSuccess ? (
        <Stack>
          <Erased of={erase.data} />
          <Group justify="flex-end">
            <Button onClick={() => void end()} data-autofocus>
              {t('action.done')}
            </Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <Alert color="red" variant="light" icon={<IconAlertTriangle />} title={name}>
              <ul className="points">
                <li>{t('erase.what', { count: c.addresses.length, addresses: number(c.addresses.length) })}</li>
                <li>{t('erase.campaigns')}</li>
                <li>{t('erase.files')}</li>
                <li>{t('erase.hash')}</li>
                <li>{t('erase.undo')}</li>
              </ul>
            </Alert>
            <Radio.Group label={t('erase.reason')} value={reason} onChange={(v) => setReason(v as Reason)}>
              <Stack gap="xs" mt="xs">
                {reasons.map((r) => (
                  <Radio key={r} value={r} label={t(`erase.reasons.${r}`)} />
                ))}
              </Stack>
            </Radio.Group>
            <TextInput label={t('erase.type', { name })} value={typed} onChange={(e) => setTyped(e.target.value)} autoComplete="off" error={erase.error instanceof Refusal ? erase.error.about('reason') : undefined} />
            {erase.error && <Trouble error={erase.error} />}
            <Foot back={t('action.back')} onBack={onClose}>
              <Button type="submit" color="red" loading={erase.isPending} disabled={typed.trim() !== name.trim()}>
                {t('erase.do')}
              </Button>
            </Foot>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}

function Erased({ of: e }: { of: Schemas['Erasure'] }) {
  const { t } = useTranslation()
  return (
    <>
      <Facts
        of={[
          { name: t('erase.count.addresses'), value: number(e.addresses) },
          { name: t('erase.count.consents'), value: number(e.consents) },
          { name: t('erase.count.recipients'), value: number(e.recipients) },
          { name: t('erase.count.attempts'), value: number(e.attempts) },
          { name: t('erase.count.problems'), value: number(e.problems) },
          { name: t('erase.count.files'), value: number(e.files) },
        ]}
      />
      {e.imports.length > 0 && (
        <Alert color="yellow" variant="light" icon={<IconAlertTriangle />} title={t('erase.imports', { count: e.imports.length })}>
          {e.imports.join(', ')}
        </Alert>
      )}
    </>
  )
}
