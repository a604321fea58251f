import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { agentsQuery, templatesQuery } from '@/agent/queries'
import { api, ask, Refusal, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { linesQuery } from '@/channel/queries'
import { Alert, Button, Group, SegmentedControl, Select, Stack, Switch, Text, Textarea, TextInput } from '@/ui'
import type { Campaign, Channel } from '../words'
import { fieldId } from './field'

interface Fields {
  channel: Channel
  name: string
  description: string
  line: string | null
  agent: string | null
  lineAgent: boolean
  purpose: string | null
  firstMessage: string
  subject: string
  text: string
  html: string
}

const example = '{{first_name}}'
const purposes = ['sales', 'collection', 'service', 'survey'] as const

function fieldsOf(c?: Campaign): Fields {
  return {
    channel: c?.channel ?? 'voice', name: c?.name ?? '', description: c?.description ?? '', line: c?.line || null, agent: c?.agent || null,
    lineAgent: c?.use_line_agent ?? false, purpose: c?.purpose || null, firstMessage: c?.call?.first_message ?? '', subject: c?.message?.subject ?? '',
    text: c?.message?.text ?? '', html: c?.message?.html ?? '',
  }
}

/** What is sent of the fields: only what the channel has. */
export function definition(f: Fields, c?: Campaign): Schemas['CampaignEdit'] {
  const common = { name: f.name.trim(), description: f.description.trim(), line: f.line ?? '', purpose: (f.purpose ?? undefined) as Schemas['CampaignEdit']['purpose'] }
  if (f.channel === 'email') return { ...common, message: { ...c?.message, subject: f.subject, text: f.text, html: f.html } }
  return { ...common, agent: f.lineAgent ? '' : (f.agent ?? ''), use_line_agent: f.lineAgent, call: { ...c?.call, first_message: f.firstMessage } }
}

/** The first step: what the campaign is called, who speaks, and from where. */
export function Basics({ campaign: c, onSaved }: { campaign?: Campaign; onSaved: (id: string) => void }) {
  const { t } = useTranslation()
  const [f, setF] = useState(() => fieldsOf(c))
  const set = (part: Partial<Fields>) => setF((was) => ({ ...was, ...part }))
  const lines = useQuery(linesQuery)
  const agents = useQuery(agentsQuery)
  const save = useMutation({
    mutationFn: () => {
      const body = definition(f, c)
      if (c) return ask(api.PATCH('/api/v1/campaigns/{campaign}', { params: { path: { campaign: c.id } }, body }))
      return ask(api.POST('/api/v1/campaigns', { params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body: { ...body, name: f.name.trim(), channel: f.channel } }))
    },
    onSuccess: (saved) => onSaved(saved.id),
    onError: refused,
  })
  const wrong = (field: string) => (save.error instanceof Refusal ? save.error.about(field) : undefined)
  const usable = lines.data?.items.filter((l) => l.kind === f.channel) ?? []
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit} className="card">
      <Stack p={{ base: 'md', sm: 'lg' }} gap="md">
        <Stack gap={4}>
          <Text size="sm" fw={500} id="channel">
            {t('campaign.field.channel')}
          </Text>
          <SegmentedControl
            aria-labelledby="channel" value={f.channel} disabled={Boolean(c)} style={{ alignSelf: 'flex-start' }}
            onChange={(v) => set({ channel: v as Channel, line: null })}
            data={(['voice', 'email'] as const).map((k) => ({ value: k, label: t(`channel.${k}`) }))}
          />
        </Stack>
        <TextInput id={fieldId('name')} label={t('campaign.field.name')} description={t('wizard.nameAbout')} value={f.name} onChange={(e) => set({ name: e.currentTarget.value })} required maxLength={200} error={wrong('name')} />
        <Textarea id={fieldId('description')} label={t('campaign.field.description')} value={f.description} onChange={(e) => set({ description: e.currentTarget.value })} autosize minRows={2} error={wrong('description')} />
        <Select
          id={fieldId('line')} label={t('campaign.field.line')} description={t('wizard.lineAbout')} placeholder={t('wizard.choose')} value={f.line} onChange={(line) => set({ line })} error={wrong('line')}
          data={usable.map((l) => ({ value: l.id, label: `${l.name} (${l.from})`, disabled: !l.enabled }))} searchable clearable clearButtonProps={{ 'aria-label': t('action.clear') }}
          nothingFoundMessage={t('wizard.noLine')}
        />
        {lines.isSuccess && usable.length === 0 && <Alert color="yellow" variant="light">{t('wizard.noLine')}</Alert>}
        {f.channel === 'email' ? (
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
        <Select
          id={fieldId('purpose')} label={t('campaign.field.purpose')} description={t('wizard.purposeAbout')} value={f.purpose} onChange={(purpose) => set({ purpose })} placeholder={t('wizard.choose')}
          data={purposes.map((p) => ({ value: p, label: t(`campaign.purpose.${p}`) }))} error={wrong('purpose')}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={!f.name.trim()}>
            {t('wizard.next')}
          </Button>
        </Group>
      </Stack>
    </form>
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
