/** What of a merge patch says something else than another: the parts, by their first names, that are to be sent. */
export function changesOf<T extends object>(edit: T, before: object): T {
  const was = before as Record<string, unknown>
  return Object.fromEntries(Object.entries(edit).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name]))) as T
}
