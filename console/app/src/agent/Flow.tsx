import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import type { Schemas } from '@/api/client'
import { ActionIcon, Alert, Box, Button, Group, IconArrowDown, IconArrowUp, IconPencil, IconPlus, IconTrash, Menu, Stack, Status, Text, useConfirm, type Tone } from '@/ui'
import '@/ui/flow.css'
import { added, end, kindOf, kinds, moved, order, renamed, ways, without, type Kind, type Script, type Step, type Way } from './script'
import { StepForm } from './StepForm'

type Failure = Schemas['Failure']

const tones: Record<Kind, Tone> = {
  say: 'live', play: 'live', ask: 'wait', branch: 'miss', set: 'idle', goal: 'good', opt_out: 'stop', pause: 'idle', goto: 'idle', hang_up: 'bad',
}

interface Props {
  script: Script
  /** What is wrong, with fields below the script. */
  faults: Failure[]
  /** Where the rehearsal stands. */
  here?: string
  /** Nothing of it can be changed when absent. */
  onChange?: (s: Script) => void
  variables?: string[]
}

/** A script as people read it: its steps one after another, each with what it does and where it leads. */
export function Flow({ script, faults, here, onChange, variables = [] }: Props) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<string>()
  const { names, lost } = order(script)
  const general = faults.filter((f) => !f.field?.startsWith('steps.'))
  return (
    <Stack gap="sm">
      {general.length > 0 && (
        <Alert color="red" variant="light" role="alert">
          {general.map((f) => (
            <div key={`${f.code} ${f.field ?? ''}`}>{f.text}</div>
          ))}
        </Alert>
      )}
      <ol className="flow">
        {names.map((name) => (
          <li key={name} id={`step-${name}`}>
            <Card
              name={name} step={script.steps[name] as Step} script={script} lost={lost.has(name)} first={name === script.start} here={here === name} open={open === name} variables={variables}
              faults={faults.filter((f) => f.field === `steps.${name}` || f.field?.startsWith(`steps.${name}.`))} onOpen={(to) => setOpen(to)} onChange={onChange}
            />
          </li>
        ))}
      </ol>
      {names.length === 0 && onChange && (
        <Button variant="light" leftSection={<IconPlus size={16} />} onClick={() => onChange({ start: t('script.step.start'), steps: { [t('script.step.start')]: { say: '', next: end } } })}>
          {t('agent.firstStep')}
        </Button>
      )}
    </Stack>
  )
}

interface CardProps {
  name: string
  step: Step
  script: Script
  faults: Failure[]
  lost: boolean
  first: boolean
  here: boolean
  open: boolean
  variables: string[]
  onOpen: (name?: string) => void
  onChange?: (s: Script) => void
}

function Card({ name, step, script, faults, lost, first, here, open, variables, onOpen, onChange }: CardProps) {
  const { t } = useTranslation()
  const confirm = useConfirm()
  const kind = kindOf(step)
  const remove = async () => {
    const from = Object.keys(script.steps).filter((n) => n !== name && ways(script.steps[n] as Step).some((w) => w.to === name)).length
    const sure = await confirm({ title: t('agent.removeStep', { name }), consequence: t('agent.removeStepAbout', { count: from }), yes: t('agent.remove'), no: t('action.back'), grave: true })
    if (sure) onChange?.(without(script, name))
  }
  const add = (k: Kind) => {
    const next = added(script, name, k, t(`agent.stem.${k}`))
    onChange?.(next.script)
    onOpen(next.name)
  }
  const up = onChange && moved(script, name, true)
  const down = onChange && moved(script, name, false)
  return (
    <Box className={`card step tone-${tones[kind]}${faults.length > 0 ? ' wrong' : ''}${here ? ' here' : ''}`} px="md" py="sm">
      <Stack gap={8}>
        <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
          <Group gap={8} style={{ minWidth: 0 }}>
            <Text fw={650} component="h2" fz={15} m={0} className="wrap">
              {name}
            </Text>
            <Text size="sm" c="dimmed">
              {t(`agent.kind.${kind}`)}
            </Text>
            {first && <Status tone="live">{t('agent.start')}</Status>}
            {lost && <Status tone="miss">{t('agent.lost')}</Status>}
            {here && <Status tone="wait">{t('agent.here')}</Status>}
          </Group>
          {onChange && (
            <Group gap={0} wrap="nowrap">
              {up && (
                <ActionIcon variant="subtle" color="gray" aria-label={t('agent.earlier', { name })} onClick={() => onChange(up)}>
                  <IconArrowUp size={16} />
                </ActionIcon>
              )}
              {down && (
                <ActionIcon variant="subtle" color="gray" aria-label={t('agent.later', { name })} onClick={() => onChange(down)}>
                  <IconArrowDown size={16} />
                </ActionIcon>
              )}
              <ActionIcon variant="subtle" color="gray" aria-label={t('agent.editStep', { name })} aria-expanded={open} onClick={() => onOpen(open ? undefined : name)}>
                <IconPencil size={16} />
              </ActionIcon>
              <ActionIcon variant="subtle" color="gray" aria-label={t('agent.removeStep', { name })} onClick={() => void remove()}>
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          )}
        </Group>
        {faults.length > 0 && (
          <div role="alert">
            {faults.map((f) => (
              <Text key={`${f.code} ${f.field ?? ''}`} size="sm" style={{ color: 'var(--mantine-color-error)' }}>
                {f.text}
              </Text>
            ))}
          </div>
        )}
        {open && onChange ? (
          <StepForm
            name={name} step={step} script={script} variables={variables}
            onChange={(s) => onChange({ ...script, steps: { ...script.steps, [name]: s } })}
            onRename={(to) => {
              onChange(renamed(script, name, to))
              onOpen(to)
            }}
            onStart={first ? undefined : () => onChange({ ...script, start: name })}
            onDone={() => onOpen(undefined)}
          />
        ) : (
          <>
            <Does step={step} />
            <ul className="ways">
              {ways(step).map((w) => (
                <li key={`${w.on} ${w.value ?? ''}`}>
                  <On way={w} /> <Arrow to={w.to} known={Boolean(script.steps[w.to])} />
                </li>
              ))}
            </ul>
          </>
        )}
        {onChange && !open && (
          <Group>
            <Menu position="bottom-start">
              <Menu.Target>
                <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} aria-label={t('agent.addAfter', { name })}>
                  {t('agent.add')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {kinds.map((k) => (
                  <Menu.Item key={k} onClick={() => add(k)}>
                    {t(`agent.kind.${k}`)}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          </Group>
        )}
      </Stack>
    </Box>
  )
}

/** What a step does, in words. */
function Does({ step: s }: { step: Step }) {
  const { t } = useTranslation()
  const words = s.say ?? s.ask?.say
  const file = s.play ?? s.ask?.play
  return (
    <>
      {words !== undefined && (
        <Text size="sm" className="wrap" style={{ whiteSpace: 'pre-wrap' }}>
          {words ? `“${words}”` : t('agent.nothingSaid')}
        </Text>
      )}
      {file && <Text size="sm">{t('agent.plays', { file })}</Text>}
      {s.ask?.collect && <Text size="sm">{t('agent.collects', { name: s.ask.collect.variable ?? '', format: t(`agent.format.${s.ask.collect.format ?? 'digits'}`) })}</Text>}
      {s.set && (
        <Text size="sm" className="wrap">
          {Object.entries(s.set)
            .map(([name, value]) => `${name} = ${value}`)
            .join(', ')}
        </Text>
      )}
      {s.pause && <Text size="sm">{s.pause}</Text>}
    </>
  )
}

function On({ way: w }: { way: Way }) {
  const { t } = useTranslation()
  return <span>{t(`agent.on.${w.on}`, { value: w.value ?? '' })}</span>
}

/** An arrow to a step, which goes there. */
function Arrow({ to, known }: { to: string; known: boolean }) {
  const { t } = useTranslation()
  if (to === end) return <b>→ {t('agent.end')}</b>
  if (!known) return <b>→ {to || t('agent.nowhere')}</b>
  const go = () => document.getElementById(`step-${to}`)?.scrollIntoView({ block: 'start' })
  return (
    <button type="button" onClick={go}>
      → {to}
    </button>
  )
}
