/** Numbers that are multiplied at a time: a row has a multiple of them, filled up with zeros. */
const AT_A_TIME = 8
const BYTES = Float32Array.BYTES_PER_ELEMENT
const PAGE = 65_536

// The product as a WebAssembly module, for JavaScript has no instructions that multiply four numbers at once: with them, comparing takes a fifth of the time.
// Bytes as in https://webassembly.github.io/spec/core/binary; all numbers here are below 64, so that each is one byte of LEB128.
const [I32, V128, VOID] = [0x7f, 0x7b, 0x40]
const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
const add = [0x6a]
const constant = (value: number) => [0x41, value]
const load = (local: number, offset: number) => [...get(local), 0xfd, 0x00, 4, offset]
const xor = [0xfd, 0x51]
const multiply4 = [0xfd, 0xe6, 0x01]
const add4 = [0xfd, 0xe4, 0x01]
const lane = (local: number, index: number) => [...get(local), 0xfd, 0x1f, index]
const addFloat = [0x92]
/** Runs the body again as long as one local is below another. */
const whileBelow = (local: number, end: number, body: readonly number[]) => [
  ...[0x03, VOID, ...body],
  ...[...get(local), ...get(end), 0x49, 0x0d, 0, 0x0b],
]
const move = (local: number, bytes: number) => [...get(local), ...constant(bytes), ...add, ...set(local)]
const clear = (local: number) => [...get(local), ...get(local), ...xor, ...set(local)]

/** `products(row, wanted, out, outEnd, stride)`, all in bytes: of each row from `row` on with `wanted`. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const [row, wanted, out, outEnd, stride, at, rowEnd, first, second] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  const addProduct = (sum: number, offset: number) => [
    ...[...get(sum), ...load(row, offset), ...load(at, offset), ...multiply4, ...add4, ...set(sum)],
  ]
  const eight = [...addProduct(first, 0), ...addProduct(second, 16), ...move(row, 32), ...move(at, 32)]
  const store = [...get(out), ...[0, 1, 2, 3].flatMap(k => [...lane(first, k), ...(k > 0 ? addFloat : [])])]
  const ofRow = [
    ...[...clear(first), ...clear(second), ...get(wanted), ...set(at)],
    ...[...get(row), ...get(stride), ...add, ...set(rowEnd), ...whileBelow(row, rowEnd, eight)],
    ...[...get(first), ...get(second), ...add4, ...set(first), ...store, 0x38, 2, 0, ...move(out, BYTES)],
  ]
  const body = [2, 2, I32, 2, V128, ...whileBelow(out, outEnd, ofRow), 0x0b]
  const name = (text: string) => [text.length, ...Buffer.from(text)]
  const size = (length: number) => [(length & 0x7f) | 0x80, length >> 7]
  const section = (id: number, bytes: readonly number[]) => [id, ...size(bytes.length), ...bytes]
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
    ...section(2, [1, ...name('rows'), ...name('memory'), 0x02, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('products'), 0, 0]),
    ...section(10, [1, ...size(body.length), ...body]),
  )
}

type Products = (row: number, wanted: number, out: number, outEnd: number, stride: number) => void

/** Rows that are compared at a time, at most. */
const ROWS = 8192

/** Rows of float32 numbers of one width beside each other, and their dot products with another row. */
export class DotProducts {
  readonly width: number
  /** Bytes of a row. */
  readonly #stride: number
  /** The row that others are multiplied with, then products, then rows. */
  readonly #memory = new WebAssembly.Memory({ initial: 1 })
  readonly #products: Products

  constructor(width: number) {
    this.width = width
    this.#stride = Math.ceil(width / AT_A_TIME) * AT_A_TIME * BYTES
    const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { rows: { memory: this.#memory } })
    this.#products = instance.exports.products as Products
    this.#makeRoom(this.#rowAt(0))
  }

  /** @param place of the row, from 0; rows that were never put are zeros  @param row [width] */
  put(place: number, row: Float32Array): void {
    this.#makeRoom(this.#rowAt(place + 1))
    new Float32Array(this.#memory.buffer, this.#rowAt(place), this.width).set(row)
  }

  /** Products of the first rows with another. @param wanted [width]  @param out [rows], where they are written
   *  @param from the first row; @returns the row to go on from, so that others get their turn between two calls */
  multiply(wanted: Float32Array, out: Float32Array, from: number): number {
    const to = Math.min(out.length, from + ROWS)
    this.#makeRoom(this.#rowAt(to))
    new Float32Array(this.#memory.buffer, 0, this.width).set(wanted)
    const products = new Float32Array(this.#memory.buffer, this.#stride, to - from)
    this.#products(this.#rowAt(from), 0, products.byteOffset, products.byteOffset + products.byteLength, this.#stride)
    out.set(products, from)
    return to
  }

  #rowAt(place: number): number {
    return this.#stride + ROWS * BYTES + place * this.#stride
  }

  /** Memory grows by half, so that adding costs little. */
  #makeRoom(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength
    if (missing > 0) this.#memory.grow(Math.ceil(Math.max(missing, this.#memory.buffer.byteLength / 2) / PAGE))
  }
}
