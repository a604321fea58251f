import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useMay } from '@/access/queries'
import { api, ask, type Schemas } from '@/api/client'
import { Kept } from '@/app/Kept'
import { about, refusedBut, revised } from '@/app/form'
import { Trouble } from '@/app/Trouble'
import { listed, number } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { Alert, Button, Group, NumberInput, Section, Skeleton, Stack, Switch, Text, toast, useConfirm, useDebouncedValue } from '@/ui'
import { previewQuery, retentionQuery, type Expired } from './queries'

type Periods = Schemas['Periods']
type Kind = keyof Periods

const kinds: Kind[] = ['attempts_days', 'imports_days', 'contacts_days', 'audit_days']

/** What a period begins with when somebody stops keeping for ever. */
const usual: Periods = { attempts_days: 365, imports_days: 30, contacts_days: 730, audit_days: 1825 }

/** How long data of people are kept. */
export function Retention() {
  const periods = useQuery(retentionQuery)
  if (periods.error) return <Trouble error={periods.error} again={() => void periods.refetch()} />
  if (!periods.data) return <Skeleton height={420} aria-busy />
  return <Kept of={periods.data}>{({ revision, ...of }, saved) => <Editor periods={of} revision={revision} onSaved={saved} />}</Kept>
}

/** What would go, as a list in words; empty for nothing. */
function useGone() {
  const { t } = useTranslation()
  return (e: Expired) =>
    (['recipients', 'imports', 'contacts', 'events'] as const).filter((k) => e[k] > 0).map((k) => t(`retention.gone.${k}`, { count: e[k], number: number(e[k]), campaigns: number(e.campaigns) }))
}

function Editor({ periods, revision, onSaved }: { periods: Periods; revision: number; onSaved: () => void }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const manages = useMay('manage')
  const [f, setF] = useState(periods)
  const [settled] = useDebouncedValue(f, 500)
  const preview = useQuery(previewQuery(settled))
  const gone = useGone()
  const save = useMutation({
    mutationFn: () => ask(api.PUT('/api/v1/retention', { params: { header: revised(revision) }, body: f })),
    onSuccess: (now) => {
      onSaved()
      queries.setQueryData(retentionQuery.queryKey, now)
      toast.done(t('settings.saved'))
    },
    onError: refusedBut(...kinds),
  })
  const changed = kinds.some((k) => f[k] !== periods[k])
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    // The question names the numbers of what is saved, not of what was typed before it.
    const count = await queries.fetchQuery(previewQuery(f)).catch(refusedBut(...kinds))
    if (!count) return
    const list = gone(count)
    const consequence = list.length > 0 ? t('retention.confirm', { what: listed(list) }) : t('retention.confirmNothing')
    if (await confirm({ title: t('retention.title'), consequence, yes: t(list.length > 0 ? 'retention.delete' : 'action.save'), no: t('action.back'), grave: list.length > 0 })) save.mutate()
  }
  const error = save.error ?? preview.error
  return (
    <form onSubmit={(e) => void submit(e)}>
      <Section title={t('retention.title')} about={manages ? t('retention.about') : t('settings.onlyManagers')}>
        <Stack gap="xs">
          {kinds.map((k) => (
            <div key={k} className="rule">
              <Switch
                aria-label={`${t('retention.bound')}: ${t(`retention.kind.${k}`)}`} checked={f[k] > 0} disabled={!manages} onChange={(e) => setF({ ...f, [k]: e.currentTarget.checked ? usual[k] : 0 })}
              />
              <Stack gap={6} style={{ minWidth: 0, flex: 1 }}>
                <Text fw={600} size="sm">
                  {t(`retention.kind.${k}`)}
                </Text>
                <Text size="sm" c="dimmed">
                  {t(`retention.kindAbout.${k}`)}
                </Text>
                {f[k] > 0 ? (
                  <NumberInput
                    label={t('retention.days')} w={160} min={k === 'audit_days' ? 30 : 1} max={3650} value={f[k]} disabled={!manages} onChange={(v) => setF({ ...f, [k]: Math.max(1, Number(v) || 1) })}
                    error={about(error, k)}
                  />
                ) : (
                  <Text size="sm">{t('retention.forEver')}</Text>
                )}
              </Stack>
            </div>
          ))}
          {manages && <Preview list={preview.data && gone(preview.data)} pending={preview.isFetching || settled !== f} />}
          {manages && (
            <Group justify="flex-end">
              {changed && (
                <Button variant="default" onClick={() => setF(periods)}>
                  {t('settings.undo')}
                </Button>
              )}
              <Button type="submit" loading={save.isPending} disabled={!changed}>
                {t('action.save')}
              </Button>
            </Group>
          )}
        </Stack>
      </Section>
    </form>
  )
}

/** What the periods that stand in the form would remove now. */
function Preview({ list, pending }: { list?: string[]; pending: boolean }) {
  const { t } = useTranslation()
  if (!list) return pending ? <Skeleton height={64} aria-busy /> : null
  return (
    <Alert color={list.length > 0 ? 'orange' : 'brand'} variant="light" role="status" title={t(list.length > 0 ? 'retention.wouldGo' : 'retention.nothingGoes')} style={{ opacity: pending ? 0.6 : 1 }}>
      {list.length > 0 ? (
        <ul className="plain">
          {list.map((x) => (
            <li key={x}>{x}</li>
          ))}
        </ul>
      ) : (
        t('retention.nothingAbout')
      )}
    </Alert>
  )
}
