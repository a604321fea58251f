import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { Question } from './Confirm'

/** The question that useConfirm asks. */
export default function ConfirmDialog({ question: q, open, onEnd }: { question: Question; open: boolean; onEnd: (yes: boolean) => void }) {
  return (
    <Modal opened={open} onClose={() => onEnd(false)} title={<Text fw={650}>{q.title}</Text>} centered closeButtonProps={{ 'aria-label': q.no }}>
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
    </Modal>
  )
}
