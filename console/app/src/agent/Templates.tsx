import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import type { Schemas } from '@/api/client'
import { Trouble } from '@/app/Trouble'
import { ChannelIcon } from '@/channel/ChannelIcon'
import { moment } from '@/locale/format'
import { Box, Button, Empty, Group, IconPlus, IconTemplate, Page, Skeleton, Table, type Column } from '@/ui'
import { templatesQuery } from './queries'

type Template = Schemas['TemplateView']

/** The messages that campaigns begin with. */
export function Templates() {
  const { t } = useTranslation()
  const list = useQuery(templatesQuery)
  const columns: Column<Template>[] = [
    {
      key: 'name', name: t('template.name'), phone: 'title',
      cell: (m) => (
        <Group gap={8} wrap="nowrap">
          <ChannelIcon of={m.channel} />
          <Link to="/templates/$template" params={{ template: m.id }} className="as-link wrap">
            {m.name}
          </Link>
        </Group>
      ),
    },
    { key: 'subject', name: t('template.subject'), phone: 'below', cell: (m) => <span className="wrap">{m.message?.subject}</span> },
    { key: 'channel', name: t('campaign.field.channel'), cell: (m) => t(`channel.${m.channel}`) },
    { key: 'updated', name: t('template.updated'), cell: (m) => moment(m.updated_at) },
  ]
  const add = useMay('operate') && (
    <Button component={Link} to="/templates/new" leftSection={<IconPlus size={17} />}>
      {t('template.new')}
    </Button>
  )
  return (
    <Page title={t('shell.templates')} about={t('template.about')} actions={add}>
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={160} aria-busy />}
      {list.data?.items.length === 0 && (
        <Empty icon={<IconTemplate size={36} stroke={1.5} />} title={t('template.none')} action={add}>
          {t('template.noneAbout')}
        </Empty>
      )}
      {(list.data?.items.length ?? 0) > 0 && (
        <Box className="card">
          <Table label={t('shell.templates')} rows={list.data?.items ?? []} columns={columns} id={(m) => m.id} />
        </Box>
      )}
    </Page>
  )
}
