import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask, Refusal, type Schemas } from '@/api/client'
import { about, revised } from '@/app/form'
import { refused } from '@/app/refused'
import { Alert, Box, Button, Group, Stack, Text, Title, toast, useConfirm } from '@/ui'
import { campaignQuery } from './queries'
import { definition, fieldsOf as basicsOf } from './wizard/basicsDraft'
import { BasicsFields } from './wizard/BasicsFields'
import { fieldsOf as scheduleOf, patch } from './wizard/scheduleDraft'
import { ScheduleFields } from './wizard/ScheduleFields'
import { changesOf } from './wizard/patch'
import type { Campaign } from './words'

type Edit = Schemas['CampaignEdit']

/** How a campaign is set up, being changed where it stands: what the server lets be changed now, and nothing else. */
export function Change({ campaign: c, onEnd }: { campaign: Campaign; onEnd: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const confirm = useConfirm()
  const [read] = useState(c) // what is changed, whatever the page hears of it meanwhile
  const [basics, setBasics] = useState(() => basicsOf(read))
  const [schedule, setSchedule] = useState(() => scheduleOf(read))
  const may = (field: string) => read.editable.includes(field)
  const change: Edit = { ...changesOf(definition(basics, read), definition(basicsOf(read), read)), ...patch(schedule, read) }
  const params = { path: { campaign: c.id } }
  const save = useMutation({
    mutationFn: async (over: boolean) => {
      if (!read.can.includes('edit')) {
        const plan = await ask(api.POST('/api/v1/campaigns/{campaign}/plan/preview', { params, body: change }))
        const said = plan.before.length + plan.after.length > 0
        if (said && !(await confirm({ title: t('change.title'), consequence: <Plan of={plan} />, yes: t('action.save'), no: t('action.back') }))) return false
      }
      await ask(api.PATCH('/api/v1/campaigns/{campaign}', { params: { ...params, header: over ? undefined : revised(read.revision) }, body: change }))
      return true
    },
    onSuccess: async (saved) => {
      if (!saved) return
      await Promise.all([['campaigns', 'plan', c.id], ['campaigns', 'log', c.id], ['campaigns', 'diagnosis', c.id], campaignQuery(c.id).queryKey].map((queryKey) => queries.invalidateQueries({ queryKey })))
      toast.done(t('change.done'))
      onEnd()
    },
    onError: (error) => {
      if (!stale(error)) refused(error)
    },
  })
  const wrong = (field: string) => about(save.error, field)
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate(false)
  }
  const reload = async () => {
    await queries.invalidateQueries({ queryKey: campaignQuery(c.id).queryKey })
    onEnd()
  }
  return (
    <form onSubmit={submit} aria-label={t('change.edit')}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t(read.can.includes('edit') ? 'change.draftAbout' : 'change.about')}
        </Text>
        {stale(save.error) && (
          <Alert color="yellow" variant="light" role="alert" title={t('change.stale')}>
            <Stack gap="sm">
              {save.error?.message}
              <Group gap="xs">
                <Button variant="default" onClick={() => void reload()}>
                  {t('change.takeTheirs')}
                </Button>
                <Button variant="light" onClick={() => save.mutate(true)} loading={save.isPending}>
                  {t('change.keepMine')}
                </Button>
              </Group>
            </Stack>
          </Alert>
        )}
        <Box className="card" p={{ base: 'md', sm: 'lg' }}>
          <Stack gap="md">
            <Title order={2}>{t('campaign.section.basics')}</Title>
            <BasicsFields fields={basics} set={(part) => setBasics((was) => ({ ...was, ...part }))} wrong={wrong} may={may} made />
          </Stack>
        </Box>
        <ScheduleFields campaign={read} fields={schedule} set={(part) => setSchedule((was) => ({ ...was, ...part }))} wrong={wrong} may={may} />
        <Group justify="flex-end" className="save">
          <Button variant="default" onClick={onEnd}>
            {t('change.leave')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={Object.keys(change).length === 0}>
            {t('action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Whether somebody else was faster. */
const stale = (error: unknown) => error instanceof Refusal && error.code === 'revision_stale'

/** What becomes of the plan, in the server's sentences. */
function Plan({ of }: { of: Schemas['PlanChangeView'] }) {
  const { t } = useTranslation()
  const part = (title: string, said: Schemas['PlanSentence'][]) =>
    said.length > 0 && (
      <div>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <ul className="plain">
          {said.map((s) => (
            <li key={s.code}>
              <Text size="sm" className="wrap">
                {s.text}
              </Text>
            </li>
          ))}
        </ul>
      </div>
    )
  return (
    <Stack gap="sm">
      {part(t('change.before'), of.before)}
      {part(t('change.after'), of.after)}
    </Stack>
  )
}
