import { language } from './language'

/** A time zone as people call it: "Horário de Brasília". One that the browser does not know is called by its id. */
export function zoneName(id: string): string {
  try {
    const parts = new Intl.DateTimeFormat(language(), { timeZone: id, timeZoneName: 'longGeneric' }).formatToParts(new Date())
    return parts.find((p) => p.type === 'timeZoneName')?.value ?? id
  } catch {
    return id
  }
}
