import './settings.css'
import { qr } from './qr'

/** A text as a picture that a camera reads; nothing where the text is too long for one. It is black on white in both schemes: cameras want it so. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const rows = qr(text)
  if (!rows) return null
  const dark = rows.flatMap((row, y) => row.map((d, x) => (d ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join('')
  return (
    <svg className="qr" viewBox={`0 0 ${rows.length + 8} ${rows.length + 8}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <path d={dark} fill="#000" />
    </svg>
  )
}
