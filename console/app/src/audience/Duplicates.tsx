import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '@/access/queries'
import { More } from '@/app/More'
import { Trouble } from '@/app/Trouble'
import { useFull } from '@/app/useFull'
import { number } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { readable } from '@/locale/phone'
import { Box, Button, Empty, IconArrowLeft, IconUsersGroup, Page, SegmentedControl, Skeleton, Stack, Table, type Column } from '@/ui'
import { Merge } from './Merge'
import { groupsQuery, nameOf, shared, type Group, type Shared } from './queries'

const route = getRouteApi('/contacts/duplicates')

/** Contacts of the whole base that share something, to make one of them where they are one person. */
export function Duplicates() {
  const { t } = useTranslation()
  const { by = 'phone' } = route.useSearch()
  const go = useNavigate({ from: '/contacts/duplicates' })
  const may = useMay('operate')
  const list = useInfiniteQuery(groupsQuery(by))
  const [merging, setMerging] = useState<Group>()
  const groups = list.data?.pages.flatMap((p) => p.items) ?? []
  const full = useFull(list, groups.length, by)
  const columns: Column<Group>[] = [
    { key: 'value', name: t(`merge.by.${by}`), phone: 'title', cell: (g) => <span className="numbers">{readable(g.value)}</span> },
    { key: 'count', name: t('merge.count'), end: true, phone: 'aside', cell: (g) => number(g.count), onPhone: (g) => t('audience.count', { count: g.count, people: number(g.count) }) },
    {
      key: 'who', name: t('merge.who'), phone: 'below',
      cell: (g) => (
        <ul className="plain">
          {g.contacts.map((c) => (
            <li key={c.id}>
              <Link to="/contacts/$contact" params={{ contact: c.id }} className="as-link">
                {nameOf(c)}
              </Link>
            </li>
          ))}
        </ul>
      ),
    },
  ]
  return (
    <Stack gap="sm">
      <Link to="/contacts" className="back">
        <IconArrowLeft size={16} aria-hidden /> {t('shell.contacts')}
      </Link>
      <Page title={t('merge.list')} about={t('merge.listAbout')}>
        <SegmentedControl
          aria-label={t('merge.listBy')} value={by} onChange={(v) => void go({ search: { by: v as Shared } })} style={{ alignSelf: 'flex-start' }}
          data={shared.map((s) => ({ value: s, label: t(`merge.by.${s}`) }))}
        />
        {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
        {list.isPending && <Skeleton height={200} aria-busy />}
        {list.isSuccess && groups.length === 0 && !full.looking && (
          <Empty icon={<IconUsersGroup size={36} stroke={1.5} />} title={t('merge.none')}>
            {t('merge.noneAbout')}
          </Empty>
        )}
        {groups.length > 0 && (
          <Box className="card">
            <Table
              label={t('merge.list')} rows={groups} columns={columns} id={(g) => g.value}
              actions={(g) => may && (
                <Button size="xs" variant="default" onClick={() => setMerging(g)} aria-label={`${t('merge.look')}: ${readable(g.value)}`}>
                  {t('merge.look')}
                </Button>
              )}
            />
          </Box>
        )}
        <More of={full} />
        {merging && <Merge of={merging.contacts} onClose={() => setMerging(undefined)} onDone={() => setMerging(undefined)} />}
      </Page>
    </Stack>
  )
}
