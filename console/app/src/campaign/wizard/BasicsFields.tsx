import { useQuery } from '@tanstack/react-query'
import { useTranslation } from '@/locale/language'
import { readable } from '@/locale/phone'
import { agentsQuery, templatesQuery } from '@/agent/queries'
import type { Schemas } from '@/api/client'
import { linesQuery } from '@/channel/queries'
import { Alert, SegmentedControl, Select, Stack, Switch, Text, Textarea, TextInput } from '@/ui'
import type { Channel } from '../words'
import { purposes, type Fields } from './basicsDraft'
import { fieldId, type Writing } from './field'

const example = '{{first_name}}'

/** Name, line and words of a campaign, being written. One that is made keeps its channel. */
export function BasicsFields({ fields: f, set, wrong, may, made }: Writing<Fields> & { made: boolean }) {
  const { t } = useTranslation()
  const lines = useQuery(linesQuery)
  const agents = useQuery(agentsQuery)
  const usable = lines.data?.items.filter((l) => l.kind === f.channel) ?? []
  return (
    <>
      {may('channel') && (
        <Stack gap={4}>
          <Text size="sm" fw={600} id="channel">
            {t('campaign.field.channel')}
          </Text>
          <SegmentedControl
            aria-labelledby="channel" value={f.channel} disabled={made} style={{ alignSelf: 'flex-start' }}
            onChange={(v) => set({ channel: v as Channel, line: null })}
            data={(['voice', 'email'] as const).map((k) => ({ value: k, label: t(`channel.${k}`) }))}
          />
        </Stack>
      )}
      <TextInput id={fieldId('name')} label={t('campaign.field.name')} description={t('wizard.nameAbout')} value={f.name} onChange={(e) => set({ name: e.currentTarget.value })} required maxLength={200} error={wrong('name')} />
      <Textarea id={fieldId('description')} label={t('campaign.field.description')} value={f.description} onChange={(e) => set({ description: e.currentTarget.value })} autosize minRows={2} error={wrong('description')} />
      {may('line') && (
        <Select
          id={fieldId('line')} label={t('campaign.field.line')} description={t('wizard.lineAbout')} placeholder={t('wizard.choose')} value={f.line} onChange={(line) => set({ line })} error={wrong('line')}
          data={usable.map((l) => ({ value: l.id, label: `${l.name} (${readable(l.from)})`, disabled: !l.enabled }))} searchable clearable clearButtonProps={{ 'aria-label': t('action.clear') }}
          nothingFoundMessage={t('wizard.noLine')}
        />
      )}
      {may('line') && lines.isSuccess && usable.length === 0 && <Alert color="yellow" variant="light">{t('wizard.noLine')}</Alert>}
      {!may('call') && !may('message') ? null : f.channel === 'email' ? (
        <>
          <FromTemplate onTake={(m) => set({ subject: m.subject, text: m.text ?? '', html: m.html ?? '' })} />
          <TextInput id={fieldId('message.subject')} label={t('campaign.field.subject')} description={t('wizard.variables', { example })} value={f.subject} onChange={(e) => set({ subject: e.currentTarget.value })} required error={wrong('message.subject')} />
          <Textarea id={fieldId('message.text')} label={t('campaign.field.text')} value={f.text} onChange={(e) => set({ text: e.currentTarget.value })} autosize minRows={6} error={wrong('message.text')} />
          <Textarea id={fieldId('message.html')} label={t('campaign.field.html')} description={t('wizard.htmlAbout')} value={f.html} onChange={(e) => set({ html: e.currentTarget.value })} autosize minRows={3} maxRows={14} error={wrong('message.html')} styles={{ input: { fontFamily: 'ui-monospace, monospace', fontSize: 13 } }} />
        </>
      ) : (
        <>
          <Switch label={t('wizard.useLineAgent')} description={t('wizard.useLineAgentAbout')} checked={f.lineAgent} onChange={(e) => set({ lineAgent: e.currentTarget.checked })} />
          {!f.lineAgent && (
            <Select
              id={fieldId('agent')} label={t('campaign.field.agent')} placeholder={t('wizard.choose')} value={f.agent} onChange={(agent) => set({ agent })} error={wrong('agent')}
              data={agents.data?.items.map((a) => ({ value: a.id, label: a.name })) ?? []} searchable clearable clearButtonProps={{ 'aria-label': t('action.clear') }}
              nothingFoundMessage={t('wizard.noAgent')}
            />
          )}
          <Textarea id={fieldId('call.first_message')} label={t('campaign.field.firstMessage')} description={t('wizard.firstMessageAbout', { example })} value={f.firstMessage} onChange={(e) => set({ firstMessage: e.currentTarget.value })} autosize minRows={2} error={wrong('call.first_message')} />
        </>
      )}
      {may('purpose') && (
        <Select
          id={fieldId('purpose')} label={t('campaign.field.purpose')} description={t('wizard.purposeAbout')} value={f.purpose} onChange={(purpose) => set({ purpose })} placeholder={t('wizard.choose')}
          data={purposes.map((p) => ({ value: p, label: t(`campaign.purpose.${p}`) }))} error={wrong('purpose')}
        />
      )}
    </>
  )
}

/** Puts the words of a saved message into the fields, where they can still be changed. */
function FromTemplate({ onTake }: { onTake: (m: Schemas['MessageTemplate']) => void }) {
  const { t } = useTranslation()
  const templates = useQuery(templatesQuery)
  const all = templates.data?.items.filter((m) => m.channel === 'email') ?? []
  if (all.length === 0) return null
  return (
    <Select
      label={t('template.use')} description={t('template.useAbout')} placeholder={t('wizard.choose')} data={all.map((m) => ({ value: m.id, label: m.name }))} searchable
      onChange={(id) => {
        const m = all.find((x) => x.id === id)?.message
        if (m) onTake(m)
      }}
    />
  )
}
