import { Refusal } from '@/api/client'
import { refused } from './refused'

/** The words of a refusal about one field of a form; codes that are about it though they name none may be given. */
export function about(error: unknown, field: string, ...codes: string[]): string | undefined {
  if (!(error instanceof Refusal)) return undefined
  return error.about(field) ?? (codes.includes(error.code) ? error.message : undefined)
}

/** Shows why something was not done, unless the form tells it at one of its fields. */
export const refusedBut = (...told: string[]) => (error: unknown) => {
  if (!(error instanceof Refusal) || !told.some((name) => error.code === name || error.about(name))) refused(error)
}

/** The header that refuses a change when somebody was faster. */
export const revised = (revision: number) => ({ 'If-Match': `"${revision}"` })
