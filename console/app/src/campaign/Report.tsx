import { useMutation } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { language, useTranslation } from '@/locale/language'
import { download } from '@/api/client'
import { refused } from '@/app/refused'
import { Button, IconDownload, Menu } from '@/ui'
import type { Campaign } from './words'

const Workbooks = lazy(() => import('./Workbooks'))

/** Downloads of a campaign's report, as the spreadsheets of the reader's language open it. */
export function Report({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation()
  const [books, setBooks] = useState(false)
  const get = useMutation({
    mutationFn: (rows: 'recipients' | 'attempts') => {
      const q = new URLSearchParams({ rows, words: language(), delimiter: language() === 'en' ? 'comma' : 'semicolon', bom: 'true' })
      return download(`/api/v1/campaigns/${encodeURIComponent(c.id)}/report?${q}`, `${c.name.replace(/[^\p{L}\p{N}]+/gu, '-')}-${rows}.csv`)
    },
    onError: refused,
  })
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDownload size={16} />} loading={get.isPending}>
            {t('campaign.report')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => get.mutate('recipients')}>{t('campaign.reportPeople')}</Menu.Item>
          <Menu.Item onClick={() => get.mutate('attempts')}>{t('campaign.reportAttempts')}</Menu.Item>
          <Menu.Item onClick={() => setBooks(true)}>{t('campaign.reportBook')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {books && (
        <Suspense>
          <Workbooks campaign={c} onClose={() => setBooks(false)} />
        </Suspense>
      )}
    </>
  )
}
