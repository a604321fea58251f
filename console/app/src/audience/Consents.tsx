import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '@/access/queries'
import { Trouble } from '@/app/Trouble'
import { linesQuery } from '@/channel/queries'
import { moment } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { readable } from '@/locale/phone'
import { Button, Group, IconPlus, Skeleton, Stack, Status, Text, Timeline, Title } from '@/ui'
import { ConsentForm } from './ConsentForm'
import { ConsentLink } from './ConsentLink'
import { consentsQuery, type Contact } from './queries'

const answers = { given: 'good', withdrawn: 'stop', none: 'idle' } as const

/** What somebody agreed to and took back, and where more of it is taken down. */
export function Consents({ contact: c }: { contact: Contact }) {
  const { t } = useTranslation()
  const consents = useQuery(consentsQuery(c.id))
  const lines = useQuery(linesQuery)
  const may = useMay('operate')
  const [open, setOpen] = useState<'record' | 'link'>()
  const close = () => setOpen(undefined)
  return (
    <section className="card">
      <Stack p="md">
        <Group justify="space-between">
          <Title order={2}>{t('contact.consents')}</Title>
          {may && (
            <Group gap="xs">
              <Button size="xs" variant="default" onClick={() => setOpen('link')}>
                {t('consent.link')}
              </Button>
              <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => setOpen('record')}>
                {t('consent.record')}
              </Button>
            </Group>
          )}
        </Group>
        {consents.error && <Trouble error={consents.error} />}
        {consents.isPending && <Skeleton height={120} aria-busy />}
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
                  {[
                    moment(x.at), x.channel ? t(`channel.${x.channel as 'voice'}`) : t('suppression.everyChannel'), x.line && (lines.data?.items.find((l) => l.id === x.line)?.name ?? x.line),
                    x.address && readable(x.address), x.basis && t(`basis.${x.basis as 'consent'}`), x.source && t(`consent.from.${x.source as 'api'}`),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </Text>
                {x.proof && (
                  <Text size="sm" className="wrap">
                    {x.proof}
                  </Text>
                )}
              </Timeline.Item>
            ))}
          </Timeline>
        )}
      </Stack>
      {open === 'record' && <ConsentForm contact={c} onClose={close} />}
      {open === 'link' && <ConsentLink contact={c} onClose={close} />}
    </section>
  )
}
