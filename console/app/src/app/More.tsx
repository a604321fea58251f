import { useTranslation } from '@/locale/language'
import { Button, Group, Loader } from '@/ui'

interface Pages {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
  /** Whether the list goes on by itself, because it has shown too little. */
  looking?: boolean
}

/** Brings the next page of a list, when there is one. */
export function More({ of }: { of: Pages }) {
  const { t } = useTranslation()
  if (!of.hasNextPage) return null
  if (of.looking)
    return (
      <Group justify="center" p="sm" gap="xs" role="status">
        <Loader size="xs" aria-hidden /> {t('action.looking')}
      </Group>
    )
  return (
    <Group justify="center" p="sm">
      <Button variant="default" loading={of.isFetchingNextPage} onClick={() => of.fetchNextPage()}>
        {t('action.loadMore')}
      </Button>
    </Group>
  )
}
