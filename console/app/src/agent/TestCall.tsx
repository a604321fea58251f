import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import { api, ask } from '@/api/client'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { lasting } from '@/locale/format'
import { Alert, Box, Button, Facts, Group, NativeChoice, Skeleton, Stack, Status, Text, Title } from '@/ui'
import { sandboxQuery } from '@/sandbox/queries'
import { testCallQuery } from './queries'
import { Turns } from './Rehearsal'
import type { Agent } from './script'

/** Has the agent call somebody who is not there: with signalling and sound, and nobody outside disturbed. */
export function TestCall({ agent: a, dirty }: { agent: Agent; dirty: boolean }) {
  const { t } = useTranslation()
  const box = useQuery(sandboxQuery)
  const [number, setNumber] = useState('')
  const [call, setCall] = useState<string>()
  const start = useMutation({
    mutationFn: (to: string) => ask(api.POST('/api/v1/agents/{agent}/test-calls', { params: { path: { agent: a.id } }, body: { number: to } })),
    onSuccess: (c) => setCall(c.id),
    onError: refused,
  })
  if (box.isPending) return <Skeleton height={160} aria-busy />
  if (box.error) return <Trouble error={box.error} again={() => void box.refetch()} />
  if (!box.data.running) return <Alert variant="light">{t('agent.noSandbox')}</Alert>
  const numbers = box.data.numbers
  const chosen = number || numbers.find((n) => n.key === '1')?.example || numbers[0]?.example || ''
  return (
    <Box className="card" p={{ base: 'md', sm: 'lg' }}>
      <Stack gap="md">
        <div>
          <Title order={2}>{t('agent.testCall')}</Title>
          <Text size="sm" c="dimmed">
            {t('agent.testCallAbout')} <Link to="/sandbox" className="as-link">{t('sandbox.title')}</Link>
          </Text>
        </div>
        {dirty && (
          <Alert color="yellow" variant="light">
            {t('agent.testSaved', { version: a.version })}
          </Alert>
        )}
        <Group align="flex-end" gap="xs">
          <div style={{ flex: '1 1 260px', maxWidth: 520 }}>
            <NativeChoice label={t('agent.callWhom')} value={chosen} onChange={setNumber} options={numbers.map((n) => ({ value: n.example, label: `${n.text} (${n.example})` }))} />
          </div>
          <Button onClick={() => start.mutate(chosen)} loading={start.isPending}>
            {t('agent.callNow')}
          </Button>
        </Group>
        {call && <Call agent={a.id} call={call} />}
      </Stack>
    </Box>
  )
}

/** One call, while it goes on and after it. */
function Call({ agent, call }: { agent: string; call: string }) {
  const { t } = useTranslation()
  const { data: c, error } = useQuery(testCallQuery(agent, call))
  if (error) return <Trouble error={error} />
  if (!c) return <Skeleton height={80} aria-busy />
  const e = c.ended
  if (!e)
    return (
      <Group role="status" gap="sm">
        <Status tone="live" live>
          {t(`campaign.stage.${c.stage}`)}
        </Status>
        <Text size="sm" className="numbers">
          {[c.number, c.step].filter(Boolean).join(' · ')}
        </Text>
      </Group>
    )
  return (
    <Stack gap="sm" role="status">
      <Group gap="sm">
        <Status tone={e.outcome === 'completed' ? 'good' : 'miss'}>{e.text}</Status>
        {e.goal && <Status tone="good">{t('agent.goal')}</Status>}
      </Group>
      <Facts
        of={[
          { name: t('agent.callNumber'), value: c.number },
          { name: t('agent.callAnswer'), value: [e.provider_code, e.reason?.text].filter(Boolean).join(' · ') || '–' },
          { name: t('agent.callRing'), value: lasting(e.ring_ms) },
          { name: t('agent.callTalk'), value: lasting(e.talk_ms) },
          ...Object.entries(e.collected).map(([name, value]) => ({ name, value })),
        ]}
      />
      {e.dialogue.length > 0 && <Turns of={e.dialogue} />}
    </Stack>
  )
}
