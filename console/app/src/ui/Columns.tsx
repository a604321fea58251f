import { useElementSize } from '@mantine/hooks'
import './charts.css'

export interface Span {
  id: string
  /** What the span is called, in few signs. */
  name: string
  whole: number
  part: number
}

interface Props {
  spans: Span[]
  /** What the drawing shows, in a sentence. */
  label: string
  whole: string
  part: string
  /** How a number is written. */
  show: (n: number) => string
}

/** How wide it is where that cannot be measured. */
const usual = 640
const height = 200
const left = 44
const top = 8
const bottom = 22

/** The next round number that everything fits under. */
export function ceiling(n: number): number {
  if (n <= 5) return 5
  const step = 10 ** Math.floor(Math.log10(n))
  return [1, 2, 2.5, 5, 10].map((f) => f * step).find((c) => c >= n) ?? 10 * step
}

/** Spans of time as columns: of each the whole, and in it a part. Its numbers stand in a table beside it. */
export function Columns({ spans, label, whole, part, show }: Props) {
  const { ref, width: measured } = useElementSize()
  const width = measured || usual
  const most = ceiling(Math.max(...spans.map((s) => s.whole), 1))
  const wide = (width - left) / Math.max(spans.length, 1)
  const y = (n: number) => top + (height - top - bottom) * (1 - n / most)
  const every = Math.ceil((spans.length * 76) / (width - left))
  return (
    <>
      <div className="keys" aria-hidden>
        <span>
          <i /> {whole}
        </span>
        <span>
          <i className="part" /> {part}
        </span>
      </div>
      <div ref={ref}>
      <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {(most % 2 === 0 ? [0, 0.5, 1] : [0, 1]).map((f) => (
          <g key={f}>
            <line x1={left} x2={width} y1={y(f * most)} y2={y(f * most)} />
            <text x={left - 6} y={y(f * most) + 4} textAnchor="end">
              {show(f * most)}
            </text>
          </g>
        ))}
        {spans.map((s, i) => {
          const x = left + i * wide
          const w = Math.min(48, Math.max(1, wide * 0.7))
          return (
            <g key={s.id}>
              <rect className="hit" x={x} y={top} width={wide} height={height - top - bottom}>
                <title>{`${s.name}: ${whole} ${show(s.whole)}, ${part} ${show(s.part)}`}</title>
              </rect>
              <rect className="whole" x={x + (wide - w) / 2} y={y(s.whole)} width={w} height={y(0) - y(s.whole)} pointerEvents="none" />
              <rect className="part" x={x + (wide - w) / 2} y={y(s.part)} width={w} height={y(0) - y(s.part)} pointerEvents="none" />
              {i % every === 0 && (
                <text x={x + wide / 2} y={height - 6} textAnchor="middle">
                  {s.name}
                </text>
              )}
            </g>
          )
        })}
      </svg>
      </div>
    </>
  )
}
