import type { ReactNode } from 'react'
import './settings.css'

/** Pages that belong together: links to them beside the one that is open; on a phone, above it. */
export function Sections({ label, links, children }: { label: string; links: ReactNode; children: ReactNode }) {
  return (
    <div className="settings">
      <nav aria-label={label}>{links}</nav>
      <div>{children}</div>
    </div>
  )
}
