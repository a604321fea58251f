import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from '@/locale/language'
import { Refusal, type Schemas } from '@/api/client'
import { Alert, Box, Button, Group, IconRefresh, Kbd, Stack, Status, Text, TextInput, Title } from '@/ui'
import '@/ui/flow.css'
import '@/ui/talk.css'
import { rehearsalQuery } from './queries'
import type { Draft } from './script'

const keypad = [...'123456789*0#']

interface Props {
  draft: Draft
  answers: string[]
  onAnswers: (answers: string[]) => void
}

/** A call without a call: what the agent says, and what the person answers, typed or pressed. */
export function Rehearsal({ draft, answers, onAnswers }: Props) {
  const { t } = useTranslation()
  const [values, setValues] = useState<Record<string, string>>({})
  const [words, setWords] = useState('')
  const trial = useQuery(rehearsalQuery(draft, answers, values))
  const r = trial.error ? undefined : trial.data
  const waits = Boolean(r && !r.ended)
  const answer = (what: string) => onAnswers([...answers, what])
  const say = (e: FormEvent) => {
    e.preventDefault()
    if (words.trim()) answer(words.trim())
    setWords('')
  }
  return (
    <Box component="section" className="card" p="md" aria-label={t('agent.rehearsal')}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2}>{t('agent.rehearsal')}</Title>
          <Button variant="subtle" size="compact-sm" leftSection={<IconRefresh size={15} />} onClick={() => onAnswers([])}>
            {t('agent.again')}
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          {t('agent.rehearsalAbout')}
        </Text>
        {trial.error instanceof Refusal && (
          <Alert color="yellow" variant="light">
            {t('agent.mendFirst', { count: trial.error.errors.length })}
          </Alert>
        )}
        {r && (
          <div role="log" aria-live="polite">
            <Turns of={r.dialogue} />
          </div>
        )}
        {r && (
          <Group gap="xs">
            {r.goal && <Status tone="good">{t('agent.goal')}</Status>}
            {r.opted_out && <Status tone="stop">{t('agent.optedOut')}</Status>}
            {r.ended && <Status tone="idle">{t('agent.ended')}</Status>}
            {Object.entries(r.collected).map(([name, value]) => (
              <Kbd key={name}>{`${name} = ${value}`}</Kbd>
            ))}
          </Group>
        )}
        {waits && (
          <>
            <div className="keypad">
              {keypad.map((k) => (
                <Button key={k} variant="default" aria-label={t('agent.press', { key: k })} onClick={() => answer(k)}>
                  {k}
                </Button>
              ))}
            </div>
            <form onSubmit={say}>
              <Group gap="xs" align="flex-end" wrap="nowrap">
                <TextInput label={t('agent.speak')} value={words} onChange={(e) => setWords(e.currentTarget.value)} style={{ flex: 1 }} />
                <Button type="submit" variant="light" disabled={!words.trim()}>
                  {t('agent.speakNow')}
                </Button>
              </Group>
            </form>
            <Group gap="xs">
              <Button variant="subtle" size="compact-sm" onClick={() => answer('')}>
                {t('agent.silence')}
              </Button>
              <Button variant="subtle" size="compact-sm" onClick={() => answer('(hangup)')}>
                {t('agent.hangUp')}
              </Button>
            </Group>
          </>
        )}
        {r && r.needs.length + r.optional.length > 0 && (
          <Stack gap="xs">
            <Title order={3} fz={15}>
              {t('agent.variablesUsed')}
            </Title>
            <Text size="sm" c="dimmed">
              {t('agent.variablesUsedAbout')}
            </Text>
            {[...r.needs, ...r.optional].map((name) => (
              <TextInput
                key={name} size="xs" label={r.needs.includes(name) ? name : t('agent.optional', { name })} value={values[name] ?? ''} placeholder={`[${name}]`}
                onChange={(e) => {
                  const value = e.currentTarget.value
                  setValues((was) => Object.fromEntries(Object.entries({ ...was, [name]: value }).filter(([, v]) => v !== '')))
                }}
              />
            ))}
          </Stack>
        )}
      </Stack>
    </Box>
  )
}

/** What was said and pressed, with the steps between. */
export function Turns({ of }: { of: Schemas['TurnView'][] }) {
  const { t } = useTranslation()
  return (
    <ol className="dialogue">
      {of.map((turn, i) => (
        <li key={`${i} ${turn.text}`} className={turn.who} /* eslint-disable-line react/no-array-index-key -- a conversation only grows */>
          {turn.what === 'step' ? (
            <Text size="xs" c="dimmed" component="p" style={{ background: 'none', padding: '0 4px' }}>
              → {turn.text}
            </Text>
          ) : (
            <p>
              <b className="sr-only">{t(`campaign.who.${turn.who === 'person' ? 'person' : 'agent'}`)}: </b>
              {turn.what === 'key' ? t('campaign.pressed', { key: turn.text }) : turn.text || t('campaign.spoke')}
            </p>
          )}
        </li>
      ))}
    </ol>
  )
}
