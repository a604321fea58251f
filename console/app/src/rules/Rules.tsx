import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '@/access/queries'
import { api, ask, Refusal } from '@/api/client'
import { Kept } from '@/app/Kept'
import { summaryQuery } from '@/campaign/queries'
import { revised } from '@/app/form'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { number } from '@/locale/format'
import { language, useTranslation } from '@/locale/language'
import { Alert, Button, Group, Section, Skeleton, Stack, toast, useConfirm } from '@/ui'
import { Closed } from './Closed'
import { Limits } from './Limits'
import { Packs } from './Packs'
import { packsQuery, rulesQuery, type Pack, type Rules as View } from './queries'

/** What binds all campaigns: how often one person may be contacted, and the law of places. */
export function Rules() {
  useTranslation() // drawn anew in another language
  const rules = useQuery(rulesQuery)
  const packs = useQuery(packsQuery(language()))
  const error = rules.error ?? packs.error
  if (error) return <Trouble error={error} again={() => void Promise.all([rules.refetch(), packs.refetch()])} />
  if (!rules.data || !packs.data) return <Skeleton height={480} aria-busy />
  const all = packs.data.items
  return <Kept of={rules.data}>{(r, saved) => <Editor rules={r} packs={all} onSaved={saved} />}</Kept>
}

function Editor({ rules, packs, onSaved }: { rules: View; packs: Pack[]; onSaved: () => void }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const manages = useMay('manage')
  const active = useQuery(summaryQuery).data?.active ?? 0
  const kept = { limits: rules.limits, packs: rules.packs, closed: rules.closed }
  const [f, setF] = useState(kept)
  const save = useMutation({
    mutationFn: () => ask(api.PUT('/api/v1/rules', { params: { header: revised(rules.revision) }, body: f })),
    onSuccess: (now) => {
      onSaved()
      queries.setQueryData(rulesQuery.queryKey, now)
      toast.done(t('settings.saved'))
    },
    onError: refused,
  })
  const changed = JSON.stringify(f) !== JSON.stringify(kept)
  const submit = async () => {
    const sure = await confirm({ title: t('rules.save'), consequence: t('rules.saveAbout', { count: active, number: number(active) }), yes: t('action.save'), no: t('action.back') })
    if (sure) save.mutate()
  }
  const errors = save.error instanceof Refusal ? save.error.errors : []
  return (
    <Stack gap="md">
      {errors.length > 0 && (
        <Alert color="red" variant="light" role="alert" title={t('rules.wrong')}>
          {errors.map((e) => (
            <div key={`${e.field} ${e.code}`}>{e.text}</div>
          ))}
        </Alert>
      )}
      <Section title={t('rules.limits')} about={manages ? t('rules.limitsAbout') : t('settings.onlyManagers')}>
        <Limits limits={f.limits} onChange={manages ? (limits) => setF((was) => ({ ...was, limits })) : undefined} />
      </Section>
      <Section title={t('rules.closed')} about={t('rules.closedAbout')}>
        <Closed closed={f.closed} onChange={manages ? (closed) => setF((was) => ({ ...was, closed })) : undefined} />
      </Section>
      <Section title={t('rules.packs')} about={t('rules.packsAbout')}>
        <Packs packs={packs} chosen={f.packs} onChange={manages ? (chosen) => setF((was) => ({ ...was, packs: chosen })) : undefined} />
      </Section>
      {manages && (
        <Group justify="flex-end" className="save">
          {changed && (
            <Button variant="default" onClick={() => setF(kept)}>
              {t('settings.undo')}
            </Button>
          )}
          <Button onClick={() => void submit()} loading={save.isPending} disabled={!changed}>
            {t('action.save')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
