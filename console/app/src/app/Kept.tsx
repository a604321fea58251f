import { Fragment, useState, type ReactNode } from 'react'

interface Props<T> {
  of: T
  /** Draws the form of what is edited; saved says that it was. */
  children: (of: T, saved: () => void) => ReactNode
}

/**
 * A form of something that others may change, too. From the first touch it stays as it was when it was touched: nothing that
 * somebody has typed is lost because another person saves, and the server tells them so when they save. Otherwise it is drawn anew.
 */
export function Kept<T extends { revision: number }>({ of, children }: Props<T>) {
  const [touched, setTouched] = useState<T>()
  const shown = touched ?? of
  const touch = () => setTouched((was) => was ?? of)
  return (
    <div style={{ display: 'contents' }} onInput={touch} onClick={touch} role="presentation">
      <Fragment key={shown.revision}>{children(shown, () => setTouched(undefined))}</Fragment>
    </div>
  )
}
