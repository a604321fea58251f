import { Button } from '@mantine/core'
import type { ReactNode } from 'react'

/** The end of a dialog: the way back, and what the dialog is for. It stays in sight where the dialog is longer than the screen. */
export function Foot({ back, onBack, children }: { back: string; onBack: () => void; children: ReactNode }) {
  return (
    <div className="foot">
      <Button variant="default" onClick={onBack}>
        {back}
      </Button>
      {children}
    </div>
  )
}
