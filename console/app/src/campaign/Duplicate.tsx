import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import type { Schemas } from '@/api/client'
import { Button, Group, Dialog, Radio, Stack, TextInput, toast } from '@/ui'
import { useDuplicate } from './queries'
import type { Campaign } from './words'

type Whom = 'none' | 'unreached' | 'all'

/** Those whom a campaign has not reached, in the words of the API. */
const unreached: Schemas['FilterInput'] = { statuses: ['no_answer', 'busy', 'failed', 'exhausted'] }

/** Asks what a copy is to be called, and whom it is to be for. */
export default function Duplicate({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const { t } = useTranslation()
  const [name, setName] = useState(t('campaign.copy.nameOf', { name: campaign.name }))
  const [whom, setWhom] = useState<Whom>('none')
  const duplicate = useDuplicate()
  const go = useNavigate()
  const submit = () => {
    const recipients = { none: undefined, unreached, all: { all: true } }[whom]
    duplicate.mutate(
      { campaign: campaign.id, body: { name, recipients } },
      {
        onSuccess: (copy) => {
          toast.done(t('campaign.done.duplicate', { name: copy.name }))
          onClose()
          void go({ to: '/campaigns/$campaign', params: { campaign: copy.id } })
        },
      },
    )
  }
  return (
    <Dialog onClose={onClose} title={t('campaign.action.duplicate')} close={t('action.close')}>
      <Stack>
        <TextInput label={t('campaign.field.name')} value={name} onChange={(e) => setName(e.currentTarget.value)} maxLength={200} data-autofocus />
        <Radio.Group label={t('campaign.copy.whom')} value={whom} onChange={(v) => setWhom(v as Whom)}>
          <Stack gap="xs" mt="xs">
            <Radio value="none" label={t('campaign.copy.none')} />
            <Radio value="unreached" label={t('campaign.copy.unreached')} />
            <Radio value="all" label={t('campaign.copy.all')} />
          </Stack>
        </Radio.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.back')}
          </Button>
          <Button onClick={submit} loading={duplicate.isPending} disabled={!name.trim()}>
            {t('campaign.action.duplicate')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
