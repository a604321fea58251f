import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask } from '@/api/client'
import { about } from '@/app/form'
import { refused } from '@/app/refused'
import { Button, Group, Stack } from '@/ui'
import type { Campaign } from '../words'
import { fieldsOf, patch, type Fields } from './scheduleDraft'
import { ScheduleFields } from './ScheduleFields'

/** The third step: when people may be contacted, how often, and how fast. */
export function Schedule({ campaign: c, onBack, onSaved }: { campaign: Campaign; onBack: () => void; onSaved: () => void }) {
  const { t } = useTranslation()
  const [f, setF] = useState(() => fieldsOf(c))
  const save = useMutation({
    mutationFn: () => ask(api.PATCH('/api/v1/campaigns/{campaign}', { params: { path: { campaign: c.id } }, body: patch(f, c) })),
    onSuccess: onSaved,
    onError: refused,
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <ScheduleFields campaign={c} fields={f} set={(part: Partial<Fields>) => setF((was) => ({ ...was, ...part }))} wrong={(field) => about(save.error, field)} may={(field) => c.editable.includes(field)} />
        <Group justify="space-between">
          <Button variant="default" onClick={onBack}>
            {t('action.back')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('wizard.next')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
