import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import type { Schemas } from '@/api/client'
import { Button, Foot, Dialog, Radio, Stack, TextInput, toast } from '@/ui'
import { number } from '@/locale/format'
import { countQuery, useDuplicate } from './queries'
import type { Campaign } from './words'

type Whom = 'none' | 'picked' | 'unreached' | 'all'

interface Props {
  campaign: Campaign
  /** Whom the list shows, when somebody comes from there. */
  picked?: Schemas['FilterInput']
  onClose: () => void
}

/** Asks what a copy is to be called, and whom it is to be for. */
export default function Duplicate({ campaign, picked, onClose }: Props) {
  const { t } = useTranslation()
  const [name, setName] = useState(t('campaign.copy.nameOf', { name: campaign.name }))
  const [whom, setWhom] = useState<Whom>(picked ? 'picked' : 'none')
  const duplicate = useDuplicate()
  const go = useNavigate()
  const shown = useQuery({ ...countQuery(campaign.id, picked ?? {}), enabled: picked !== undefined })
  const missed = useQuery(countQuery(campaign.id, { not_reached: true }))
  const counted = (who: 'campaign.copy.picked' | 'campaign.copy.unreached' | 'campaign.copy.all', n?: number) => (n === undefined ? t(who) : `${t(who)} (${number(n)})`)
  const submit = () => {
    const recipients = { none: undefined, picked, unreached: { not_reached: true }, all: { all: true } }[whom]
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
            {picked && <Radio value="picked" label={counted('campaign.copy.picked', shown.data)} />}
            <Radio value="none" label={t('campaign.copy.none')} />
            <Radio value="unreached" label={counted('campaign.copy.unreached', missed.data)} />
            <Radio value="all" label={counted('campaign.copy.all', campaign.counts.total)} />
          </Stack>
        </Radio.Group>
        <Foot back={t('action.back')} onBack={onClose}>
          <Button onClick={submit} loading={duplicate.isPending} disabled={!name.trim()}>
            {t('campaign.action.duplicate')}
          </Button>
        </Foot>
      </Stack>
    </Dialog>
  )
}
