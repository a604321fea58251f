import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from '@/locale/language'
import { useMay } from '@/access/queries'
import { api, ask, Refusal } from '@/api/client'
import { refused } from '@/app/refused'
import { Trouble } from '@/app/Trouble'
import { Uses } from '@/campaign/Uses'
import { usesQuery } from '@/channel/queries'
import { number } from '@/locale/format'
import { Button, Group, IconArrowLeft, IconTrash, Page, SegmentedControl, Skeleton, Stack, Status, TabList, Tabs, Textarea, toast, useConfirm, useDebouncedValue } from '@/ui'
import { AgentSettings } from './AgentSettings'
import { Flow } from './Flow'
import { agentQuery, rehearsalQuery } from './queries'
import { Rehearsal } from './Rehearsal'
import { draftOf, type Agent, type Draft, type Script } from './script'
import { TestCall } from './TestCall'
import { Versions } from './Versions'

/** One agent. */
export function AgentPage() {
  const { t } = useTranslation()
  const { agent: id } = useParams({ from: '/agents/$agent' })
  const agent = useQuery(agentQuery(id))
  const [tab, setTab] = useState('script') // stays open when what was saved is shown
  return (
    <Stack gap="sm">
      <Link to="/agents" className="back">
        <IconArrowLeft size={15} /> {t('shell.agents')}
      </Link>
      {agent.error && <Trouble error={agent.error} again={() => void agent.refetch()} />}
      {agent.isPending && <Skeleton height={300} aria-busy />}
      {agent.data && <Desk key={`${agent.data.id} ${agent.data.version}`} agent={agent.data} tab={tab} onTab={setTab} />}
    </Stack>
  )
}

const nothing: string[] = []
const noValues: Record<string, string> = {}

/** The agent on the desk: what is changed is tried at once, and the server says what is wrong where it is. */
function Desk({ agent: a, tab, onTab }: { agent: Agent; tab: string; onTab: (tab: string) => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const manages = useMay('manage')
  const operates = useMay('operate')
  const saved = useMemo(() => draftOf(a), [a])
  const [draft, setDraft] = useState<Draft>(saved)
  const [answers, setAnswers] = useState(nothing)
  const dirty = draft !== saved
  const [settled] = useDebouncedValue(draft, 350)
  const trial = useQuery(rehearsalQuery(settled, nothing, noValues))
  const said = useQuery(rehearsalQuery(settled, answers, noValues))
  const faults = trial.error instanceof Refusal ? trial.error.errors.map((f) => ({ ...f, field: f.field?.replace(/^agent\./, '') })) : []
  const change = (part: Partial<Draft>) => setDraft((was) => ({ ...was, ...part }))
  const save = useMutation({
    mutationFn: () => ask(api.PUT('/api/v1/agents/{agent}', { params: { path: { agent: a.id }, header: { 'If-Match': `"${a.version}"` } }, body: draft })),
    onSuccess: (r) => toast.done(t('agent.saved', { version: number(r.version) })),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: ['agents'] }),
  })
  const script = draft.script ?? { start: '', steps: {} }
  const ofScript = faults.filter((f) => f.field?.startsWith('script.') || f.field === 'script').map((f) => ({ ...f, field: f.field?.replace(/^script\.?/, '') }))
  const ofRest = faults.filter((f) => !f.field?.startsWith('script'))
  return (
    <Page
      title={a.name} about={t('agent.versionNow', { version: number(a.version) })}
      heading={
        <Group gap="sm">
          {draft.name || a.name}
          {dirty && <Status tone="wait">{t('agent.unsaved')}</Status>}
          {faults.length > 0 && <Status tone="bad">{t('agent.faults', { count: faults.length })}</Status>}
        </Group>
      }
      actions={
        manages && (
          <>
            <Remove agent={a} />
            {dirty && (
              <Button variant="default" onClick={() => setDraft(saved)}>
                {t('agent.discard')}
              </Button>
            )}
            <Button onClick={() => save.mutate()} loading={save.isPending} disabled={!dirty || faults.length > 0}>
              {t('action.save')}
            </Button>
          </>
        )
      }
    >
      <Tabs value={tab} onChange={(v) => onTab(v ?? 'script')} keepMounted={false}>
        <TabList open={tab}>
          <Tabs.Tab value="script">{t('agent.script')}</Tabs.Tab>
          {operates && <Tabs.Tab value="call">{t('agent.testCall')}</Tabs.Tab>}
          <Tabs.Tab value="settings">{t('agent.settings')}</Tabs.Tab>
          <Tabs.Tab value="versions">{t('agent.versions')}</Tabs.Tab>
          <Tabs.Tab value="uses">{t('line.uses')}</Tabs.Tab>
        </TabList>
        <Tabs.Panel value="script">
          <div className="desk">
            <ScriptEditor script={script} faults={ofScript} here={said.error ? undefined : said.data?.step} variables={(draft.variables ?? []).map((v) => v.name)} onChange={manages ? (s) => change({ script: s }) : undefined} />
            <div className="desk-side" id="rehearsal">
              <Rehearsal draft={settled} answers={answers} onAnswers={setAnswers} />
            </div>
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="call">
          <TestCall agent={a} dirty={dirty} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <AgentSettings draft={draft} faults={ofRest} locked={!manages} onChange={change} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <Versions agent={a} mayRestore={manages} dirty={dirty} />
        </Tabs.Panel>
        <Tabs.Panel value="uses">
          <Uses query={usesQuery({ agent: a.id })} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

interface EditorProps {
  script: Script
  faults: { code: string; text: string; field?: string }[]
  here?: string
  variables: string[]
  onChange?: (s: Script) => void
}

/** The script as a flow, or as the text that files hold. */
function ScriptEditor({ script, faults, here, variables, onChange }: EditorProps) {
  const { t } = useTranslation()
  const [view, setView] = useState('flow')
  const [text, setText] = useState('')
  const [broken, setBroken] = useState(false)
  const show = (v: string) => {
    if (v === 'text') setText(JSON.stringify(script, null, 2))
    setBroken(false)
    setView(v)
  }
  const write = (typed: string) => {
    setText(typed)
    try {
      const read = JSON.parse(typed) as Partial<Script> | null
      setBroken(typeof read?.steps !== 'object')
      if (typeof read?.steps === 'object') onChange?.({ start: read.start ?? '', steps: read.steps })
    } catch {
      setBroken(true)
    }
  }
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <SegmentedControl
          value={view} onChange={show} aria-label={t('agent.view')} data={[{ value: 'flow', label: t('agent.asFlow') }, { value: 'text', label: t('agent.asText') }]}
        />
        <Button hiddenFrom="md" variant="light" size="sm" onClick={() => document.getElementById('rehearsal')?.scrollIntoView()}>
          {t('agent.rehearsal')}
        </Button>
      </Group>
      {view === 'flow' ? (
        <Flow script={script} faults={faults} here={here} variables={variables} onChange={onChange} />
      ) : (
        <Textarea
          className="mono" label={t('agent.asText')} value={text} onChange={(e) => write(e.currentTarget.value)} readOnly={!onChange} autosize minRows={16} maxRows={40} spellCheck={false}
          error={broken ? t('agent.notJson') : faults.length > 0 ? faults.map((f) => `${f.field}: ${f.text}`).join(' ') : undefined}
        />
      )}
    </Stack>
  )
}

function Remove({ agent: a }: { agent: Agent }) {
  const { t } = useTranslation()
  const go = useNavigate()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const uses = useQuery(usesQuery({ agent: a.id }))
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/agents/{agent}', { params: { path: { agent: a.id } } })),
    onSuccess: () => {
      toast.done(t('agent.deleted'))
      void queries.invalidateQueries({ queryKey: ['agents'], refetchType: 'none' })
      void go({ to: '/agents' })
    },
    onError: refused,
  })
  const press = async () => {
    const n = uses.data?.items.length ?? 0
    const sure = await confirm({ title: t('agent.delete'), consequence: t('agent.deleteAbout', { name: a.name, count: n }), yes: t('agent.delete'), no: t('action.back'), grave: true })
    if (sure) remove.mutate()
  }
  return (
    <Button className="lesser" variant="default" leftSection={<IconTrash size={17} />} onClick={() => void press()} loading={remove.isPending}>
      {t('agent.delete')}
    </Button>
  )
}
