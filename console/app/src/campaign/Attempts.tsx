import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from '@/locale/language'
import { More } from '@/app/More'
import { Trouble } from '@/app/Trouble'
import { exact, lasting, number } from '@/locale/format'
import { readable } from '@/locale/phone'
import { Address, Box, Empty, IconPhone, Skeleton, Status, Table, UnstyledButton, type Column } from '@/ui'
import { outcomeName } from './outcome'
import { attemptsQuery } from './queries'
import { classes, type Attempt, type Campaign } from './words'

/** The attempts of a campaign, the latest first. */
export function Attempts({ campaign: c, onPick }: { campaign: Campaign; onPick: (recipient: number) => void }) {
  const { t } = useTranslation()
  const list = useInfiniteQuery(attemptsQuery(c.id, c.state === 'active'))
  const attempts = list.data?.pages.flatMap((p) => p.items) ?? []
  const voice = c.channel === 'voice'
  const columns: Column<Attempt>[] = [
    {
      key: 'to', name: t('campaign.field.contact'), phone: 'title',
      cell: (a) => (
        <UnstyledButton className="as-link" onClick={() => onPick(a.recipient)}>
          <Address of={readable(a.to)} />
        </UnstyledButton>
      ),
    },
    { key: 'outcome', name: t('campaign.field.outcome'), phone: 'aside', cell: (a) => <Status tone={classes[a.class]}>{outcomeName(a.outcome)}</Status> },
    { key: 'at', name: t('campaign.field.when'), phone: 'below', cell: (a) => <span className="numbers">{exact(a.placed_at)}</span> },
    { key: 'nth', name: t('campaign.field.nth'), end: true, cell: (a) => number(a.attempt) },
    ...(voice ? [{ key: 'talk', name: t('campaign.field.talk'), end: true, phone: 'below' as const, cell: (a: Attempt) => (a.talk_ms > 0 ? lasting(a.talk_ms) : '') }] : []),
    { key: 'why', name: t('campaign.field.answer'), cell: (a) => `${a.provider_code} ${a.provider_text}`.trim() },
  ]
  if (list.error) return <Trouble error={list.error} again={() => void list.refetch()} />
  if (list.isPending) return <Skeleton height={240} aria-busy />
  if (attempts.length === 0) return <Empty icon={<IconPhone size={34} stroke={1.5} />} title={t('campaign.noAttempts')} />
  return (
    <Box className="card">
      <Table label={t('campaign.tab.attempts')} rows={attempts} columns={columns} id={(a) => a.id} />
      <More of={list} />
    </Box>
  )
}
