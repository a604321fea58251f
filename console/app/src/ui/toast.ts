export interface Toast {
  id: number
  title: string
  text?: string
  bad: boolean
  /** What takes it back. */
  undo?: Undo
}

export interface Undo {
  name: string
  /** Who or what it was done to, where the news does not say so. */
  of?: string
  run: () => void
}

let toasts: Toast[] = []
let last = 0
const listeners = new Set<() => void>()

function become(next: Toast[]) {
  toasts = next
  for (const f of listeners) f()
}

function show(t: Omit<Toast, 'id'>, ms: number) {
  const id = ++last
  // The same news is told once, but each of what can be taken back has its own way back.
  become([...toasts.filter((x) => x.undo || x.title !== t.title || x.text !== t.text).slice(-3), { ...t, id }])
  setTimeout(() => toast.close(id), ms)
}

/** Short news at the edge of the window. Those of refusals stay long enough to be read. */
export const toast = {
  done: (title: string, undo?: Undo) => show({ title, text: undo?.of, bad: false, undo }, undo ? 10_000 : 4000),
  refused: (title: string, text?: string) => show({ title, text, bad: true }, 12_000),
  close: (id: number) => become(toasts.filter((t) => t.id !== id)),
  subscribe: (f: () => void) => {
    listeners.add(f)
    return () => listeners.delete(f)
  },
  all: () => toasts,
}
