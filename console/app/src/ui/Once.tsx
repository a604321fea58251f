import { Alert, Button, Group, Stack } from '@mantine/core'
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import './settings.css'

interface Props {
  /** What is shown, a line each. */
  lines: string[]
  label: string
  warning: string
  words: { copy: string; copied: string; save?: string }
  /** The name of the file that it can be saved as. */
  file?: string
}

/** What the server shows this once: to be copied, or saved as a file. */
export function Once({ lines, label, warning, words, file }: Props) {
  const [copied, setCopied] = useState(false)
  const text = lines.join('\n')
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false))
  const save = () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }))
    link.download = file ?? ''
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <Stack gap="sm">
      <Alert color="yellow" variant="light">
        {warning}
      </Alert>
      <pre className="once" aria-label={label} role="group">
        {text}
      </pre>
      <Group gap="xs">
        {/* Pages that are not served over https may not write to the clipboard. */}
        {window.isSecureContext && (
          <Button variant="default" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
            {copied ? words.copied : words.copy}
          </Button>
        )}
        {file && words.save && (
          <Button variant="default" leftSection={<IconDownload size={16} />} onClick={save}>
            {words.save}
          </Button>
        )}
      </Group>
      <span className="sr-only" role="status">
        {copied && words.copied}
      </span>
    </Stack>
  )
}
