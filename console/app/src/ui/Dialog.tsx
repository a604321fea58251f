import { Drawer, Modal, Text } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'

interface Props {
  title: ReactNode
  /** What closing is called, for who cannot see the cross. */
  close: string
  onClose: () => void
  opened?: boolean
  size?: string
  children: ReactNode
}

/** Gives the focus back to what had it, or to the button of the menu that it was in. The kit does so for dialogs alone that stay when they are closed. */
function useFocusBack(opened: boolean) {
  useEffect(() => {
    if (!opened) return
    const had = document.activeElement
    const menu = had?.closest('[role=menu]')?.getAttribute('aria-labelledby')
    return () => {
      setTimeout(() => {
        const back = had?.isConnected ? had : menu && document.getElementById(menu)
        if (back instanceof HTMLElement && document.activeElement === document.body) back.focus({ preventScroll: true })
      })
    }
  }, [opened])
}

// The kit's own heads are landmarks of the page, which a dialog's head is not.

/** A question or a form in front of the page. */
export function Dialog({ title, close, onClose, opened = true, size, children }: Props) {
  useFocusBack(opened)
  return (
    <Modal.Root opened={opened} onClose={onClose} size={size} centered>
      <Modal.Overlay />
      <Modal.Content>
        <div className="dialog-head">
          <Modal.Title>
            <Text fw={650} fz={17} component="span" className="wrap">
              {title}
            </Text>
          </Modal.Title>
          <Modal.CloseButton aria-label={close} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}

/** More about something of the page, beside it. */
export function Panel({ title, close, onClose, opened = true, size = 'lg', children }: Props) {
  useFocusBack(opened)
  return (
    <Drawer.Root opened={opened} onClose={onClose} position="right" size={size}>
      <Drawer.Overlay />
      <Drawer.Content>
        <div className="dialog-head">
          <Drawer.Title>
            <Text fw={650} fz={18} component="span" className="wrap">
              {title}
            </Text>
          </Drawer.Title>
          <Drawer.CloseButton aria-label={close} />
        </div>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  )
}
