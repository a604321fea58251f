/** The id of the field in which something of a campaign is typed, by its path in the API. */
export const fieldId = (path: string) => `field-${path}`

/** Fields of a form that is being written. */
export interface Writing<F> {
  fields: F
  set: (part: Partial<F>) => void
  /** What the server says against a field. */
  wrong: (field: string) => string | undefined
  /** Whether the server lets a field be changed. */
  may: (field: string) => boolean
}
