/** The tones that a state can have. */
export type Tone = 'good' | 'live' | 'wait' | 'miss' | 'bad' | 'stop' | 'idle'

export function Status({ tone, children, live }: { tone: Tone; children: string; live?: boolean }) {
  return <span className={`status tone-${tone}${live ? ' live' : ''}`}>{children}</span>
}

export interface Part {
  tone: Tone
  value: number
  label: string
}

/** A bar whose parts are of the whole. Its name says in words what it shows. */
export function Bar({ parts, whole, label }: { parts: Part[]; whole: number; label: string }) {
  return (
    <div className="bar" role="img" aria-label={label}>
      {parts.map((p) =>
        p.value > 0 && whole > 0 ? (
          <i key={p.label} className={`tone-${p.tone}`} style={{ width: `max(2px, ${(100 * p.value) / whole}%)` }} title={p.label} />
        ) : null,
      )}
    </div>
  )
}
