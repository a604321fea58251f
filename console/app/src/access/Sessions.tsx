import { moment } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { ActionIcon, Box, IconTrash, OnPhone, Stack, Status, Table, Text, type Column } from '@/ui'
import { deviceOf } from './device'
import type { Session } from './people'

/** Where somebody is signed in. Without onEnd there is nothing to be done about it here. */
export function SessionTable({ sessions, onEnd }: { sessions: Session[]; onEnd?: (s: Session) => void }) {
  const { t } = useTranslation()
  const device = (s: Session) => deviceOf(s.browser) || t('sessions.unknown')
  const columns: Column<Session>[] = [
    {
      key: 'device', name: t('sessions.device'), phone: 'title',
      cell: (s) => (
        <Stack gap={0}>
          <span>{device(s)}</span>
          {s.way === 'issuer' && (
            <Text size="sm" c="dimmed" fw={400}>
              {t('sessions.byIssuer')}
            </Text>
          )}
        </Stack>
      ),
    },
    { key: 'from', name: t('sessions.from'), phone: 'below', cell: (s) => <span className="numbers">{s.from}</span> },
    {
      key: 'seen', name: t('sessions.seen'), phone: 'below',
      cell: (s) => (s.current ? <Status tone="good">{t('sessions.current')}</Status> : <span className="numbers"><OnPhone>{t('sessions.seen')}</OnPhone>{moment(s.seen_at)}</span>),
    },
    { key: 'since', name: t('sessions.since'), cell: (s) => <span className="numbers">{moment(s.created_at)}</span> },
  ]
  return (
    <Box mx={{ base: -16, sm: 0 }}>
      <Table
        label={t('sessions.title')} rows={sessions} columns={columns} id={(s) => s.id}
        actions={onEnd && ((s) => !s.current && (
          <ActionIcon variant="subtle" color="gray" aria-label={`${t('sessions.end')}: ${device(s)}`} onClick={() => onEnd(s)}>
            <IconTrash size={17} />
          </ActionIcon>
        ))}
      />
    </Box>
  )
}
