import { expect, test } from 'vitest'
import { qr } from './qr'

const hex = (rows?: boolean[][]) => rows?.map((row) => Number.parseInt(row.map((d) => (d ? 1 : 0)).join(''), 2).toString(16)).join(' ')

// As a reader of another maker reads them: what is written here was read back as its text.
test('a text becomes the picture that readers read', () => {
  expect(hex(qr('a'))).toBe('1fcb7f 105641 175a5d 17565d 17495d 104641 1fd57f 1800 1056ce 1303b9 5cd60 ab3ea 1a7bff 1905 1fce9e 104447 174e9c 174be8 174bbb 1047e8 1fd526')
})

test.each([
  ['otpauth://totp/Ana?secret=JBSWY3DPEHPK3PXP', 29],
  ['x'.repeat(150), 49],
  ['x'.repeat(666), 97],
])('%s takes the smallest picture that it fits in', (text, size) => expect(qr(text)?.length).toBe(size))

test('what no picture of ours can hold is none', () => expect(qr('x'.repeat(667))).toBeUndefined())
