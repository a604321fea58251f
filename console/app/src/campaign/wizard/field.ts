/** The id of the field in which something of a campaign is typed, by its path in the API. */
export const fieldId = (path: string) => `field-${path}`
