/**
 * QR codes (ISO/IEC 18004) of a text: bytes in UTF-8, error correction M, versions 1 to 20, which is 666 bytes. That is
 * more than any address of a second factor takes.
 */

const correction = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26] // bytes of each block
const blocks = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16]

/** How many bytes, data and correction together, a version has room for. */
function room(version: number): number {
  let modules = (16 * version + 128) * version + 64
  if (version >= 2) {
    const n = Math.floor(version / 7) + 2
    modules -= (25 * n - 10) * n - 55
  }
  if (version >= 7) modules -= 36
  return Math.floor(modules / 8)
}

const at = <T>(list: readonly T[], i: number): T => list[i] as T
const dataBytes = (version: number) => room(version) - at(correction, version) * at(blocks, version)

/** A product in the field of 256 elements by x^8 + x^4 + x^3 + x^2 + 1. */
function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((b >>> bit) & 1) * a
  }
  return product
}

/** The Reed-Solomon bytes of a block. */
function corrected(data: number[], length: number): number[] {
  const generator: number[] = Array.from({ length }, (_, i) => (i === length - 1 ? 1 : 0))
  for (let root = 1, i = 0; i < length; i++, root = times(root, 2)) {
    for (let j = 0; j < length; j++) generator[j] = times(at(generator, j), root) ^ (generator[j + 1] ?? 0)
  }
  const rest: number[] = Array.from({ length }, () => 0)
  for (const byte of data) {
    const factor = byte ^ (rest.shift() as number)
    rest.push(0)
    generator.forEach((g, i) => (rest[i] = at(rest, i) ^ times(g, factor)))
  }
  return rest
}

/** The bytes as they are drawn: in blocks, each with its correction, interleaved. */
function interleaved(text: Uint8Array, version: number): number[] {
  const long = version >= 10 ? 16 : 8
  const bits: number[] = []
  const put = (value: number, n: number) => {
    for (let i = n - 1; i >= 0; i--) bits.push((value >>> i) & 1)
  }
  put(4, 4)
  put(text.length, long)
  for (const b of text) put(b, 8)
  const capacity = dataBytes(version)
  put(0, Math.min(4, capacity * 8 - bits.length))
  put(0, (8 - (bits.length % 8)) % 8)
  const data: number[] = []
  for (let i = 0; i < bits.length; i += 8) data.push(bits.slice(i, i + 8).reduce((sum, bit) => sum * 2 + bit, 0))
  for (let fill = 0xec; data.length < capacity; fill ^= 0xec ^ 0x11) data.push(fill)

  const n = at(blocks, version)
  const short = Math.floor(capacity / n)
  const longer = capacity % n // as many blocks at the end have a byte more
  const parts: { data: number[]; ecc: number[] }[] = []
  for (let i = 0, from = 0; i < n; i++) {
    const part = data.slice(from, (from += short + (i >= n - longer ? 1 : 0)))
    parts.push({ data: part, ecc: corrected(part, at(correction, version)) })
  }
  const out: number[] = []
  for (let i = 0; i <= short; i++) for (const p of parts) if (i < p.data.length) out.push(at(p.data, i))
  for (let i = 0; i < at(correction, version); i++) for (const p of parts) out.push(at(p.ecc, i))
  return out
}

/** The remainder of a value that is shifted by as many bits as the divisor has beyond its first. */
function remainder(value: number, divisor: number, bits: number): number {
  let rest = value
  for (let i = 0; i < bits; i++) rest = (rest << 1) ^ ((rest >>> (bits - 1)) * divisor)
  return rest
}

const masks: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0, (_, y) => y % 2 === 0, (x) => x % 3 === 0, (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0, (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

class Grid {
  readonly version: number
  readonly size: number
  readonly dark: boolean[][]
  private readonly fixed: boolean[][]

  constructor(version: number) {
    this.version = version
    this.size = 17 + 4 * version
    this.dark = Array.from({ length: this.size }, () => Array<boolean>(this.size).fill(false))
    this.fixed = this.dark.map((row) => [...row])
    this.patterns()
  }

  private fix(x: number, y: number, dark: boolean) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return
    at(this.dark, y)[x] = dark
    at(this.fixed, y)[x] = true
  }

  /** What is the same in every code of the version. */
  private patterns() {
    const { size, version } = this
    for (let i = 0; i < size; i++) {
      this.fix(6, i, i % 2 === 0)
      this.fix(i, 6, i % 2 === 0)
    }
    for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) {
      for (let dy = -4; dy <= 4; dy++) {
        for (let dx = -4; dx <= 4; dx++) {
          const ring = Math.max(Math.abs(dx), Math.abs(dy))
          this.fix(cx + dx, cy + dy, ring !== 2 && ring !== 4)
        }
      }
    }
    const places = this.alignment()
    const last = places.length - 1
    places.forEach((cy, j) =>
      places.forEach((cx, i) => {
        if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return
        for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) this.fix(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1)
      }),
    )
    this.format(0)
    if (version < 7) return
    const bits = (version << 12) | remainder(version, 0x1f25, 12)
    for (let i = 0; i < 18; i++) {
      const [a, b] = [size - 11 + (i % 3), Math.floor(i / 3)]
      this.fix(a, b, ((bits >>> i) & 1) === 1)
      this.fix(b, a, ((bits >>> i) & 1) === 1)
    }
  }

  private alignment(): number[] {
    if (this.version === 1) return []
    const n = Math.floor(this.version / 7) + 2
    const step = Math.floor((this.version * 4 + n * 2 + 1) / (n * 2 - 2)) * 2
    return [6, ...Array.from({ length: n - 1 }, (_, i) => this.size - 7 - (n - 2 - i) * step)]
  }

  /** Says that the correction is M, and which mask lies on the data. */
  format(mask: number) {
    const { size } = this
    const bits = ((mask << 10) | remainder(mask, 0x537, 10)) ^ 0x5412
    const bit = (i: number) => ((bits >>> i) & 1) === 1
    for (let i = 0; i <= 5; i++) this.fix(8, i, bit(i))
    this.fix(8, 7, bit(6))
    this.fix(8, 8, bit(7))
    this.fix(7, 8, bit(8))
    for (let i = 9; i < 15; i++) this.fix(14 - i, 8, bit(i))
    for (let i = 0; i < 8; i++) this.fix(size - 1 - i, 8, bit(i))
    for (let i = 8; i < 15; i++) this.fix(8, size - 15 + i, bit(i))
    this.fix(8, size - 8, true)
  }

  /** Lays the bytes down, in columns of two from the right, upwards and downwards by turns. */
  fill(bytes: number[]) {
    const { size } = this
    let i = 0
    for (let right = size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5
      const up = ((right + 1) & 2) === 0
      for (let row = 0; row < size; row++) {
        const y = up ? size - 1 - row : row
        for (const x of [right, right - 1]) {
          if (at(at(this.fixed, y), x) || i >= bytes.length * 8) continue
          at(this.dark, y)[x] = ((at(bytes, i >>> 3) >>> (7 - (i & 7))) & 1) === 1
          i++
        }
      }
    }
  }

  /** Lays a mask on the data; laid on twice, it is gone. */
  mask(n: number) {
    const flips = at(masks, n)
    this.dark.forEach((row, y) => row.forEach((dark, x) => !at(at(this.fixed, y), x) && (row[x] = dark !== flips(x, y))))
    this.format(n)
  }

  /** How hard it is to read: long runs, blocks, what looks like a corner, and more of one colour. */
  penalty(): number {
    const { size, dark } = this
    const rows = dark.map((row) => row.map((d) => (d ? '1' : '0')).join(''))
    const columns = rows.map((_, x) => rows.map((row) => row[x]).join(''))
    let sum = 0
    for (const line of [...rows, ...columns]) {
      for (const run of line.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2
      sum += 40 * (line.match(/(?=10111010000|00001011101)/g) ?? []).length
    }
    for (let y = 1; y < size; y++) {
      for (let x = 1; x < size; x++) {
        const here = at(dark, y)[x]
        if (here === at(dark, y)[x - 1] && here === at(dark, y - 1)[x] && here === at(dark, y - 1)[x - 1]) sum += 3
      }
    }
    const share = (100 * rows.join('').replaceAll('0', '').length) / (size * size)
    return sum + 10 * Math.floor(Math.abs(share - 50) / 5)
  }
}

/** The modules of the smallest code of a text, row by row, true for dark; undefined when it is too long for one. */
export function qr(text: string): boolean[][] | undefined {
  const bytes = new TextEncoder().encode(text)
  const version = correction.findIndex((_, v) => v > 0 && dataBytes(v) * 8 >= 4 + (v >= 10 ? 16 : 8) + bytes.length * 8)
  if (version < 0) return undefined
  const grid = new Grid(version)
  grid.fill(interleaved(bytes, version))
  let best = { mask: 0, penalty: Infinity }
  for (let mask = 0; mask < masks.length; mask++) {
    grid.mask(mask)
    const penalty = grid.penalty()
    if (penalty < best.penalty) best = { mask, penalty }
    grid.mask(mask)
  }
  grid.mask(best.mask)
  return grid.dark
}
