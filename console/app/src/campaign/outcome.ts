import { hasWords, t } from '@/locale/language'

/** An outcome in words. A newer server may know others than we do: they are told by their code. */
export function outcomeName(code: string): string {
  const key = `campaign.outcome.${code}`
  return hasWords(key) ? t(key) : code
}
