/** Numbers that are multiplied at a time: a row has a multiple of them, filled up with zeros. */
const AT_A_TIME = 8
const BYTES = Float32Array.BYTES_PER_ELEMENT
const PAGE = 65_536

// The product as a WebAssembly module: JavaScript has no instructions that multiply four numbers at once, and with them comparing takes a third of the time
// (`npm run bench:gallery`). What is written, in a sum of four lanes for the first and for the second half of every eight numbers:
//
//   do {
//     first = second = 0; at = wanted
//     rowEnd = row + stride
//     do { first += row[0..3] * at[0..3]; second += row[4..7] * at[4..7]; row += 8; at += 8 } while (row < rowEnd)
//     *out++ = sum of the four lanes of first + second
//   } while (out < outEnd)
//
// Instructions by their names and bytes in https://webassembly.github.io/spec/core/binary/instructions.html. All numbers here are below 64, so that each is one byte
// of LEB128; an alignment is the exponent of a power of two.
const [I32, V128, VOID] = [0x7f, 0x7b, 0x40]
const END = 0x0b
const loop = (body: readonly number[]) => [0x03, VOID, ...body, END]
const brIf = (label: number) => [0x0d, label]
const localGet = (local: number) => [0x20, local]
const localSet = (local: number) => [0x21, local]
const i32Const = (value: number) => [0x41, value]
const i32LtU = [0x49]
const i32Add = [0x6a]
const f32Store = [0x38, 2, 0]
const f32Add = [0x92]
const v128Load = (offset: number) => [0xfd, 0x00, 4, offset]
const v128Xor = [0xfd, 0x51]
const f32x4ExtractLane = (lane: number) => [0xfd, 0x1f, lane]
const f32x4Add = [0xfd, 0xe4, 0x01]
const f32x4Mul = [0xfd, 0xe6, 0x01]

/** Runs the body again as long as one local is below another. */
const doWhileBelow = (local: number, end: number, body: readonly number[]) =>
  loop([...body, ...localGet(local), ...localGet(end), ...i32LtU, ...brIf(0)])
const move = (local: number, bytes: number) => [...localGet(local), ...i32Const(bytes), ...i32Add, ...localSet(local)]
/** What is exclusive with itself is 0. */
const clear = (local: number) => [...localGet(local), ...localGet(local), ...v128Xor, ...localSet(local)]

/** The body of `products(row, wanted, out, outEnd, stride)`, all in bytes: of each row from `row` on with `wanted`. */
function productsBody(): number[] {
  const [row, wanted, out, outEnd, stride] = [0, 1, 2, 3, 4]
  const [at, rowEnd, first, second] = [5, 6, 7, 8]
  const addProduct = (sum: number, offset: number) => [
    ...[...localGet(sum), ...localGet(row), ...v128Load(offset), ...localGet(at), ...v128Load(offset)],
    ...[...f32x4Mul, ...f32x4Add, ...localSet(sum)],
  ]
  const eight = [...addProduct(first, 0), ...addProduct(second, 16), ...move(row, 32), ...move(at, 32)]
  const lane = (index: number) => [...localGet(first), ...f32x4ExtractLane(index)]
  const lanes = [...lane(0), ...[1, 2, 3].flatMap(index => [...lane(index), ...f32Add])]
  const ofRow = [
    ...[...clear(first), ...clear(second), ...localGet(wanted), ...localSet(at)],
    ...[...localGet(row), ...localGet(stride), ...i32Add, ...localSet(rowEnd)],
    ...doWhileBelow(row, rowEnd, eight),
    ...[...localGet(first), ...localGet(second), ...f32x4Add, ...localSet(first)],
    ...[...localGet(out), ...lanes, ...f32Store, ...move(out, BYTES)],
  ]
  const locals = [2, ...[2, I32], ...[2, V128]]
  return [...locals, ...doWhileBelow(out, outEnd, ofRow), END]
}

/** A module that takes the memory `rows.memory` and gives `products`: https://webassembly.github.io/spec/core/binary/modules.html. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const body = productsBody()
  const name = (text: string) => [text.length, ...Buffer.from(text)]
  const size = (length: number) => [(length & 0x7f) | 0x80, length >> 7]
  const section = (id: number, bytes: readonly number[]) => [id, ...size(bytes.length), ...bytes]
  const [types, imports, functions, exports, code] = [1, 2, 3, 7, 10]
  return Uint8Array.of(
    ...[...Buffer.from('\0asm'), 1, 0, 0, 0],
    ...section(types, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
    ...section(imports, [1, ...name('rows'), ...name('memory'), 0x02, 0, 1]),
    ...section(functions, [1, 0]),
    ...section(exports, [1, ...name('products'), 0, 0]),
    ...section(code, [1, ...size(body.length), ...body]),
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
