import { useTranslation } from '@/locale/language'
import { Button, Group } from '@/ui'

interface Pages {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
}

/** Brings the next page of a list, when there is one. */
export function More({ of }: { of: Pages }) {
  const { t } = useTranslation()
  if (!of.hasNextPage) return null
  return (
    <Group justify="center" p="sm">
      <Button variant="default" loading={of.isFetchingNextPage} onClick={() => of.fetchNextPage()}>
        {t('action.loadMore')}
      </Button>
    </Group>
  )
}
