import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { FilterBuilder } from '@/audience/FilterBuilder'
import { writeFilter, type Simple } from '@/audience/filter'
import { audiencesQuery, filterQuery, previewQuery, type Filter } from '@/audience/queries'
import { number } from '@/locale/format'
import { Alert, Button, Group, Radio, Select, Stack, Text, UnstyledButton, useDebouncedValue } from '@/ui'
import type { Props } from './Added'

/** Whom of the contact base: a saved list, or those whom a filter fits. */
type Whom = { audience: string } | { filter: Filter }

/** Adds those of a saved list. */
export function FromAudience(props: Props) {
  const { t } = useTranslation()
  const audiences = useQuery(audiencesQuery)
  const [audience, setAudience] = useState<string | null>(null)
  const preview = useQuery({ ...previewQuery(audience ?? ''), enabled: Boolean(audience) })
  return (
    <Stack>
      <Select
        label={t('wizard.audience')} placeholder={t('wizard.choose')} value={audience} onChange={setAudience} searchable nothingFoundMessage={t('wizard.noAudience')}
        data={audiences.data?.items.map((a) => ({ value: a.id, label: a.name })) ?? []} description={preview.data && t('audience.count', { count: preview.data.count, people: number(preview.data.count) })}
        error={preview.error?.message}
      />
      {audiences.isSuccess && audiences.data.items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('wizard.noAudience')} <Link to="/audiences" className="as-link">{t('shell.audiences')}</Link>
        </Text>
      )}
      <Draw {...props} whom={audience ? { audience } : undefined} />
    </Stack>
  )
}

/** Adds those whom a filter fits, without a list that is kept. */
export function FromFilter(props: Props) {
  const { t } = useTranslation()
  const [simple, setSimple] = useState<Simple>({ join: 'all', conditions: [{ field: 'tag', not: false, is: [], days: '' }] })
  const filter = writeFilter(simple)
  const [steady] = useDebouncedValue(filter, 350)
  const preview = useQuery(filterQuery(steady))
  const said = simple.conditions.length === 0 || Object.keys(filter).length > 0 // a line that says nothing yet is not everybody
  return (
    <Stack>
      <FilterBuilder value={simple} onChange={setSimple} />
      <Text fw={600} role="status" className="numbers">
        {said && preview.data ? t('audience.count', { count: preview.data.count, people: number(preview.data.count) }) : '…'}
      </Text>
      {preview.error && (
        <Alert color="red" variant="light" role="alert">
          {preview.error.message}
        </Alert>
      )}
      <Draw {...props} whom={said ? { filter } : undefined} />
    </Stack>
  )
}

/** Adds them now, or says that they come in when the campaign starts. */
function Draw({ campaign: c, onAdded, whom }: Props & { whom?: Whom }) {
  const { t } = useTranslation()
  const audiences = useQuery(audiencesQuery)
  const fill = useMutation({
    mutationFn: (body: Whom) => ask(api.POST('/api/v1/campaigns/{campaign}/recipients/contacts', { params: { path: { campaign: c.id } }, body })),
    onError: refused,
    onSettled: onAdded,
  })
  const [when, setWhen] = useState<'now' | 'start'>('now')
  const draw = useMutation({
    // Null takes what is there away (RFC 7396).
    mutationFn: (them?: Whom) => {
      const body = { contacts: them ? { audience: null, filter: null, ...them, at: 'start' } : null } as unknown as Schemas['CampaignEdit']
      return ask(api.PATCH('/api/v1/campaigns/{campaign}', { params: { path: { campaign: c.id } }, body }))
    },
    onError: refused,
    onSettled: onAdded,
  })
  const f = fill.data
  return (
    <>
      {c.can.includes('edit') && (
        <Radio.Group label={t('wizard.drawn')} value={when} onChange={(v) => setWhen(v === 'start' ? 'start' : 'now')}>
          <Stack gap="xs" mt="xs">
            <Radio value="now" label={t('wizard.drawnNow')} />
            <Radio value="start" label={t('wizard.drawnAtStart')} />
          </Stack>
        </Radio.Group>
      )}
      <Group>
        <Button variant="light" disabled={!whom} loading={fill.isPending || draw.isPending} onClick={() => whom && (when === 'start' ? draw.mutate(whom) : fill.mutate(whom))}>
          {t('wizard.add')}
        </Button>
      </Group>
      {c.contacts && (
        <Alert color="brand" variant="light" role="status" title={t('wizard.draws', { name: audiences.data?.items.find((a) => a.id === c.contacts?.audience)?.name ?? t('wizard.aFilter') })}>
          {c.can.includes('edit') && (
            <UnstyledButton className="as-link" fz="sm" onClick={() => draw.mutate(undefined)}>
              {t('wizard.drawNoMore')}
            </UnstyledButton>
          )}
        </Alert>
      )}
      {f && (
        <Alert color="brand" variant="light" title={t('wizard.added', { count: f.added, people: number(f.added) })} role="status">
          {[
            f.duplicates > 0 && t('wizard.duplicates', { count: f.duplicates, number: number(f.duplicates) }),
            f.no_address + f.unreachable > 0 && t('wizard.unreachable', { count: f.no_address + f.unreachable, number: number(f.no_address + f.unreachable) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </Alert>
      )}
    </>
  )
}
