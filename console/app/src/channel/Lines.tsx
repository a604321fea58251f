import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { Trouble } from '@/app/Trouble'
import { moment, number } from '@/locale/format'
import { readable } from '@/locale/phone'
import { Box, Button, Empty, Group, IconPhone, IconPlus, Menu, OnPhone, Page, Skeleton, Status, Table, Text, type Column } from '@/ui'
import { ChannelIcon } from './ChannelIcon'
import { lineTroublesQuery, linesQuery, often } from './queries'
import type { Line } from './settings'
import { useLineState } from './state'

/** Where people are contacted from. */
export function Lines() {
  const { t } = useTranslation()
  const list = useQuery({ ...linesQuery, ...often })
  const troubles = useQuery(lineTroublesQuery)
  const stateOf = useLineState()
  const manages = useMay('manage')
  const sandbox = list.data?.items.some((l) => l.sandbox)
  const columns: Column<Line>[] = [
    {
      key: 'name', name: t('line.name'), phone: 'title',
      cell: (l) => (
        <Group gap={8} wrap="nowrap" align="flex-start">
          <ChannelIcon of={l.kind} />
          <div>
            <Link to="/lines/$line" params={{ line: l.id }} className="as-link wrap">
              {l.name}
            </Link>
            <Text size="sm" c="dimmed" visibleFrom="sm">
              {stateOf(l, troubles.data?.get(l.id)).about}
            </Text>
          </div>
        </Group>
      ),
    },
    { key: 'from', name: t('line.from'), phone: 'below', cell: (l) => <span className="numbers">{readable(l.from)}</span>, onPhone: (l) => [readable(l.from), stateOf(l, troubles.data?.get(l.id)).about].map((x) => <div key={x}>{x}</div>) },
    {
      key: 'health', name: t('line.health'), phone: 'aside',
      cell: (l) => {
        const s = stateOf(l, troubles.data?.get(l.id))
        return <Status tone={s.tone}>{s.word}</Status>
      },
    },
    {
      key: 'tested', name: t('line.lastTest'), phone: 'below',
      cell: (l) =>
        l.checked ? (
          <Group gap={8}>
            <Status tone={l.checked.ok ? (l.checked.changed ? 'idle' : 'good') : 'bad'}>{t(l.checked.ok ? 'line.worked' : 'line.failed')}</Status>
            <span className="numbers">
              <OnPhone>{t('line.lastTest')}</OnPhone>
              {moment(l.checked.at)}
            </span>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            {t('line.neverTested')}
          </Text>
        ),
    },
    { key: 'limit', name: t('line.concurrent'), end: true, cell: (l) => number(l.limits.concurrent) },
  ]
  const add = manages && (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={<IconPlus size={17} />}>{t('line.add')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['voice', 'email'] as const).map((kind) => (
          <Menu.Item key={kind} renderRoot={(props: object) => <Link to="/lines/new" search={{ kind }} {...props} />} leftSection={<ChannelIcon of={kind} />}>
            {t(`line.new.${kind}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
  return (
    <Page
      title={t('shell.lines')} about={t('line.about')}
      actions={
        <>
          {sandbox && (
            <Button component={Link} to="/sandbox" variant="default">
              {t('sandbox.title')}
            </Button>
          )}
          {add}
        </>
      }
    >
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={160} aria-busy />}
      {list.data?.items.length === 0 && (
        <Empty icon={<IconPhone size={36} stroke={1.5} />} title={t('line.none')} action={add}>
          {t('line.noneAbout')}
        </Empty>
      )}
      {(list.data?.items.length ?? 0) > 0 && (
        <Box className="card">
          <Table label={t('shell.lines')} rows={list.data?.items ?? []} columns={columns} id={(l) => l.id} />
        </Box>
      )}
    </Page>
  )
}
