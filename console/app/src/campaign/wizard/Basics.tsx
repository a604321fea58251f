import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask } from '@/api/client'
import { about } from '@/app/form'
import { refused } from '@/app/refused'
import { Button, Group, Stack } from '@/ui'
import type { Campaign } from '../words'
import { definition, fieldsOf, type Fields } from './basicsDraft'
import { BasicsFields } from './BasicsFields'

/** The first step: what the campaign is called, who speaks, and from where. */
export function Basics({ campaign: c, onSaved }: { campaign?: Campaign; onSaved: (id: string) => void }) {
  const { t } = useTranslation()
  const [f, setF] = useState(() => fieldsOf(c))
  const save = useMutation({
    mutationFn: () => {
      const body = definition(f, c)
      if (c) return ask(api.PATCH('/api/v1/campaigns/{campaign}', { params: { path: { campaign: c.id } }, body }))
      return ask(api.POST('/api/v1/campaigns', { params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body: { ...body, name: f.name.trim(), channel: f.channel } }))
    },
    onSuccess: (saved) => onSaved(saved.id),
    onError: refused,
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit} className="card">
      <Stack p={{ base: 'md', sm: 'lg' }} gap="md">
        <BasicsFields fields={f} set={(part: Partial<Fields>) => setF((was) => ({ ...was, ...part }))} wrong={(field) => about(save.error, field)} may={() => true} made={Boolean(c)} />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={!f.name.trim()}>
            {t('wizard.next')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
