// Countries of two digits, after ITU-T E.164: 1 and 7 are of one, all others of three.
const two = /^(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/

/** A telephone number in E.164 as people read it; anything else, as an e-mail address, as it is. */
export function readable(address: string): string {
  const digits = /^\+(\d{8,15})$/.exec(address)?.[1]
  if (!digits) return address
  const brazil = /^55(\d\d)(\d{4,5})(\d{4})$/.exec(digits)
  if (brazil) return `+55 ${brazil[1]} ${brazil[2]}-${brazil[3]}`
  const country = /^[17]/.test(digits) ? 1 : two.test(digits) ? 2 : 3
  const rest = digits.slice(country)
  const head = rest.length % 3 === 1 ? rest.length - 4 : rest.length
  const groups = rest.slice(0, head).match(/\d{1,3}/g) ?? []
  return `+${[digits.slice(0, country), ...groups, rest.slice(head)].filter(Boolean).join(' ')}`
}
