import { Drawer, Modal, Text } from '@mantine/core'
import type { ReactNode } from 'react'

interface Props {
  title: ReactNode
  /** What closing is called, for who cannot see the cross. */
  close: string
  onClose: () => void
  opened?: boolean
  size?: string
  children: ReactNode
}

// The kit's own heads are landmarks of the page, which a dialog's head is not.

/** A question or a form in front of the page. */
export function Dialog({ title, close, onClose, opened = true, size, children }: Props) {
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
