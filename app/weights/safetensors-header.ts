import { Problem } from '../problem.ts'
import type { Shape } from '../tensor/tensor.ts'

/** Bits of an element; the names are the file format's (safetensors/src/tensor.rs, `Dtype`). */
export const dtypeBits = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const

export type Dtype = keyof typeof dtypeBits

/** Where a tensor stands in its file. */
export interface TensorEntry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: Shape
  /** First byte, counted from the beginning of the file. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
  /** Set where the bytes are in another order than the shape says: a matrix whose transpose is stored, or the two halves
   *  (along the first dimension) in the other order. Files never say so: views of other layouts do (single-file/). */
  readonly arrangement?: Arrangement
}

export type Arrangement = 'transposed' | 'swapped'

/** The format's own limit, in bytes. */
export const largestHeader = 100_000_000

/** Reads bytes [offset, offset + length) of the file; both are within it. */
type ReadBytes = (offset: number, length: number) => Uint8Array

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

/** Reads and checks the header of a file of `byteLength` bytes: an 8-byte little-endian length, then a JSON object.
 *  Afterwards every entry lies within the file, has the size that its type and shape say, and the entries cover the
 *  rest of the file without gap or overlap. @throws Problem SAFETENSORS_* */
export function readHeader(path: string, byteLength: number, read: ReadBytes): SafetensorsHeader {
  if (byteLength === 0) throw broken(path, 'EMPTY', 'is empty')
  const start = read(0, Math.min(byteLength, 64))
  if (byteLength < 8) throw foreign(path, start) ?? broken(path, 'TRUNCATED', `ends after ${byteLength} bytes`)
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true)
  const sound = length <= largestHeader && start[8] === openingBrace
  if (!sound) {
    const other = foreign(path, start)
    if (other) throw other
  }
  if (length > largestHeader)
    throw broken(path, 'HEADER', `says that its header has ${length} bytes; at most 100 MB are allowed`)
  if (Number(length) > byteLength - 8) {
    throw broken(path, 'TRUNCATED', `has ${byteLength} bytes, but its header alone needs ${length + 8n}`)
  }
  const text = decode(path, read(8, Number(length)))
  const { __metadata__: metadata, ...entries } = parse(path, text)
  return {
    metadata: checkMetadata(path, metadata),
    tensors: checkLayout(path, entries, 8 + Number(length), byteLength),
  }
}

const openingBrace = 0x7b

const broken = (path: string, code: string, found: string, hint = 'Download or copy it again.') =>
  new Problem(`SAFETENSORS_${code}`, `${path} is not a sound safetensors file: it ${found}.`, { hint })

/** Other kinds of files that people find under this name, by how they begin. */
function foreign(path: string, start: Uint8Array): Problem | undefined {
  const text = Buffer.from(start).toString('latin1')
  if (text.startsWith('version https://git-lfs')) {
    return new Problem('SAFETENSORS_LFS', `${path} is only a Git LFS pointer, not the weights themselves.`, {
      hint: 'Fetch the file with "git lfs pull", or download it from the model\'s page.',
    })
  }
  if (text.startsWith('PK\x03\x04') || (start[0] === 0x80 && start[1] >= 2 && start[1] <= 5)) {
    return new Problem(
      'SAFETENSORS_PICKLE',
      `${path} is a PyTorch pickle of an old kind or a zip archive, which could run code; it is not opened.`,
      {
        hint: 'Use the same model saved as .safetensors.',
      },
    )
  }
  if (/^\s*<(!doctype|html|\?xml)/i.test(text)) {
    return new Problem('SAFETENSORS_PAGE', `${path} is a web page, not a model.`, {
      hint: "The download was refused or redirected: sign in on the model's page and download it there.",
    })
  }
  if (text.startsWith('GGUF')) {
    return new Problem('SAFETENSORS_GGUF', `${path} is a GGUF file, which is not read.`, {
      hint: 'Use the same model saved as .safetensors.',
    })
  }
  return undefined
}

function decode(path: string, bytes: Uint8Array): string {
  if (bytes[0] !== openingBrace) throw broken(path, 'HEADER', 'has a header that does not begin with "{"')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw broken(path, 'HEADER', 'has a header that is not UTF-8 text')
  }
}

function parse(path: string, text: string): Record<string, unknown> {
  refuseDepthAndDuplicates(path, text)
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (error) {
    throw broken(path, 'HEADER', `has a header that is not JSON (${error instanceof Error ? error.message : error})`)
  }
  if (!isRecord(header)) throw broken(path, 'HEADER', 'has a header that is not a JSON object')
  return header
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Deepest nesting of a header: { name: { shape: [ ] } }. */
const deepest = 3

/** `JSON.parse` takes any depth, and of equal keys silently the last; programs that take the first would see other weights.
 *  So the text is walked once before it is parsed; what is no JSON at all is left to `JSON.parse`. */
function refuseDepthAndDuplicates(path: string, text: string): void {
  const keys: Set<string>[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '{' || character === '[') {
      if (keys.push(new Set()) > deepest)
        throw broken(path, 'HEADER', `has a header nested deeper than ${deepest} levels`)
    } else if (character === '}' || character === ']') {
      keys.pop()
    } else if (character === '"') {
      const end = endOfString(text, i)
      if (isKey(text, end + 1)) {
        const key = unquote(path, text.slice(i, end + 1))
        if (keys.at(-1)?.has(key)) throw broken(path, 'DUPLICATE', `has "${shorten(key)}" twice in its header`)
        keys.at(-1)?.add(key)
      }
      i = end
    }
  }
}

/** Index of the quote that closes the string that opens at `start`; the end of the text if none does. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') return i
  }
  return text.length
}

/** Whether a colon follows, spaces aside. */
function isKey(text: string, after: number): boolean {
  let i = after
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i++
  return text[i] === ':'
}

function unquote(path: string, quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return JSON.parse(quoted)
  } catch {
    throw broken(path, 'HEADER', 'has a header that is not JSON (a bad escape in a name)')
  }
}

const shorten = (name: string) => (name.length > 120 ? `${name.slice(0, 120)}...` : name)

function checkMetadata(path: string, metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {}
  if (!isRecord(metadata)) throw broken(path, 'HEADER', 'has a "__metadata__" that is not an object')
  const entries = Object.entries(metadata).map(([key, value]): [string, string] => {
    if (typeof value === 'string') return [key, value]
    throw broken(path, 'HEADER', `has metadata "${shorten(key)}" that is not text`)
  })
  return Object.fromEntries(entries)
}

/** Entries in the order of their bytes, each beginning where the one before ends, the last ending with the file. */
function checkLayout(
  path: string,
  header: Record<string, unknown>,
  dataStart: number,
  byteLength: number,
): Map<string, TensorEntry> {
  const entries = Object.entries(header).map(([name, value]) => checkEntry(path, name, value, dataStart))
  entries.sort((a, b) => a.offset - b.offset || a.length - b.length)
  let end = dataStart
  for (const { name, offset, length } of entries) {
    if (offset < end) throw broken(path, 'OVERLAP', `has "${shorten(name)}" overlapping the tensor before it`)
    if (offset > end) throw broken(path, 'GAP', `has ${offset - end} unused bytes before "${shorten(name)}"`)
    end = offset + length
  }
  if (end > byteLength) {
    throw broken(path, 'TRUNCATED', `has ${byteLength} bytes, but its header promises ${end}`)
  }
  if (end < byteLength) throw broken(path, 'GAP', `has ${byteLength - end} unknown bytes after its last tensor`)
  return new Map(entries.map(entry => [entry.name, entry]))
}

function checkEntry(path: string, name: string, value: unknown, dataStart: number): TensorEntry {
  const fail = (code: string, found: string) => broken(path, code, `has "${shorten(name)}" with ${found}`)
  if (!isRecord(value)) throw fail('HEADER', 'a description that is not an object')
  const { dtype, shape, data_offsets: offsets } = value
  if (!isDtype(dtype)) {
    const known = Object.keys(dtypeBits).join(', ')
    throw fail('DTYPE', `the unknown type ${shorten(JSON.stringify(dtype) ?? 'none')} (known are ${known})`)
  }
  if (!isCounts(shape)) throw fail('SHAPE', 'a shape that is not a list of whole numbers')
  if (!isCounts(offsets) || offsets.length !== 2) throw fail('OFFSETS', 'data_offsets that are not two whole numbers')
  const [begin, end] = offsets
  if (end < begin) throw fail('OFFSETS', `data_offsets [${offsets}] that end before they begin`)
  if (!Number.isSafeInteger(dataStart + end)) throw fail('OFFSETS', `data_offsets [${offsets}] beyond any file`)
  const bits = shape.reduce((product, size) => checkedProduct(product, size), dtypeBits[dtype])
  if (!Number.isSafeInteger(bits)) throw fail('SHAPE', `the impossible shape ${shorten(`[${shape}]`)}`)
  if (bits !== (end - begin) * 8) {
    throw fail('SHAPE', `${end - begin} bytes, but ${dtype} ${shorten(`[${shape}]`)} needs ${Math.ceil(bits / 8)}`)
  }
  return { name, dtype, shape, offset: dataStart + begin, length: end - begin }
}

/** NaN once a product was too large to be exact, even if a later factor is 0. */
const checkedProduct = (product: number, size: number) =>
  Number.isSafeInteger(product * size) ? product * size : Number.NaN

const isDtype = (value: unknown): value is Dtype => typeof value === 'string' && Object.hasOwn(dtypeBits, value)

const isCounts = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every(item => Number.isSafeInteger(item) && item >= 0)
