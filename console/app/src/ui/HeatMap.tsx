import type { CSSProperties } from 'react'
import './charts.css'

export interface Heat {
  column: number
  row: number
  /** From 0 to 1; absent where there is nothing to show. */
  value?: number
  /** What stands in the cell. */
  text: string
  /** More of it, for who points at it. */
  about: string
}

interface Props {
  label: string
  corner: string
  columns: string[]
  rows: { id: number; name: string }[]
  cells: Heat[]
}

/** A table whose cells are the stronger the more there is. The number stands in each, so that nothing is told by colour alone. */
export function HeatMap({ label, corner, columns, rows, cells }: Props) {
  const at = new Map(cells.map((c) => [`${c.row} ${c.column}`, c]))
  const most = Math.max(...cells.map((c) => c.value ?? 0), 0)
  return (
    <table className="heat numbers">
      <caption className="sr-only">{label}</caption>
      <thead>
        <tr>
          <th scope="col">{corner}</th>
          {columns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.id}>
            <th scope="row">{r.name}</th>
            {columns.map((name, column) => {
              const c = at.get(`${r.id} ${column}`)
              return (
                <td key={name} title={c?.about} style={{ '--heat': most > 0 ? (c?.value ?? 0) / most : 0 } as CSSProperties}>
                  {c?.text}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
