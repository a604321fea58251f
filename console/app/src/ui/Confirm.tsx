import { createContext, lazy, Suspense, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react'

export interface Question {
  title: string
  /** What will come of it, in numbers where there are any. */
  consequence: ReactNode
  yes: string
  no: string
  grave?: boolean
}

type Ask = (q: Question) => Promise<boolean>

const Context = createContext<Ask>(() => Promise.resolve(false))
const Dialog = lazy(() => import('./ConfirmDialog'))

/** Asks before something is done that cannot simply be undone. Closing the question is a no. */
export function useConfirm(): Ask {
  return useContext(Context)
}

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question>()
  const [open, setOpen] = useState(false)
  const answer = useRef<(yes: boolean) => void>(undefined)
  const ask = useCallback<Ask>((q) => {
    answer.current?.(false)
    setQuestion(q)
    setOpen(true)
    return new Promise((resolve) => {
      answer.current = resolve
    })
  }, [])
  const end = useMemo(
    () => (yes: boolean) => {
      setOpen(false)
      answer.current?.(yes)
      answer.current = undefined
    },
    [],
  )
  return (
    <Context.Provider value={ask}>
      {children}
      {question && (
        <Suspense>
          <Dialog question={question} open={open} onEnd={end} />
        </Suspense>
      )}
    </Context.Provider>
  )
}
