import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { api, ask, Refusal, type Schemas } from '@/api/client'
import { Kept } from '@/app/Kept'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import {
  Alert, Box, Button, Group, IconArrowLeft, IconTrash, MailTabs, Page, Skeleton, Stack, Text, Textarea, TextInput, Title, toast, useConfirm, useDebouncedValue,
} from '@/ui'
import '@/ui/flow.css'
import { templateQuery } from './queries'

type Template = Schemas['TemplateView']

/** One template. */
export function TemplatePage() {
  const { template: id } = useParams({ from: '/templates/$template' })
  const one = useQuery(templateQuery(id))
  if (one.error) return <Trouble error={one.error} again={() => void one.refetch()} />
  if (!one.data) return <Skeleton height={300} aria-busy />
  return <Kept of={one.data}>{(m, saved) => <Editor template={m} onSaved={saved} />}</Kept>
}

/** A template that is being made. */
export const NewTemplate = () => <Editor />

const example = '{{first_name}}'

/** Writes an e-mail, and shows beside it how somebody would get it. */
function Editor({ template: m, onSaved }: { template?: Template; onSaved?: () => void }) {
  const { t } = useTranslation()
  const go = useNavigate()
  const queries = useQueryClient()
  const may = useMay('operate')
  const [f, setF] = useState({ name: m?.name ?? '', description: m?.description ?? '', subject: m?.message?.subject ?? '', from_name: m?.message?.from_name ?? '', text: m?.message?.text ?? '', html: m?.message?.html ?? '' })
  const set = (part: Partial<typeof f>) => setF((was) => ({ ...was, ...part }))
  const message: Schemas['MessageTemplate'] = { ...m?.message, subject: f.subject, from_name: f.from_name || undefined, text: f.text || undefined, html: f.html || undefined }
  const save = useMutation({
    mutationFn: () => {
      const body = { channel: 'email', name: f.name, description: f.description, message } as const
      if (m) return ask(api.PUT('/api/v1/templates/{template}', { params: { path: { template: m.id }, header: { 'If-Match': `"${m.revision}"` } }, body }))
      return ask(api.POST('/api/v1/templates', { params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body }))
    },
    onSuccess: (saved) => {
      onSaved?.()
      toast.done(t('template.saved'))
      void queries.invalidateQueries({ queryKey: ['templates'] })
      if (!m) void go({ to: '/templates/$template', params: { template: saved.id } })
    },
    onError: refused,
  })
  const wrong = (field: string) => (save.error instanceof Refusal ? save.error.about(field) : undefined)
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  return (
    <Stack gap="sm">
      <Link to="/templates" className="back">
        <IconArrowLeft size={15} /> {t('shell.templates')}
      </Link>
      <Page title={m?.name ?? t('template.new')} actions={m && may && <Remove template={m} />}>
        <div className="desk">
          <Box component="form" className="card" p={{ base: 'md', sm: 'lg' }} onSubmit={submit}>
            <Stack gap="md">
              <TextInput label={t('template.name')} value={f.name} onChange={(e) => set({ name: e.currentTarget.value })} required maxLength={200} error={wrong('name')} disabled={!may} />
              <TextInput label={t('template.description')} value={f.description} onChange={(e) => set({ description: e.currentTarget.value })} error={wrong('description')} disabled={!may} />
              <TextInput label={t('template.fromName')} value={f.from_name} onChange={(e) => set({ from_name: e.currentTarget.value })} error={wrong('message.from_name')} disabled={!may} />
              <TextInput label={t('template.subject')} description={t('template.variables', { example })} value={f.subject} onChange={(e) => set({ subject: e.currentTarget.value })} required error={wrong('message.subject')} disabled={!may} />
              <Textarea label={t('template.text')} description={t('template.textAbout')} value={f.text} onChange={(e) => set({ text: e.currentTarget.value })} autosize minRows={6} maxRows={20} error={wrong('message.text')} disabled={!may} />
              <Textarea className="mono" label="HTML" value={f.html} onChange={(e) => set({ html: e.currentTarget.value })} autosize minRows={6} maxRows={24} error={wrong('message.html')} disabled={!may} spellCheck={false} />
              {may && (
                <Group justify="flex-end">
                  <Button type="submit" loading={save.isPending}>
                    {t('action.save')}
                  </Button>
                </Group>
              )}
            </Stack>
          </Box>
          <div className="desk-side">
            <Preview message={message} />
          </div>
        </div>
      </Page>
    </Stack>
  )
}

/** How an example person would get the message; the server makes it as it makes the others. */
function Preview({ message }: { message: Schemas['MessageTemplate'] }) {
  const { t } = useTranslation()
  const [values, setValues] = useState<Record<string, string>>({})
  const [body] = useDebouncedValue(JSON.stringify({ message, variables: values }), 350)
  const empty = !message.subject && !message.text && !message.html
  const seen = useQuery({
    queryKey: ['templates', 'preview', body],
    queryFn: () => ask(api.POST('/api/v1/templates/preview', { body: JSON.parse(body) as Schemas['SpecimenInput'] })),
    placeholderData: (was) => was,
    enabled: !empty,
  })
  const faults = !empty && seen.error instanceof Refusal ? seen.error.errors : []
  const s = seen.error || empty ? undefined : seen.data
  return (
    <Box component="section" className="card" p="md" aria-label={t('template.preview')}>
      <Stack gap="sm">
        <Title order={2}>{t('template.preview')}</Title>
        {empty && (
          <Text size="sm" c="dimmed">
            {t('template.previewEmpty')}
          </Text>
        )}
        {faults.length > 0 && (
          <Alert color="yellow" variant="light">
            {faults.map((f) => (
              <div key={`${f.code} ${f.field ?? ''}`}>{f.text}</div>
            ))}
          </Alert>
        )}
        {s && (
          <>
            <Text fw={650} className="wrap">
              {s.subject}
            </Text>
            <MailTabs html={s.html} text={s.text} title={t('template.preview')} height={360} words={{ text: t('template.text') }} />
            {s.variables.map((v) => (
              <TextInput
                key={v.name} size="xs" label={v.required ? v.name : t('agent.optional', { name: v.name })} value={values[v.name] ?? ''} placeholder={v.value}
                onChange={(e) => {
                  const value = e.currentTarget.value
                  setValues((was) => Object.fromEntries(Object.entries({ ...was, [v.name]: value }).filter(([, x]) => x !== '')))
                }}
              />
            ))}
          </>
        )}
      </Stack>
    </Box>
  )
}

function Remove({ template: m }: { template: Template }) {
  const { t } = useTranslation()
  const go = useNavigate()
  const confirm = useConfirm()
  const queries = useQueryClient()
  // Nothing refers to a template, so one of the same content is the same.
  const restore = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/templates', { params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body: { channel: m.channel, name: m.name, description: m.description, message: m.message } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['templates'] }),
    onError: refused,
  })
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/templates/{template}', { params: { path: { template: m.id } } })),
    onSuccess: () => {
      toast.done(t('template.deleted'), { name: t('action.undo'), run: () => restore.mutate() })
      void queries.invalidateQueries({ queryKey: ['templates'], refetchType: 'none' })
      void go({ to: '/templates' })
    },
    onError: refused,
  })
  const press = async () => {
    if (await confirm({ title: t('template.delete'), consequence: t('template.deleteAbout', { name: m.name }), yes: t('template.delete'), no: t('action.back'), grave: true })) remove.mutate()
  }
  return (
    <Button className="lesser" variant="default" leftSection={<IconTrash size={17} />} onClick={() => void press()} loading={remove.isPending}>
      {t('template.delete')}
    </Button>
  )
}
