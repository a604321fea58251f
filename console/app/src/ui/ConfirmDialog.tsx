import { Button, Group, Stack } from '@mantine/core'
import type { Question } from './Confirm'
import { Dialog } from './Dialog'

/** The question that useConfirm asks. */
export default function ConfirmDialog({ question: q, open, onEnd }: { question: Question; open: boolean; onEnd: (yes: boolean) => void }) {
  return (
    <Dialog opened={open} onClose={() => onEnd(false)} title={q.title} close={q.no}>
      <Stack>
        <div>{q.consequence}</div>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onEnd(false)}>
            {q.no}
          </Button>
          <Button color={q.grave ? 'red' : undefined} onClick={() => onEnd(true)} data-autofocus>
            {q.yes}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
