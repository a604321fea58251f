import { CloseButton, Text, UnstyledButton } from '@mantine/core'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { useSyncExternalStore } from 'react'
import { toast } from './toast'

/** Where toasts appear. Screen readers say them when they come. */
export function Toasts({ close }: { close: string }) {
  const all = useSyncExternalStore(toast.subscribe, toast.all)
  return (
    <div className="toasts" role="status" aria-live="polite">
      {all.map((t) => (
        <div key={t.id} className={`toast card tone-${t.bad ? 'bad' : 'good'}`}>
          {t.bad ? <IconAlertTriangle size={19} aria-hidden /> : <IconCheck size={19} aria-hidden />}
          <div style={{ flex: 1, minWidth: 0 }} className="wrap">
            <Text size="sm" fw={600}>
              {t.title}
            </Text>
            {t.text && <Text size="sm">{t.text}</Text>}
          </div>
          {t.undo && (
            <UnstyledButton
              className="as-link" fz="sm" mih={24} px={6}
              onClick={() => {
                t.undo?.run()
                toast.close(t.id)
              }}
            >
              {t.undo.name}
            </UnstyledButton>
          )}
          <CloseButton size="sm" aria-label={close} onClick={() => toast.close(t.id)} />
        </div>
      ))}
    </div>
  )
}
