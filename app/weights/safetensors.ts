import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { Problem } from '../problem.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import { bfloat16ToFloat32, float8ToFloat32, float16ToFloat32 } from './half.ts'
import { fileProblem, largestTransfer, NewFile, writeFileSafely } from './safe-file.ts'
import { type Dtype, dtypeBits, readHeader, type TensorEntry } from './safetensors-header.ts'

export { type Arrangement, type Dtype, dtypeBits, type TensorEntry } from './safetensors-header.ts'

/** A file whose header was read and found sound. No handle stays open. */
export interface SafetensorsFile {
  readonly path: string
  readonly byteLength: number
  /** The header's `__metadata__`: words of whoever wrote the file. */
  readonly metadata: Readonly<Record<string, string>>
  /** By name, in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

/** Reads and checks the header; no weights are read. Accepts what the format's own reader accepts, with sizes up to 2^53
 *  (github.com/huggingface/safetensors, `SafeTensors::read_metadata`), and refuses duplicate names as well.
 *  @throws Problem FILE_*, SAFETENSORS_* naming the file, what was found and what to do */
export function openSafetensors(path: string): SafetensorsFile {
  return withFile(path, file => {
    const byteLength = fstatSync(file).size
    const header = readHeader(path, byteLength, (offset, length) => readBytes(file, path, offset, length))
    return { path, byteLength, ...header }
  })
}

/** The bytes of a tensor (little-endian, row-major), in memory of their own.
 *  @throws Problem SAFETENSORS_KEY, SAFETENSORS_TRUNCATED, FILE_* */
export function readRaw(file: SafetensorsFile, name: string): Uint8Array<ArrayBuffer> {
  const entry = entryOf(file, name)
  return arranged(entry, readStored(file, entry))
}

/** The bytes of a tensor as they stand in the file. @throws Problem SAFETENSORS_TRUNCATED, FILE_* */
export const readStored = (
  { path }: Pick<SafetensorsFile, 'path'>,
  { offset, length }: TensorEntry,
): Uint8Array<ArrayBuffer> => withFile(path, handle => readBytes(handle, path, offset, length))

/** Puts bytes into the order of the shape. */
export function arranged(
  { shape, arrangement }: Pick<TensorEntry, 'shape' | 'arrangement'>,
  stored: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (arrangement === undefined) return stored
  const bytes = new Uint8Array(stored.length)
  const half = stored.length / 2
  if (arrangement === 'swapped') {
    bytes.set(stored.subarray(half))
    bytes.set(stored.subarray(0, half), half)
    return bytes
  }
  const [rows, columns] = shape
  const size = stored.length / (rows * columns)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (column * rows + row) * size
      bytes.set(stored.subarray(from, from + size), (row * columns + column) * size)
    }
  }
  return bytes
}

/** A tensor's values as float32: 16 and 8 bits of floating point are exact; float64 and integers beyond 2^24 are rounded to nearest.
 *  @throws Problem SAFETENSORS_TYPE for types that are no plain numbers (less than 8 bits, complex), and as `readRaw` */
export function readTensor(file: SafetensorsFile, name: string): Float32Array {
  const { dtype } = entryOf(file, name)
  if (dtype === 'F32') return new Float32Array(readRaw(file, name).buffer)
  if (dtype === 'F16') return float16ToFloat32(new Uint16Array(readRaw(file, name).buffer))
  if (dtype === 'BF16') return bfloat16ToFloat32(new Uint16Array(readRaw(file, name).buffer))
  if (dtype === 'F8_E4M3' || dtype === 'F8_E5M2') return float8ToFloat32(readRaw(file, name), dtype)
  if (dtype === 'F64') return new Float32Array(new Float64Array(readRaw(file, name).buffer))
  if (dtype === 'I64' || dtype === 'U64') return Float32Array.from(wide(file, name, dtype), Number)
  return new Float32Array(narrow(file, name, dtype, 'numbers'))
}

/** A tensor of whole numbers or truth values, exactly.
 *  @throws Problem SAFETENSORS_TYPE for other types, SAFETENSORS_INTEGER beyond 2^53, and as `readRaw` */
export function readIntegers(file: SafetensorsFile, name: string): number[] {
  const { dtype } = entryOf(file, name)
  if (dtype !== 'I64' && dtype !== 'U64') return Array.from(narrow(file, name, dtype, 'whole numbers'))
  return Array.from(wide(file, name, dtype), value => {
    if (Number.isSafeInteger(Number(value))) return Number(value)
    throw new Problem('SAFETENSORS_INTEGER', `"${name}" in ${file.path} holds ${value}, which is beyond 2^53.`)
  })
}

const wide = (file: SafetensorsFile, name: string, dtype: 'I64' | 'U64') => {
  const { buffer } = readRaw(file, name)
  return dtype === 'I64' ? new BigInt64Array(buffer) : new BigUint64Array(buffer)
}

const integerArrays: Partial<Record<Dtype, new (buffer: ArrayBufferLike) => ArrayLike<number> & Iterable<number>>> = {
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
  I16: Int16Array,
  U16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
}

function narrow(file: SafetensorsFile, name: string, dtype: Dtype, wanted: string) {
  const array = integerArrays[dtype]
  if (array) return new array(readRaw(file, name).buffer)
  throw new Problem(
    'SAFETENSORS_TYPE',
    `"${name}" in ${file.path} is stored as ${dtype}, which cannot be read as ${wanted}.`,
    {
      hint: 'Look for the same model in fp16, bf16 or fp32.',
    },
  )
}

function entryOf(file: SafetensorsFile, name: string): TensorEntry {
  const entry = file.tensors.get(name)
  if (entry) return entry
  throw new Problem('SAFETENSORS_KEY', `${file.path} has no tensor "${name}".`)
}

/** Lets `use` read a file; pipes and devices are refused. @throws Problem FILE_* */
export function withFile<Result>(path: string, use: (file: number) => Result): Result {
  try {
    // Opening a pipe or a device could wait for ever.
    if (!statSync(path).isFile())
      throw new Problem('FILE_IS_FOLDER', `${path} is not a file.`, { hint: 'Name a file.' })
    const file = openSync(path, 'r')
    try {
      return use(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw fileProblem(error, path)
  }
}

/** Bytes of an open file. @throws Problem SAFETENSORS_TRUNCATED */
export function readBytes(file: number, path: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  for (let done = 0; done < length; ) {
    const count = readSync(file, bytes, done, Math.min(length - done, largestTransfer), offset + done)
    if (count === 0) {
      throw new Problem('SAFETENSORS_TRUNCATED', `${path} became shorter while it was read.`, {
        hint: 'Wait until it is copied or downloaded completely.',
      })
    }
    done += count
  }
  return bytes
}

/** A tensor on its way into a file. */
export interface TensorToWrite {
  readonly dtype: Dtype
  readonly shape: Shape
  /** The values as bytes, little-endian, row-major; or what makes them when their turn to be written comes, so that not all are held at once. */
  readonly data: ArrayBufferView | (() => ArrayBufferView)
}

/** A tensor whose values are made when their turn to be written comes. */
export interface TensorToMake {
  readonly dtype: Dtype
  readonly shape: Shape
  /** As `TensorToWrite.data`. */
  readonly make: () => ArrayBufferView | Promise<ArrayBufferView>
}

/** Writes a file safely (temporary name, flush, rename) in the layout of the format's own writer: the header is padded to
 *  8 bytes and tensors stand by descending element size, then name, so all are aligned.
 *  @throws Problem SAFETENSORS_WRITE when a tensor's bytes do not fit its type and shape; FILE_*, DISK_FULL */
export function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [name: string, tensor: TensorToWrite]>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const sorted = inFileOrder(tensors)
  for (const [name, tensor] of sorted) {
    if (typeof tensor.data !== 'function') checkWritable(path, name, tensor, tensor.data)
  }
  const body = function* () {
    yield headerOf(sorted, metadata)
    for (const [name, tensor] of sorted) {
      const data = typeof tensor.data === 'function' ? tensor.data() : tensor.data
      checkWritable(path, name, tensor, data)
      yield bytesOf(data)
    }
  }
  writeFileSafely(path, body())
}

/** As `writeSafetensors`, for tensors that are made one after the other: no two are held at once. Left early, it leaves nothing behind.
 *  @returns yields the name of each tensor that was written */
export async function* writeMadeSafetensors(
  path: string,
  tensors: Iterable<readonly [name: string, tensor: TensorToMake]>,
  metadata: Readonly<Record<string, string>> = {},
): AsyncGenerator<string, void> {
  const sorted = inFileOrder(tensors)
  const file = new NewFile(path)
  try {
    file.write(headerOf(sorted, metadata))
    for (const [name, tensor] of sorted) {
      const data = await tensor.make()
      checkWritable(path, name, tensor, data)
      file.write(bytesOf(data))
      yield name
    }
    file.finish()
  } finally {
    file.close()
  }
}

type TensorType = Pick<TensorToWrite, 'dtype' | 'shape'>

const inFileOrder = <Item extends TensorType>(
  tensors: Iterable<readonly [string, Item]>,
): (readonly [string, Item])[] =>
  [...tensors].sort(
    ([a, { dtype: p }], [b, { dtype: q }]) => dtypeBits[q] - dtypeBits[p] || (a < b ? -1 : a > b ? 1 : 0),
  )

function headerOf(
  sorted: readonly (readonly [string, TensorType])[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : []
  let offset = 0
  for (const [name, { dtype, shape }] of sorted) {
    const length = (sizeOf(shape) * dtypeBits[dtype]) / 8
    header.push([name, { dtype, shape, data_offsets: [offset, offset + length] }])
    offset += length
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)))
  const padded = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ')
  padded.writeBigUInt64LE(BigInt(padded.length - 8))
  json.copy(padded, 8)
  return padded
}

function checkWritable(path: string, name: string, { dtype, shape }: TensorType, { byteLength }: ArrayBufferView) {
  if (sizeOf(shape) * dtypeBits[dtype] !== byteLength * 8 || name === '__metadata__') {
    throw new Problem(
      'SAFETENSORS_WRITE',
      `"${name}" cannot be written to ${path}: ${byteLength} bytes for ${dtype} [${shape}].`,
    )
  }
}

const bytesOf = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
