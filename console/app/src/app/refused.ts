import { Refusal, Unreachable } from '@/api/client'
import { t } from '@/locale/language'
import { toast } from '@/ui'

/** Shows why something was not done. */
export function refused(error: unknown) {
  if (error instanceof Refusal) toast.refused(error.title, error.errors.map((e) => e.text).join(' ') || error.message)
  else toast.refused(t(error instanceof Unreachable ? 'trouble.away' : 'trouble.broken'))
}
