import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { useTranslation } from '@/locale/language'
import { Alert, Button, Choice, Dialog, Foot, Stack, toast } from '@/ui'
import { nameOf, type Contact } from './queries'

type Input = Schemas['OptOutInput']
const reasons: NonNullable<Input['reason']>[] = ['opted_out', 'complained', 'by_operator', 'wrong_person', 'no_consent', 'block_list', 'do_not_call']
const channels: NonNullable<Input['channel']>[] = ['voice', 'email', 'sms', 'whatsapp']

/** Takes down that somebody must not be contacted, and where. */
export function OptOut({ contact: c, onClose }: { contact: Contact; onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [reason, setReason] = useState<string>('opted_out')
  const [channel, setChannel] = useState<string>()
  const save = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/api/v1/contacts/{contact}/opt-out', {
          params: { path: { contact: c.id } }, body: { source: 'console', reason: reason as Input['reason'], channel: channel as Input['channel'] },
        }),
      ),
    onSuccess: () => {
      toast.done(t('contact.optedOut'))
      onClose()
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['contacts'] }),
  })
  return (
    <Dialog onClose={onClose} title={`${t('contact.optOut')}: ${nameOf(c)}`} close={t('action.close')}>
      <Stack>
        <Choice
          label={t('suppression.reason')} value={reason === 'opted_out' ? '' : reason} none={t('suppression.reasons.opted_out')} data-autofocus onChange={(v) => setReason(v ?? 'opted_out')}
          options={reasons.slice(1).map((r) => ({ value: r, label: t(`suppression.reasons.${r}`) }))}
        />
        <Choice label={t('campaign.field.channel')} value={channel ?? ''} none={t('suppression.everyChannel')} onChange={setChannel} options={channels.map((k) => ({ value: k, label: t(`channel.${k}`) }))} />
        <Alert color="orange" variant="light">
          {t('contact.optOutAbout', { count: c.addresses.length })}
        </Alert>
        <Foot back={t('action.back')} onBack={onClose}>
          <Button color="red" onClick={() => save.mutate()} loading={save.isPending}>
            {t('contact.optOut')}
          </Button>
        </Foot>
      </Stack>
    </Dialog>
  )
}
