import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { Trouble } from '@/app/Trouble'
import { ChannelIcon } from '@/channel/ChannelIcon'
import { Group, IconArrowLeft, Page, Skeleton, Stack, Status, TabList, Tabs, Text } from '@/ui'
import { Actions } from './Actions'
import { Now } from './Now'
import { campaignQuery, useLive } from './queries'
import { Recipients } from './Recipients'
import { Report } from './Report'
import { states } from './words'

// What is behind a tab comes when the tab is opened.
const Attempts = lazy(() => import('./Attempts').then((m) => ({ default: m.Attempts })))
const Results = lazy(() => import('./Results').then((m) => ({ default: m.Results })))
const Settings = lazy(() => import('./Settings').then((m) => ({ default: m.Settings })))
const Log = lazy(() => import('./Log').then((m) => ({ default: m.Log })))
const RecipientDrawer = lazy(() => import('./RecipientDrawer').then((m) => ({ default: m.RecipientDrawer })))

const route = getRouteApi('/campaigns/$campaign')
const tabs = ['recipients', 'attempts', 'results', 'settings', 'log'] as const

/** In place of a campaign that somebody deleted while it was looked at. */
function Gone() {
  const { t } = useTranslation()
  return (
    <Page title={t('campaign.gone')}>
      <Link to="/campaigns" className="as-link">
        {t('shell.campaigns')}
      </Link>
    </Page>
  )
}

/** One campaign, live. */
export function CampaignPage() {
  const { t } = useTranslation()
  const { campaign: id } = route.useParams()
  const { tab = 'recipients', who } = route.useSearch()
  const go = useNavigate({ from: '/campaigns/$campaign' })
  const query = useQuery(campaignQuery(id))
  const manages = useMay('manage')
  const { live, gone, pace } = useLive(id)
  const c = query.data
  if (gone) return <Gone />
  if (query.error) return <Trouble error={query.error} again={() => void query.refetch()} />
  if (!c) return <Skeleton height={320} aria-busy />
  const state = live?.state ?? c.state
  // Who is looked at stands in the address: it can be sent to somebody, and the browser's back closes it.
  const look = (one?: number) => void go({ search: (s) => ({ ...s, who: one }), resetScroll: false })
  // What the stream brought is newer than what was asked for.
  const now = live ? { ...c, state, can: live.can as typeof c.can, counts: live.counts, rates: live.rates } : c
  return (
    <Stack gap="sm">
      <Link to="/campaigns" className="back">
        <IconArrowLeft size={16} aria-hidden /> {t('shell.campaigns')}
      </Link>
      <Page
        title={c.name}
        heading={
          <Group gap="sm" component="span">
            {c.name}
            <Status tone={states[state]} live={state === 'active'}>
              {t(`campaign.state.${state}`)}
            </Status>
          </Group>
        }
        about={
          <Group gap={6} wrap="nowrap" align="flex-start" className="icon-line">
            <ChannelIcon of={c.channel} size={16} />
            <span className="wrap">{c.description || t(`channel.${c.channel}`)}</span>
          </Group>
        }
        actions={
          <>
            <Report campaign={now} />
            <Actions campaign={now} can={now.can} />
          </>
        }
      >
        <Now campaign={now} live={live} pace={pace} onPick={(status) => void go({ search: { tab: 'recipients', status } })} />
        <Tabs value={tab} onChange={(v) => void go({ search: (s) => ({ ...s, tab: v ?? undefined }) })} keepMounted={false}>
          <TabList open={tab}>
            {tabs
              .filter((name) => name !== 'log' || manages)
              .map((name) => (
              <Tabs.Tab key={name} value={name}>
                {t(name === 'attempts' && c.channel !== 'voice' ? 'campaign.tab.messages' : `campaign.tab.${name}`)}
              </Tabs.Tab>
            ))}
          </TabList>
          <Suspense fallback={<Skeleton height={240} aria-busy />}>
            <Tabs.Panel value="recipients">
              <Recipients campaign={now} onPick={look} />
            </Tabs.Panel>
            <Tabs.Panel value="attempts">
              <Attempts campaign={now} onPick={look} />
            </Tabs.Panel>
            <Tabs.Panel value="results">
              <Results campaign={now} />
            </Tabs.Panel>
            <Tabs.Panel value="settings">
              <Settings campaign={now} />
            </Tabs.Panel>
            <Tabs.Panel value="log">
              <Log campaign={id} />
            </Tabs.Panel>
          </Suspense>
        </Tabs>
        {who !== undefined && (
          <Suspense>
            <RecipientDrawer campaign={now} number={who} onClose={() => look(undefined)} />
          </Suspense>
        )}
        {query.isFetching && <Text className="sr-only">{t('action.loading')}</Text>}
      </Page>
    </Stack>
  )
}
