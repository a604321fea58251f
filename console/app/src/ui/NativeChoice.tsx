import { NativeSelect } from '@mantine/core'

interface Props {
  label: string
  value: string
  options: { value: string; label: string }[]
  disabled?: boolean
  onChange: (value: string) => void
}

/** One of some, always chosen. It is the browser's own, which a phone shows best. */
export function NativeChoice({ options, onChange, ...rest }: Props) {
  return <NativeSelect {...rest} data={options} onChange={(e) => onChange(e.currentTarget.value)} />
}
