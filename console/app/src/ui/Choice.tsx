import { NativeSelect, type NativeSelectProps } from '@mantine/core'

interface Props extends Omit<NativeSelectProps, 'data' | 'onChange' | 'value'> {
  value: string
  options: { value: string; label: string }[]
  /** What choosing nothing is called. */
  none: string
  onChange: (value: string | undefined) => void
}

/** One of a few, or none. It is the browser's own, which a phone shows best. */
export function Choice({ value, options, none, onChange, ...rest }: Props) {
  return <NativeSelect {...rest} value={value} data={[{ value: '', label: none }, ...options]} onChange={(e) => onChange(e.currentTarget.value || undefined)} />
}
