import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMay } from '@/access/queries'
import { listed, number } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { Alert, Button, Group, IconUsersGroup, Stack, useDisclosure } from '@/ui'
import { Merge } from './Merge'
import { duplicatesQuery, type Contact } from './queries'

/** Says that others may be the same person, and leads to making one of them. */
export function Alike({ contact: c }: { contact: Contact }) {
  const { t } = useTranslation()
  const others = useQuery(duplicatesQuery(c.id))
  const [merging, dialog] = useDisclosure()
  const go = useNavigate()
  const may = useMay('operate')
  const alike = others.data?.items ?? []
  if (alike.length === 0) return null
  const shares = [...new Set(alike.flatMap((d) => d.shares))]
  return (
    <Alert color="yellow" variant="light" icon={<IconUsersGroup />} title={t('merge.alike', { count: alike.length, people: number(alike.length) })}>
      <Stack gap="xs" align="flex-start">
        <span>{t('merge.shares', { what: listed(shares.map((s) => t(`merge.by.${s as 'phone'}`))) })}</span>
        {may && (
          <Group>
            <Button size="xs" variant="default" onClick={dialog.open}>
              {t('merge.look')}
            </Button>
          </Group>
        )}
      </Stack>
      {merging && (
        <Merge
          of={[c, ...alike.map((d) => d.contact)]} onClose={dialog.close}
          onDone={(one) => {
            dialog.close()
            if (one.id !== c.id) void go({ to: '/contacts/$contact', params: { contact: one.id } })
          }}
        />
      )}
    </Alert>
  )
}
