import { useState, type ReactNode } from 'react'
import { useTranslation } from '@/locale/language'
import type { Schemas } from '@/api/client'
import { ActionIcon, Button, Group, IconArrowUp, IconPlus, IconX, NativeChoice, NumberInput, SimpleGrid, Stack, TagsInput, Textarea, TextInput } from '@/ui'
import { end, kindOf, type Script, type Step } from './script'

type Ask = Schemas['Ask']
type Case = Schemas['Case']

interface Props {
  name: string
  step: Step
  script: Script
  /** Names of what is to be known after the call. */
  variables: string[]
  onChange: (s: Step) => void
  onRename: (name: string) => void
  onStart?: () => void
  onDone: () => void
}

/** Changes one step; what is wrong with it is told above it, where the step stands. */
export function StepForm({ name, step: s, script, variables, onChange, onRename, onStart, onDone }: Props) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState(name)
  const kind = kindOf(s)
  const target = (label: string, value: string | undefined, set: (to: string) => void, none?: string) => <Target key={label} label={label} value={value} script={script} onChange={set} none={none} />
  const next = kind !== 'branch' && kind !== 'goto' && kind !== 'hang_up' && kind !== 'ask' && target(t('agent.next'), s.next, (to) => onChange({ ...s, next: to }))
  const rename = () => {
    const to = typed.trim().replace(/\s+/g, '_')
    if (to && to !== name && to !== end && !script.steps[to]) onRename(to)
    else setTyped(name)
  }
  const words = (value: string | undefined, set: (v: string) => void) => (
    <Textarea label={t('agent.words')} description={t('agent.wordsAbout', { example: '{{first_name}}' })} value={value ?? ''} onChange={(e) => set(e.currentTarget.value)} autosize minRows={2} data-autofocus />
  )
  let body: ReactNode = null
  if (kind === 'say') body = words(s.say, (say) => onChange({ ...s, say }))
  if (kind === 'play') body = <TextInput label={t('agent.file')} value={s.play ?? ''} onChange={(e) => onChange({ ...s, play: e.currentTarget.value })} placeholder="aviso.wav" />
  if (kind === 'pause') body = <TextInput label={t('agent.pause')} value={s.pause ?? ''} onChange={(e) => onChange({ ...s, pause: e.currentTarget.value })} placeholder="2s" />
  if (kind === 'goto') body = target(t('agent.next'), s.goto, (goto) => onChange({ ...s, goto }))
  if (kind === 'set') body = <Sets of={s.set ?? {}} variables={variables} onChange={(set) => onChange({ ...s, set })} />
  if (kind === 'branch') body = <Cases of={s.branch ?? []} script={script} onChange={(branch) => onChange({ ...s, branch })} />
  if (kind === 'ask') {
    const a = s.ask as Ask
    const set = (part: Partial<Ask>) => onChange({ ...s, ask: { ...a, ...part } })
    body = (
      <>
        {a.play === undefined ? (
          words(a.say, (say) => set({ say }))
        ) : (
          <TextInput label={t('agent.file')} value={a.play} onChange={(e) => set({ play: e.currentTarget.value })} placeholder="pergunta.wav" />
        )}
        <Group gap="xs">
          <Button
            variant="subtle" size="compact-sm"
            onClick={() => set(a.play === undefined ? { say: undefined, play: '' } : { say: '', play: undefined })}
          >
            {t(a.play === undefined ? 'agent.askByFile' : 'agent.askByWords')}
          </Button>
        </Group>
        <Keys of={a.keys ?? {}} script={script} onChange={(keys) => set({ keys: Object.keys(keys).length > 0 ? keys : undefined })} />
        {a.collect && (
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput label={t('agent.collectInto')} value={a.collect.variable ?? ''} onChange={(e) => set({ collect: { ...a.collect, variable: e.currentTarget.value } })} list={undefined} />
            <NativeChoice
              label={t('agent.collectFormat')} value={a.collect.format ?? 'digits'} onChange={(v) => set({ collect: { ...(a.collect as Schemas['Collect']), format: v as Schemas['Collect']['format'] } })}
              options={(['digits', 'number', 'cpf', 'cnpj', 'date'] as const).map((v) => ({ value: v, label: t(`agent.format.${v}`) }))}
            />
            <Entry of={a.collect} onChange={(collect) => set({ collect })} />
            {target(t('agent.on.entered', { value: a.collect.variable ?? '' }), s.next, (to) => onChange({ ...s, next: to }))}
          </SimpleGrid>
        )}
        <Group gap="xs">
          <Button
            variant="subtle" size="compact-sm"
            onClick={() => {
              const { collect, ...rest } = a
              onChange({ ...s, ask: collect ? rest : { ...a, collect: { variable: variables[0] ?? '' } }, next: collect ? undefined : (s.next ?? end) })
            }}
          >
            {t(a.collect ? 'agent.collectNot' : 'agent.collect')}
          </Button>
        </Group>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {target(t('agent.on.speech'), a.any_speech, (to) => set({ any_speech: to || undefined }), t('agent.notHeard'))}
          {target(t('agent.on.noInput'), a.no_input || end, (to) => set({ no_input: to }))}
          <NumberInput label={t('agent.retries')} value={a.retries ?? 2} min={0} max={5} onChange={(v) => set({ retries: Number(v) })} />
          <TextInput label={t('agent.timeout')} value={a.timeout ?? ''} placeholder="6s" onChange={(e) => set({ timeout: e.currentTarget.value || undefined })} />
          {target(t('agent.on.silence'), a.silence, (to) => set({ silence: to || undefined }), t('agent.asksAgain'))}
          {target(t('agent.on.invalid'), a.invalid, (to) => set({ invalid: to || undefined }), t('agent.asksAgain'))}
          {a.any_speech && <TextInput label={t('agent.maxSpeech')} value={a.max_speech ?? ''} placeholder="20s" onChange={(e) => set({ max_speech: e.currentTarget.value || undefined })} />}
          <Interrupts value={a.interrupt} onChange={(interrupt) => set({ interrupt })} />
        </SimpleGrid>
      </>
    )
  }
  return (
    <Stack gap="sm">
      <TextInput label={t('agent.stepName')} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} onBlur={rename} onKeyDown={(e) => e.key === 'Enter' && rename()} maxLength={64} />
      {body}
      {(kind === 'say' || kind === 'play') && <Interrupts value={s.interrupt} onChange={(interrupt) => onChange({ ...s, interrupt })} />}
      {next}
      <Group justify="space-between">
        {onStart ? (
          <Button variant="subtle" size="compact-sm" onClick={onStart}>
            {t('agent.makeStart')}
          </Button>
        ) : (
          <span />
        )}
        <Button size="compact-sm" variant="light" onClick={onDone}>
          {t('action.done')}
        </Button>
      </Group>
    </Stack>
  )
}

/** Who may cut it short. */
function Interrupts({ value, onChange }: { value: Step['interrupt']; onChange: (v: Step['interrupt']) => void }) {
  const { t } = useTranslation()
  return (
    <NativeChoice
      label={t('agent.interrupt')} value={value ?? 'keys'} onChange={(v) => onChange(v as Step['interrupt'])}
      options={(['keys', 'speech', 'never'] as const).map((v) => ({ value: v, label: t(`agent.interrupts.${v}`) }))}
    />
  )
}

/** What makes several digits a good entry, and when it is over. */
function Entry({ of: c, onChange }: { of: Schemas['Collect']; onChange: (c: Schemas['Collect']) => void }) {
  const { t } = useTranslation()
  const number = (label: string, name: 'min' | 'max' | 'least' | 'most', about?: string) => (
    <NumberInput label={label} value={c[name] ?? ''} placeholder={about} hideControls onChange={(v) => onChange({ ...c, [name]: typeof v === 'number' ? v : undefined })} />
  )
  const format = c.format ?? 'digits'
  return (
    <>
      {(format === 'digits' || format === 'number') && (
        <>
          {number(t('agent.minDigits'), 'min', '1')}
          {number(t('agent.maxDigits'), 'max', '32')}
        </>
      )}
      {format === 'number' && (
        <>
          {number(t('agent.least'), 'least')}
          {number(t('agent.most'), 'most')}
        </>
      )}
      <NativeChoice
        label={t('agent.terminator')} value={c.terminator ?? '#'} onChange={(v) => onChange({ ...c, terminator: v as Schemas['Collect']['terminator'] })}
        options={(['#', '*', 'none'] as const).map((v) => ({ value: v, label: v === 'none' ? t('agent.noTerminator') : v }))}
      />
      <TextInput label={t('agent.digitPause')} value={c.pause ?? ''} placeholder="4s" onChange={(e) => onChange({ ...c, pause: e.currentTarget.value || undefined })} />
    </>
  )
}

interface TargetProps {
  label: string
  value?: string
  script: Script
  /** What leading nowhere is called, where that is possible. */
  none?: string
  onChange: (to: string) => void
}

/** A step to go to. */
function Target({ label, value, script, none, onChange }: TargetProps) {
  const { t } = useTranslation()
  const names = Object.keys(script.steps)
  const options = [...(none === undefined ? [] : [{ value: '', label: none }]), ...names.map((n) => ({ value: n, label: n })), { value: end, label: t('agent.end') }]
  if (value && value !== end && !names.includes(value)) options.push({ value, label: `${value} (?)` })
  return <NativeChoice label={label} value={value ?? ''} options={value === undefined && none === undefined ? [{ value: '', label: '' }, ...options] : options} onChange={onChange} />
}

function Keys({ of, script, onChange }: { of: Record<string, string>; script: Script; onChange: (keys: Record<string, string>) => void }) {
  const { t } = useTranslation()
  const free = [...'1234567890*#'].filter((k) => !(k in of))
  return (
    <Stack gap="xs">
      {Object.entries(of).map(([key, to]) => (
        <Group key={key} gap="xs" wrap="nowrap" align="flex-end">
          <div style={{ flex: 1 }}>
            <Target label={t('agent.on.key', { value: key })} value={to} script={script} onChange={(v) => onChange({ ...of, [key]: v })} />
          </div>
          <ActionIcon variant="subtle" color="gray" mb={4} aria-label={t('agent.removeKey', { key })} onClick={() => onChange(Object.fromEntries(Object.entries(of).filter(([k]) => k !== key)))}>
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group gap={4}>
        {free.map((k) => (
          <Button key={k} variant="default" size="compact-xs" aria-label={t('agent.addKey', { key: k })} leftSection={<IconPlus size={11} />} onClick={() => onChange({ ...of, [k]: end })}>
            {k}
          </Button>
        ))}
      </Group>
    </Stack>
  )
}

function Sets({ of, variables, onChange }: { of: Record<string, string>; variables: string[]; onChange: (set: Record<string, string>) => void }) {
  const { t } = useTranslation()
  const rows = Object.entries(of)
  const put = (i: number, row: [string, string]) => onChange(Object.fromEntries(rows.map((r, j) => (i === j ? row : r))))
  return (
    <Stack gap="xs">
      {rows.map(([name, value], i) => (
        <SimpleGrid key={i} cols={2} spacing="xs" /* eslint-disable-line react/no-array-index-key -- their names change while they are typed */>
          <NativeChoice label={t('agent.variable')} value={name} onChange={(n) => put(i, [n, value])} options={[...new Set([name, ...variables])].map((v) => ({ value: v, label: v }))} />
          <TextInput label={t('agent.value')} value={value} onChange={(e) => put(i, [name, e.currentTarget.value])} />
        </SimpleGrid>
      ))}
      <Group>
        {variables
          .filter((v) => !(v in of))
          .map((v) => (
            <Button key={v} variant="default" size="compact-xs" leftSection={<IconPlus size={11} />} onClick={() => onChange({ ...Object.fromEntries(rows.filter(([n]) => n)), [v]: '' })}>
              {v}
            </Button>
          ))}
      </Group>
    </Stack>
  )
}

function Cases({ of, script, onChange }: { of: Case[]; script: Script; onChange: (cases: Case[]) => void }) {
  const { t } = useTranslation()
  const put = (i: number, c: Case) => onChange(of.map((x, j) => (i === j ? c : x)))
  const earlier = (i: number) => onChange(of.map((c, j) => (j === i - 1 ? (of[i] as Case) : j === i ? (of[i - 1] as Case) : c)))
  return (
    <Stack gap="sm">
      {of.map((c, i) => (
        <Group key={i} gap="xs" wrap="nowrap" align="flex-start" className="card" p="sm" /* eslint-disable-line react/no-array-index-key -- cases are known by their place */>
          <SimpleGrid cols={{ base: 1, xs: c.else ? 1 : 2 }} spacing="xs" style={{ flex: 1 }}>
            {!c.else && (
              <>
                <TextInput label={t('agent.variable')} value={c.variable ?? ''} onChange={(e) => put(i, { ...c, variable: e.currentTarget.value })} />
                <NativeChoice
                  label={t('agent.holds')} value={c.exists === undefined ? 'values' : c.exists ? 'some' : 'none'}
                  onChange={(v) => put(i, { variable: c.variable, next: c.next, ...(v === 'values' ? { one_of: [] } : { exists: v === 'some' }) })}
                  options={(['values', 'some', 'none'] as const).map((v) => ({ value: v, label: t(`agent.when.${v}`) }))}
                />
                {c.exists === undefined && (
                  <TagsInput
                    label={t('agent.isOneOf')} value={c.one_of ?? (c.equals === undefined || c.equals === '' ? [] : [c.equals])}
                    onChange={(values) => put(i, { variable: c.variable, next: c.next, one_of: values })} clearable={false}
                  />
                )}
              </>
            )}
            <Target label={c.else ? t('agent.on.else') : t('agent.next')} value={c.next} script={script} onChange={(next) => put(i, { ...c, next })} />
          </SimpleGrid>
          {i > 0 && !c.else && (
            <ActionIcon variant="subtle" color="gray" mt={26} aria-label={t('agent.caseEarlier', { n: i + 1 })} onClick={() => earlier(i)}>
              <IconArrowUp size={16} />
            </ActionIcon>
          )}
          <ActionIcon variant="subtle" color="gray" mt={26} aria-label={t('agent.removeCase', { n: i + 1 })} onClick={() => onChange(of.filter((_, j) => i !== j))}>
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => onChange([{ variable: '', exists: true, next: end }, ...of])}>
          {t('agent.addCase')}
        </Button>
      </Group>
    </Stack>
  )
}
