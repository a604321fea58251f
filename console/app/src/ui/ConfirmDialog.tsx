import { Button, Stack } from '@mantine/core'
import type { Question } from './Confirm'
import { Dialog } from './Dialog'
import { Foot } from './Foot'

/** The question that useConfirm asks. */
export default function ConfirmDialog({ question: q, open, onEnd }: { question: Question; open: boolean; onEnd: (yes: boolean) => void }) {
  return (
    <Dialog opened={open} onClose={() => onEnd(false)} title={q.title} close={q.no}>
      <Stack>
        <div>{q.consequence}</div>
        <Foot back={q.no} onBack={() => onEnd(false)}>
          <Button color={q.grave ? 'red' : undefined} onClick={() => onEnd(true)} data-autofocus>
            {q.yes}
          </Button>
        </Foot>
      </Stack>
    </Dialog>
  )
}
