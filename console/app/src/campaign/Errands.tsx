import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask, type Schemas } from '@/api/client'
import { refused } from '@/app/refused'
import { number } from '@/locale/format'
import { Box, Button, Group, Progress, Stack, Text } from '@/ui'
import { errandsQuery } from './queries'

/** What goes on in the background with many people of a campaign, and what could not be done. */
export default function Errands({ campaign }: { campaign: string }) {
  const list = useQuery(errandsQuery(campaign))
  const queries = useQueryClient()
  const shown = (list.data?.items ?? []).filter((e, i) => e.state === 'running' || (e.state === 'failed' && i === 0))
  const running = shown.filter((e) => e.state === 'running').length
  const busy = useRef(false)
  useEffect(() => {
    // The people look different when it is over.
    if (busy.current && running === 0) void queries.invalidateQueries({ queryKey: ['campaigns'] })
    busy.current = running > 0
  }, [running, queries])
  if (shown.length === 0) return null
  return (
    <Box className="card" p="md">
      <Stack gap="sm">
        {shown.map((e) => (
          <One key={e.id} of={e} campaign={campaign} />
        ))}
      </Stack>
    </Box>
  )
}

function One({ of: e, campaign }: { of: Schemas['ErrandView']; campaign: string }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/errands/{errand}/cancel', { params: { path: { errand: e.id ?? '' } } })),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: errandsQuery(campaign).queryKey }),
  })
  const name = e.action === 'copy' ? t('campaign.errand.copy') : t(`campaign.do.${e.action}`)
  return (
    <Stack gap={6} data-errand={e.state}>
      <Group justify="space-between" gap="xs">
        <Text fw={600} size="sm">
          {name}
        </Text>
        {e.can.includes('cancel') && (
          <Button size="compact-sm" variant="default" onClick={() => cancel.mutate()} loading={cancel.isPending}>
            {t('campaign.workbook.cancel')}
          </Button>
        )}
      </Group>
      {e.state === 'running' && <Progress value={e.progress / 10} animated aria-label={name} />}
      {e.failure && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {e.failure.text}
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {t('campaign.errand.so', { count: e.changed, people: number(e.changed) })}
      </Text>
    </Stack>
  )
}
