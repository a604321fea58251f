import { useMutation } from '@tanstack/react-query'
import { useTranslation } from '@/locale/language'
import { send, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { number } from '@/locale/format'
import { Alert, Text } from '@/ui'
import type { Campaign } from '../words'

type Enrolled = Schemas['Enrolled']

export interface Props {
  campaign: Campaign
  onAdded: () => void
}

/** Where a campaign takes files in; columns says what theirs hold. */
export const recipientsPath = (campaign: string, what: '' | '/preview', columns: Schemas['Mapped'][] = []) =>
  `/api/v1/campaigns/${encodeURIComponent(campaign)}/recipients${what}${columns.length > 0 ? `?columns=${encodeURIComponent(JSON.stringify(columns))}` : ''}`

/** Adds what a text or a file holds; the server finds out what it is. */
export function useAdd({ campaign: c, onAdded }: Props) {
  return useMutation({
    mutationFn: ({ body, columns }: { body: Blob; columns?: Schemas['Mapped'][] }) => send<Enrolled>(recipientsPath(c.id, '', columns), body, 'application/octet-stream'),
    onError: refused,
    onSettled: onAdded,
  })
}

/** What became of the rows. */
export function Added({ what: e }: { what: Enrolled }) {
  const { t } = useTranslation()
  return (
    <Alert color={e.refused > 0 ? 'yellow' : 'brand'} variant="light" title={t('wizard.added', { count: e.added, people: number(e.added) })} role="status">
      <Text size="sm">
        {[
          e.duplicates > 0 && t('wizard.duplicates', { count: e.duplicates, number: number(e.duplicates) }),
          e.refused > 0 && t('wizard.refused', { count: e.refused, number: number(e.refused) }),
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      <Refusals of={e.refusals} />
      {e.refusals.length > 10 && <Text size="sm">{t('wizard.moreRows', { count: e.refused - 10, number: number(e.refused - 10) })}</Text>}
    </Alert>
  )
}

/** The first rows that are refused, and why. */
export function Refusals({ of: list }: { of: Enrolled['refusals'] }) {
  const { t } = useTranslation()
  if (list.length === 0) return null
  return (
    <ul style={{ fontSize: 'var(--mantine-font-size-sm)' }}>
      {list.slice(0, 10).map((r) => (
        <li key={`${r.line} ${r.code} ${r.column ?? ''}`}>{t('wizard.row', { line: number(r.line), text: r.text })}</li>
      ))}
    </ul>
  )
}
