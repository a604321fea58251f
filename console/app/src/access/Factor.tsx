import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { api, ask, type Schemas } from '@/api/client'
import { about, refusedBut } from '@/app/form'
import { useTranslation } from '@/locale/language'
import { Button, Code, Dialog, Foot, Group, Once, PasswordInput, QrCode, Section, Stack, Status, Text, TextInput, toast } from '@/ui'
import { meQuery } from './people'

type Me = Schemas['MeView']
type Setup = Schemas['SetupView']
type Step = 'begin' | 'end' | 'renew'

/** The second factor: what it is, setting it up, taking it away, fresh recovery codes. */
export function Factor({ me }: { me: Me }) {
  const { t } = useTranslation()
  const [step, setStep] = useState<Step>()
  const on = me.user.second_factor
  const left = me.user.recovery_codes
  return (
    <Section
      title={t('factor.title')} about={t('factor.about')}
      actions={<Status tone={on ? 'good' : 'idle'}>{t(on ? 'factor.on' : 'factor.off')}</Status>}
    >
      {on && (
        <Text size="sm">
          {t('factor.left', { count: left })}
          {left < 3 && ` ${t('factor.fewLeft')}`}
        </Text>
      )}
      <Group gap="xs">
        {on ? (
          <>
            <Button variant="default" onClick={() => setStep('renew')}>
              {t('factor.renew')}
            </Button>
            <Button variant="default" color="red" onClick={() => setStep('end')}>
              {t('factor.end')}
            </Button>
          </>
        ) : (
          <Button onClick={() => setStep('begin')}>{t('factor.begin')}</Button>
        )}
      </Group>
      {step === 'begin' && <Begin onClose={() => setStep(undefined)} />}
      {(step === 'end' || step === 'renew') && <Prove what={step} onClose={() => setStep(undefined)} />}
    </Section>
  )
}

/** Brings the page up to date: what was withheld for want of a factor is not any more. */
function useChanged() {
  const queries = useQueryClient()
  return () => void queries.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'pulse' })
}

/** Sets a second factor up: the password, the picture with a first code, the recovery codes. */
function Begin({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const changed = useChanged()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [setup, setSetup] = useState<Setup>()
  const begin = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/me/second-factor', { body: { password } })),
    onSuccess: setSetup,
    onError: refusedBut('password', 'password_wrong'),
  })
  const finish = useMutation({
    mutationFn: () => ask(api.PUT('/api/v1/me/second-factor', { body: { code: code.trim() } })),
    onSuccess: changed,
    onError: refusedBut('code'),
  })
  const submit = (run: () => void) => (e: FormEvent) => {
    e.preventDefault()
    run()
  }
  const close = (
    <Button variant="default" onClick={onClose}>
      {t('action.back')}
    </Button>
  )
  return (
    <Dialog onClose={onClose} title={t('factor.begin')} close={t('action.close')}>
      {finish.data ? (
        <Codes codes={finish.data.codes} onClose={onClose} />
      ) : setup ? (
        <form onSubmit={submit(() => finish.mutate())}>
          <Stack>
            <Text size="sm">{t('factor.scan')}</Text>
            <Group justify="center">
              <QrCode text={setup.url} label={t('factor.picture')} />
            </Group>
            <Text size="sm" c="dimmed" component="div">
              {t('factor.byHand')} <Code className="wrap">{setup.secret.replace(/(.{4})(?=.)/g, '$1 ')}</Code>
            </Text>
            <TextInput
              label={t('factor.code')} value={code} onChange={(e) => setCode(e.currentTarget.value)} inputMode="numeric" autoComplete="one-time-code" required data-autofocus
              error={about(finish.error, 'code')}
            />
            <Group justify="flex-end">
              {close}
              <Button type="submit" loading={finish.isPending} disabled={!code.trim()}>
                {t('factor.confirm')}
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <form onSubmit={submit(() => begin.mutate())}>
          <Stack>
            <Text size="sm">{t('factor.passwordFirst')}</Text>
            <Secret value={password} onChange={setPassword} error={about(begin.error, 'password', 'password_wrong')} />
            <Group justify="flex-end">
              {close}
              <Button type="submit" loading={begin.isPending} disabled={!password}>
                {t('factor.next')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}

function Secret({ value, onChange, error }: { value: string; onChange: (v: string) => void; error?: string }) {
  const { t } = useTranslation()
  return (
    <PasswordInput
      label={t('account.currentPassword')} autoComplete="current-password" value={value} onChange={(e) => onChange(e.currentTarget.value)} required data-autofocus
      error={error} visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
    />
  )
}

function Codes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Stack>
      <Text size="sm">{t('factor.codesAbout')}</Text>
      <Once
        lines={codes} label={t('factor.codes')} warning={t('once.warning')} file="campanario-codes.txt"
        words={{ copy: t('once.copy'), copied: t('once.copied'), save: t('once.save') }}
      />
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('factor.kept')}</Button>
      </Group>
    </Stack>
  )
}

/** Asks for the password and a code before the factor is taken away, or its recovery codes are made anew. */
function Prove({ what, onClose }: { what: 'end' | 'renew'; onClose: () => void }) {
  const { t } = useTranslation()
  const changed = useChanged()
  const queries = useQueryClient()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const body = { password, code: code.trim() }
  const wrong = refusedBut('password', 'password_wrong', 'code')
  const renew = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/me/second-factor/codes', { body })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: meQuery.queryKey }),
    onError: wrong,
  })
  const end = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/me/second-factor/end', { body })),
    onSuccess: () => {
      toast.done(t('factor.ended'))
      onClose()
      changed()
    },
    onError: wrong,
  })
  const doing = what === 'end' ? end : renew
  const submit = (e: FormEvent) => {
    e.preventDefault()
    doing.mutate()
  }
  return (
    <Dialog onClose={onClose} title={t(`factor.${what}`)} close={t('action.close')}>
      {renew.data ? (
        <Codes codes={renew.data.codes} onClose={onClose} />
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm">{t(`factor.${what}About`)}</Text>
            <Secret value={password} onChange={setPassword} error={about(doing.error, 'password', 'password_wrong')} />
            <TextInput
              label={t('signIn.code')} description={t('signIn.codeAbout')} value={code} onChange={(e) => setCode(e.currentTarget.value)} autoComplete="one-time-code" required
              error={about(doing.error, 'code')}
            />
            <Foot back={t('action.back')} onBack={onClose}>
              <Button type="submit" color={what === 'end' ? 'red' : undefined} loading={doing.isPending} disabled={!password || !code.trim()}>
                {t(`factor.${what}`)}
              </Button>
            </Foot>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}
