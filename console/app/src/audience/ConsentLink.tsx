import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { useTranslation } from '@/locale/language'
import { Alert, Button, Choice, Dialog, Group, IconCopy, Stack, TextInput, toast } from '@/ui'
import { nameOf, type Contact } from './queries'

type Channel = NonNullable<Schemas['ConsentLinkInput']['channel']>
const channels: Channel[] = ['voice', 'email', 'sms', 'whatsapp']

/** Makes somebody's own link to the page of consent, to be handed to them. */
export function ConsentLink({ contact: c, onClose }: { contact: Contact; onClose: () => void }) {
  const { t } = useTranslation()
  const [channel, setChannel] = useState<string>()
  const make = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/contacts/{contact}/consent-link', { params: { path: { contact: c.id } }, body: { channel: channel as Channel } })),
    onError: refused,
  })
  const link = make.data?.url
  return (
    <Dialog onClose={onClose} title={t('consent.link')} close={t('action.close')}>
      <Stack>
        <Alert color="orange" variant="light">
          {t('consent.linkAbout', { name: nameOf(c) })}
        </Alert>
        <Choice
          label={t('campaign.field.channel')} value={channel ?? ''} none={t('suppression.everyChannel')} data-autofocus options={channels.map((k) => ({ value: k, label: t(`channel.${k}`) }))}
          onChange={(v) => {
            setChannel(v)
            make.reset()
          }}
        />
        {link && (
          <Group align="flex-end" gap="xs" wrap="nowrap">
            <TextInput label={t('consent.url')} value={link} readOnly style={{ flex: 1 }} onFocus={(e) => e.currentTarget.select()} />
            {/* A page that is not served over https may not write to the clipboard: then the text is there to be marked. */}
            {'clipboard' in navigator && (
              <Button variant="default" leftSection={<IconCopy size={16} />} onClick={() => void navigator.clipboard.writeText(link).then(() => toast.done(t('consent.copied')))}>
                {t('consent.copy')}
              </Button>
            )}
          </Group>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.close')}
          </Button>
          {!link && (
            <Button onClick={() => make.mutate()} loading={make.isPending}>
              {t('consent.make')}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  )
}
