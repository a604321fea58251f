import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { agentsQuery } from '@/agent/queries'
import { More } from '@/app/More'
import { Trouble } from '@/app/Trouble'
import { ChannelIcon } from '@/channel/ChannelIcon'
import { linesQuery } from '@/channel/queries'
import { number, percent } from '@/locale/format'
import { Button, Choice, Empty, Figure, Group, IconPlus, IconSearch, IconSpeakerphone, Page, SimpleGrid, Skeleton, Stack, Status, Text, TextInput, Tiles, Title, useDebouncedValue } from '@/ui'
import { Actions } from './Actions'
import { useWorkspaceLive } from './live'
import { ProgressBar } from './Progress'
import { listQuery, summaryQuery } from './queries'
import { states, type Campaign, type State } from './words'

const route = getRouteApi('/campaigns')

/** All campaigns. */
export function List() {
  const { t } = useTranslation()
  const { search, status } = route.useSearch()
  const go = useNavigate({ from: '/campaigns' })
  const [typed, setTyped] = useState(search ?? '')
  const [settled] = useDebouncedValue(typed, 300)
  useEffect(() => void go({ search: (s) => ({ ...s, search: settled.trim() || undefined }), replace: true }), [settled, go])
  const archived = status === 'archived'
  const live = useWorkspaceLive()
  const list = useInfiniteQuery(listQuery({ search, status: archived ? undefined : (status as State), archived }, live))
  const campaigns = list.data?.pages.flatMap((p) => p.items) ?? []
  const filtered = Boolean(search ?? status)
  const create = useMay('operate') && (
    <Button component={Link} to="/campaigns/new" leftSection={<IconPlus size={17} />}>
      {t('campaign.new')}
    </Button>
  )
  return (
    <Page title={t('shell.campaigns')} actions={create}>
      <Summary live={live} />
      <Group gap="sm">
        <TextInput
          style={{ flex: '1 1 240px' }}
          aria-label={t('campaign.search')}
          placeholder={t('campaign.search')}
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
        />
        <Choice
          aria-label={t('campaign.filter')} w={{ base: '100%', xs: 200 }} value={status ?? ''} none={t('campaign.anyState')} onChange={(v) => void go({ search: (s) => ({ ...s, status: v }) })}
          options={[...Object.keys(states).map((s) => ({ value: s, label: t(`campaign.state.${s as State}`) })), { value: 'archived', label: t('campaign.archived') }]}
        />
      </Group>
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.isSuccess && campaigns.length === 0 && (
        <Empty icon={<IconSpeakerphone size={36} stroke={1.5} />} title={t(filtered ? 'campaign.noneFound' : 'campaign.none')} action={filtered ? undefined : create}>
          {t(filtered ? 'campaign.noneFoundAbout' : 'campaign.noneAbout')}
        </Empty>
      )}
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} spacing="md" component="ul" className="plain">
        {campaigns.map((c) => (
          <Card key={c.id} campaign={c} />
        ))}
      </SimpleGrid>
      <More of={list} />
    </Page>
  )
}

function Summary({ live }: { live: boolean }) {
  const { t } = useTranslation()
  const { data } = useQuery({ ...summaryQuery, refetchInterval: live ? false : 10_000 })
  return (
    <Tiles count={4}>
      <Figure name={t('campaign.summary.total')} value={data ? number(data.total) : '–'} />
      <Figure name={t('campaign.summary.active')} value={data ? number(data.active) : '–'} />
      <Figure name={t('campaign.summary.completed')} value={data ? number(data.completed) : '–'} />
      <Figure name={t('campaign.summary.success')} value={data ? percent(data.average_success_rate) : '–'} />
    </Tiles>
  )
}

function Waiting() {
  return (
    <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} spacing="md" aria-busy>
      {[1, 2, 3].map((i) => (
        <Skeleton key={i} height={190} />
      ))}
    </SimpleGrid>
  )
}

function Card({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation()
  const lines = useQuery(linesQuery)
  const agents = useQuery(agentsQuery)
  const by = [lines.data?.items.find((l) => l.id === c.line)?.name, agents.data?.items.find((a) => a.id === c.agent)?.name].filter(Boolean).join(' · ')
  return (
    <li className="card lively">
      <Stack gap="sm" p="md" h="100%" justify="space-between">
        <Stack gap={6}>
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Status tone={states[c.state]} live={c.state === 'active'}>
              {t(`campaign.state.${c.state}`)}
            </Status>
            <Group gap={4} wrap="nowrap">
              <Actions campaign={c} can={c.can} compact />
            </Group>
          </Group>
          <Title order={2} className="wrap">
            <Link to="/campaigns/$campaign" params={{ campaign: c.id }} className="card-link">
              {c.name}
            </Link>
          </Title>
          <Group gap={6} wrap="nowrap" c="dimmed">
            <ChannelIcon of={c.channel} size={16} />
            <Text size="sm" className="clip">
              {by || t(`channel.${c.channel}`)}
            </Text>
          </Group>
          {c.paused && (
            <Text size="sm" className="wrap">
              {c.paused.text}
            </Text>
          )}
        </Stack>
        <Stack gap={8}>
          <ProgressBar counts={c.counts} progress={c.rates.progress} />
          <Group justify="space-between" gap="xs">
            <Text size="sm" className="numbers">
              {t('campaign.progressOf', { percent: percent(c.rates.progress), settled: number(c.counts.settled), total: number(c.counts.total) })}
            </Text>
            {c.counts.attempts > 0 && (
              <Text size="sm" c="dimmed" className="numbers">
                {t('campaign.successOf', { percent: percent(c.rates.success_rate) })}
              </Text>
            )}
          </Group>
          {c.counts.in_flight > 0 && (
            <Text size="sm" className="numbers" fw={600}>
              {t(c.channel === 'voice' ? 'campaign.calling' : 'campaign.sending', { count: c.counts.in_flight, number: number(c.counts.in_flight) })}
            </Text>
          )}
        </Stack>
      </Stack>
    </li>
  )
}
