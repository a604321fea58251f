import { Group, Stack, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { ReactNode } from 'react'

export interface Column<T> {
  key: string
  name: string
  cell: (row: T) => ReactNode
  /** On a phone: the line in bold, beside it, or below; columns without a place are left out there. */
  phone?: 'title' | 'aside' | 'below'
  /** The cell as it is on a phone, where no head says what is in it. */
  onPhone?: (row: T) => ReactNode
  end?: boolean
  width?: number | string
}

interface Props<T> {
  label: string
  rows: T[]
  columns: Column<T>[]
  id: (row: T) => string
  /** The row's own actions. */
  actions?: (row: T) => ReactNode
}

/** True on a screen that a table does not fit on. */
export function usePhone(): boolean {
  return useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
}

/** What a value is, where no head of a column says it. */
export function OnPhone({ children }: { children: ReactNode }) {
  return usePhone() ? <span>{children}: </span> : null
}

/** Rows in columns; on a phone, a list. */
export function Table<T>({ label, rows, columns, id, actions }: Props<T>) {
  const phone = usePhone()
  if (phone) {
    const at = (place: Column<T>['phone']) => columns.filter((c) => c.phone === place)
    const show = (c: Column<T>, row: T) => (c.onPhone ?? c.cell)(row)
    return (
      <ul className="rows" aria-label={label}>
        {rows.map((row) => (
          <li key={id(row)}>
            <Stack gap={4}>
              <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs">
                <div className="row-head">
                  {at('title').map((c) => (
                    <div key={c.key} className="wrap">
                      {show(c, row)}
                    </div>
                  ))}
                  {at('aside').map((c) => (
                    <div key={c.key}>{show(c, row)}</div>
                  ))}
                </div>
                <div className="row-actions">{actions?.(row)}</div>
              </Group>
              {at('below').map((c) => (
                <Text key={c.key} size="sm" c="dimmed" component="div" className="wrap row-more">
                  {show(c, row)}
                </Text>
              ))}
            </Stack>
          </li>
        ))}
      </ul>
    )
  }
  return (
    <div style={{ overflowX: 'auto' }} tabIndex={-1}>
      <table className="table">
        <caption style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }}>{label}</caption>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.key} scope="col" className={c.end ? 'end' : undefined} style={{ width: c.width }}>
                {c.name}
              </th>
            ))}
            {actions && <td style={{ width: 48 }}>{'\u00a0'}</td>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {columns.map((c) => (
                <td key={c.key} className={c.end ? 'end numbers' : undefined}>
                  {c.cell(row)}
                </td>
              ))}
              {actions && <td className="end">{actions(row)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
