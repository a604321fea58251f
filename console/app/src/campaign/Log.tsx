import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { actorOf, changesOf, deedOf } from '@/access/deed'
import { api, ask } from '@/api/client'
import { More } from '@/app/More'
import { Trouble } from '@/app/Trouble'
import { exact } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { Box, Empty, Skeleton, Stack, Text, Timeline } from '@/ui'

const logQuery = (campaign: string) =>
  infiniteQueryOptions({
    queryKey: ['campaigns', 'log', campaign],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/audit', { params: { query: { subject_kind: 'campaign', subject: campaign, cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })

/** Who did what to a campaign, and what the engine did to it by itself. */
export function Log({ campaign }: { campaign: string }) {
  const { t } = useTranslation()
  const list = useInfiniteQuery(logQuery(campaign))
  const events = list.data?.pages.flatMap((p) => p.items) ?? []
  if (list.error) return <Trouble error={list.error} again={() => void list.refetch()} />
  if (list.isPending) return <Skeleton height={160} aria-busy />
  if (events.length === 0) return <Empty title={t('logAbout.none')} />
  return (
    <Box className="card" p="md">
      <Timeline bulletSize={14} lineWidth={2}>
        {events.map((e) => (
          <Timeline.Item
            key={`${e.at} ${e.request} ${e.operation}`}
            title={
              <Text size="sm" fw={600}>
                {actorOf(e)} {deedOf(e)}
              </Text>
            }
          >
            <Stack gap={2}>
              <Text size="sm" c="dimmed" className="numbers">
                {exact(e.at)}
              </Text>
              {e.text && (
                <Text size="sm" className="wrap">
                  {e.text}
                </Text>
              )}
              {changesOf(e) && (
                <Text size="sm" className="wrap">
                  {t('logAbout.changed', { fields: changesOf(e) })}
                </Text>
              )}
            </Stack>
          </Timeline.Item>
        ))}
      </Timeline>
      <More of={list} />
    </Box>
  )
}
