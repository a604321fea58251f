import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { api, ask } from '@/api/client'
import { about, refusedBut } from '@/app/form'
import { refused } from '@/app/refused'
import { moment } from '@/locale/format'
import { useTranslation } from '@/locale/language'
import { Alert, Button, Dialog, Foot, Group, Once, Radio, Stack, Text, TextInput, toast } from '@/ui'
import { invitationsQuery, membersQuery, roles, type Member, type Role } from './people'
import { selfQuery } from './queries'

/** The roles with what each may do. */
function Roles({ value, onChange, error }: { value: Role; onChange: (r: Role) => void; error?: string }) {
  const { t } = useTranslation()
  return (
    <Radio.Group label={t('users.role')} value={value} onChange={(v) => onChange(v as Role)} error={error}>
      <Stack gap="xs" mt="xs">
        {roles.toReversed().map((r) => (
          <Radio key={r} value={r} label={t(`role.${r}.name`)} description={t(`role.${r}.about`)} />
        ))}
      </Stack>
    </Radio.Group>
  )
}

/** Invites somebody; where no mail is sent, shows the link to hand over. */
export function Invite({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('operator')
  const invite = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/invitations', { body: { email: email.trim(), role } })),
    onSuccess: (made) => {
      if (!made.sent) return
      toast.done(t('users.sent', { email: made.email }))
      onClose()
    },
    onError: refusedBut('email', 'role'),
    onSettled: () => queries.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    invite.mutate()
  }
  const made = invite.data
  return (
    <Dialog onClose={onClose} title={t('users.invite')} close={t('action.close')}>
      {made?.link ? (
        <Stack>
          <Text size="sm">{t('users.handOver', { email: made.email, when: moment(made.ends_at) })}</Text>
          <Once lines={[made.link]} label={t('users.link')} warning={t('once.warning')} words={{ copy: t('once.copy'), copied: t('once.copied') }} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('action.done')}</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <TextInput label={t('signIn.email')} type="email" value={email} onChange={(e) => setEmail(e.currentTarget.value)} required data-autofocus error={about(invite.error, 'email')} />
            <Roles value={role} onChange={setRole} error={about(invite.error, 'role')} />
            <Foot back={t('action.back')} onBack={onClose}>
              <Button type="submit" loading={invite.isPending} disabled={!email.trim()}>
                {t('users.invite')}
              </Button>
            </Foot>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}

/** Changes what somebody is here. */
export function ChangeRole({ member: m, onClose }: { member: Member; onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [role, setRole] = useState<Role>(m.role)
  const save = useMutation({
    mutationFn: () => ask(api.PATCH('/api/v1/users/{user}', { params: { path: { user: m.id } }, body: { role } })),
    onSuccess: () => {
      toast.done(t('users.roleChanged', { name: m.name || m.email, role: t(`role.${role}.name`) }))
      onClose()
    },
    onError: refused,
    onSettled: () => Promise.all([membersQuery.queryKey, selfQuery.queryKey].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    save.mutate()
  }
  return (
    <Dialog onClose={onClose} title={`${t('users.changeRole')}: ${m.name || m.email}`} close={t('action.close')}>
      <form onSubmit={submit}>
        <Stack>
          <Roles value={role} onChange={setRole} />
          <Alert color={m.current && role !== m.role ? 'orange' : 'gray'} variant="light">
            {t(m.current && role !== m.role ? 'users.ownRole' : 'users.roleAtOnce')}
          </Alert>
          <Foot back={t('action.back')} onBack={onClose}>
            <Button type="submit" loading={save.isPending} disabled={role === m.role}>
              {t('users.changeRole')}
            </Button>
          </Foot>
        </Stack>
      </form>
    </Dialog>
  )
}
