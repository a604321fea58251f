import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useTranslation, withWords } from '@/locale/language'
import { useMay } from '@/access/queries'
import { number } from '@/locale/format'
import { ActionIcon, Button, IconArchive, IconCopy, IconDots, IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash, IconX, Menu, toast, useConfirm } from '@/ui'
import { useAct } from './queries'
import type { Action, Campaign } from './words'

const Duplicate = lazy(withWords(() => import('./Duplicate')))

const icons: Partial<Record<Action, ReactNode>> = {
  start: <IconPlayerPlay size={16} />, pause: <IconPlayerPause size={16} />, edit: <IconPencil size={16} />, duplicate: <IconCopy size={16} />,
  archive: <IconArchive size={16} />, unarchive: <IconArchive size={16} />, cancel: <IconX size={16} />, delete: <IconTrash size={16} />,
}

/** What takes an action back. */
const takesBack: Partial<Record<Action, 'archive' | 'unarchive'>> = { archive: 'unarchive', unarchive: 'archive' }

/** What may be done to a campaign, as the server says; the first of it as buttons, the rest in a menu. */
export function Actions({ campaign: c, can, compact }: { campaign: Campaign; can: readonly string[]; compact?: boolean }) {
  const { t } = useTranslation()
  const act = useAct()
  const may = useMay('operate')
  const confirm = useConfirm()
  const go = useNavigate()
  const [copying, setCopying] = useState(false)
  const name = (a: Action) => (a === 'start' && c.state === 'paused' ? t('campaign.action.resume') : t(`campaign.action.${a}`))

  const grave = (a: Action) => {
    const waiting = c.counts.total - c.counts.settled
    switch (a) {
      case 'start':
        return c.state === 'paused' ? undefined : t('campaign.confirm.start', { count: waiting, people: number(waiting) })
      case 'cancel':
        return t('campaign.confirm.cancel', { count: waiting, people: number(waiting) })
      case 'delete':
        return t('campaign.confirm.delete', { count: c.counts.total, people: number(c.counts.total), attempts: number(c.counts.attempts) })
      default:
        return undefined
    }
  }
  const run = async (a: Action) => {
    if (a === 'edit') return go({ to: '/campaigns/new', search: { draft: c.id } })
    if (a === 'duplicate') return setCopying(true)
    if (a === 'add_recipients') return go({ to: '/campaigns/new', search: { draft: c.id, step: 2 } })
    const consequence = grave(a)
    if (consequence && !(await confirm({ title: `${name(a)}: ${c.name}`, consequence, yes: name(a), no: t('action.back'), grave: a !== 'start' }))) return
    act.mutate(
      { campaign: c.id, action: a },
      {
        onSuccess: () => {
          const back = takesBack[a]
          toast.done(t(`campaign.done.${a}`, { name: c.name }), back && { name: t('action.undo'), run: () => act.mutate({ campaign: c.id, action: back }) })
          if (a === 'delete') void go({ to: '/campaigns' })
        },
      },
    )
  }
  const first: Action[] = (['start', 'pause'] as const).filter((a) => may && can.includes(a))
  const rest: Action[] = (['edit', 'add_recipients', 'duplicate', 'archive', 'unarchive', 'cancel', 'delete'] as const).filter((a) => may && can.includes(a))
  return (
    <>
      {first.map((a) =>
        compact ? (
          <ActionIcon key={a} variant="default" size="lg" aria-label={`${name(a)}: ${c.name}`} onClick={() => void run(a)} loading={act.isPending}>
            {icons[a]}
          </ActionIcon>
        ) : (
          <Button key={a} variant={a === 'start' ? 'filled' : 'default'} leftSection={icons[a]} onClick={() => void run(a)} loading={act.isPending}>
            {name(a)}
          </Button>
        ),
      )}
      {rest.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant={compact ? 'subtle' : 'default'} color="gray" size={compact ? 'lg' : 36} aria-label={t('action.more', { name: c.name })}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {rest.map((a) => (
              <Menu.Item key={a} leftSection={icons[a]} color={a === 'cancel' || a === 'delete' ? 'var(--mantine-color-error)' : undefined} onClick={() => void run(a)}>
                {name(a)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {copying && (
        <Suspense>
          <Duplicate campaign={c} onClose={() => setCopying(false)} />
        </Suspense>
      )}
    </>
  )
}
