import { Burger } from '@mantine/core'
import { useRef, type ReactNode } from 'react'
import './frame.css'

interface Props {
  words: { skip: string; menu: string }
  open: boolean
  onToggle: () => void
  brand: ReactNode
  tools: ReactNode
  menu: ReactNode
  children: ReactNode
}

/** The window: a bar above, a menu beside it (on a phone, behind a button), and the page. */
export function Frame({ words, open, onToggle, brand, tools, menu, children }: Props) {
  const main = useRef<HTMLElement>(null)
  return (
    <div className="frame">
      <a className="skip" href="#main" onClick={() => main.current?.focus()}>
        {words.skip}
      </a>
      <header className="frame-bar">
        <div className="frame-brand">
          <Burger className="frame-burger" opened={open} onClick={onToggle} size="sm" aria-label={words.menu} aria-expanded={open} />
          {brand}
        </div>
        <div className="frame-tools">{tools}</div>
      </header>
      <nav className={`frame-menu${open ? ' open' : ''}`} aria-label={words.menu}>
        {menu}
      </nav>
      <main id="main" ref={main} tabIndex={-1} className="frame-page">
        <div>{children}</div>
      </main>
    </div>
  )
}
