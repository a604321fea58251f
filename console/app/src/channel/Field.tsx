import { useTranslation } from '@/locale/language'
import { MultiSelect, NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@/ui'
import { at, isSet, shownAs, type Setting, type Value } from './settings'

interface Props {
  setting: Setting
  settings: Record<string, unknown>
  changed?: Value
  error?: string
  locked?: boolean
  onChange: (value: Value) => void
}

/** One setting of a line. A secret that is there shows that, never itself; writing replaces it. */
export function Field({ setting: s, settings, changed, error, locked, onChange }: Props) {
  const { t } = useTranslation()
  const label = t(`line.setting.${s.key}`)
  const have = at(settings, s.path)
  const value = changed ?? (typeof have === 'object' ? '' : (have as Value | undefined)) ?? ''
  const common = { label, error, disabled: locked }
  const placeholder = typeof s.unsaid === 'string' ? s.unsaid : undefined
  switch (s.as) {
    case 'number':
      return <NumberInput {...common} placeholder={placeholder} value={value === '' ? '' : Number(value)} onChange={(v) => onChange(typeof v === 'number' ? v : '')} hideControls />
    case 'switch':
      return <Switch {...common} checked={value === '' ? s.unsaid === true : value === true} onChange={(e) => onChange(e.currentTarget.checked)} style={{ alignSelf: 'center' }} />
    case 'choice':
      return <Select {...common} value={String(value || s.options?.[0])} allowDeselect={false} onChange={(v) => onChange(v)} data={s.options?.map((o) => ({ value: o, label: s.key === 'tls' ? t(`line.encryption.${o as 'none'}`) : o ? (shownAs[o] ?? o) : t('line.sameStyle') })) ?? []} />
    case 'list':
      return <MultiSelect {...common} value={Array.isArray(changed) ? changed : Array.isArray(have) ? (have as string[]) : []} onChange={onChange} data={s.options ?? []} placeholder={t('line.anyCodec')} />
    case 'area':
      return <Textarea {...common} className="mono" value={String(value)} onChange={(e) => onChange(e.currentTarget.value)} autosize minRows={2} maxRows={8} />
    case 'secret':
      return (
        <PasswordInput
          {...common} value={String(changed ?? '')} autoComplete="new-password" placeholder={isSet(settings, s.path) ? t('line.unchanged') : undefined}
          onChange={(e) => onChange(e.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('line.show') }}
        />
      )
    case 'secretArea':
      return <Textarea {...common} className="mono" value={String(changed ?? '')} placeholder={isSet(settings, s.path) ? t('line.unchanged') : '-----BEGIN PRIVATE KEY-----'} onChange={(e) => onChange(e.currentTarget.value)} autosize minRows={2} maxRows={8} />
    default:
      return <TextInput {...common} placeholder={placeholder} value={String(value)} onChange={(e) => onChange(e.currentTarget.value)} />
  }
}
