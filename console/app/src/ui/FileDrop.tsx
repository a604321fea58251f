import { FileButton, Button, Text } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useState, type ReactNode } from 'react'

interface Props {
  title: string
  choose: string
  about?: ReactNode
  accept: string
  busy?: boolean
  onFile: (file: File) => void
}

/** A place to let a file fall on, with a button for everybody else. */
export function FileDrop({ title, choose, about, accept, busy, onFile }: Props) {
  const [over, setOver] = useState(false)
  return (
    <div
      className={`drop${over ? ' over' : ''}`}
      onDragOver={(e) => {
        e.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault()
        setOver(false)
        const file = e.dataTransfer.files[0]
        if (file && !busy) onFile(file)
      }}
    >
      <IconUpload size={28} stroke={1.5} aria-hidden />
      <Text fw={600}>{title}</Text>
      <FileButton accept={accept} onChange={(file) => file && onFile(file)}>
        {(props) => (
          <Button {...props} variant="default" loading={busy}>
            {choose}
          </Button>
        )}
      </FileButton>
      {about && (
        <Text size="sm" c="dimmed" maw={520} component="div">
          {about}
        </Text>
      )}
    </div>
  )
}
