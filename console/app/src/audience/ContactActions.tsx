import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '@/access/queries'
import { api, ask, download } from '@/api/client'
import { refused } from '@/app/refused'
import { useTranslation } from '@/locale/language'
import { ActionIcon, IconBan, IconDots, IconDownload, IconTrash, IconUserOff, IconUsersGroup, Menu, toast, useConfirm } from '@/ui'
import { Erase } from './Erase'
import { OptOut } from './OptOut'
import { nameOf, type Contact } from './queries'

/** What is done to a contact as a whole. */
export function ContactActions({ contact: c }: { contact: Contact }) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const go = useNavigate()
  const queries = useQueryClient()
  const manages = useMay('manage')
  const [open, setOpen] = useState<'opt-out' | 'erase'>()
  const close = () => setOpen(undefined)
  const name = nameOf(c)
  const get = useMutation({
    mutationFn: () => download(`/api/v1/contacts/${encodeURIComponent(c.id)}/export`, `${name.replace(/[^\p{L}\p{N}]+/gu, '-')}.zip`),
    onSuccess: () => toast.done(t('contact.exported')),
    onError: refused,
  })
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/contacts/{contact}', { params: { path: { contact: c.id } } })),
    onSuccess: () => {
      toast.done(t('contact.deleted'))
      return go({ to: '/contacts' })
    },
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['contacts'] }),
  })
  const deleted = async () => {
    if (await confirm({ title: `${t('contact.delete')}: ${name}`, consequence: t('contact.deleteAbout'), yes: t('contact.delete'), no: t('action.back'), grave: true })) remove.mutate()
  }
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t('action.more', { name })} loading={get.isPending || remove.isPending}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconBan size={16} />} onClick={() => setOpen('opt-out')}>
            {t('contact.optOut')}
          </Menu.Item>
          <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => get.mutate()}>
            {t('contact.export')}
          </Menu.Item>
          <Menu.Item leftSection={<IconUsersGroup size={16} />} component={Link} to="/contacts/duplicates">
            {t('merge.list')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={16} />} color="var(--mantine-color-error)" onClick={() => void deleted()}>
            {t('contact.delete')}
          </Menu.Item>
          {manages && (
            <Menu.Item leftSection={<IconUserOff size={16} />} color="var(--mantine-color-error)" onClick={() => setOpen('erase')}>
              {t('erase.title')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {open === 'opt-out' && <OptOut contact={c} onClose={close} />}
      {open === 'erase' && <Erase contact={c} onClose={close} />}
    </>
  )
}
