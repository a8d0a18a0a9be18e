import { Problem } from '../../problem.ts'

/** Reads bytes [offset, offset + length) of a file; both are within it. */
export type ReadBytes = (offset: number, length: number) => Uint8Array

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string
  /** Where its bytes begin in the archive. */
  readonly offset: number
  readonly length: number
}

/** Largest list of contents that is read, in bytes; a model of 10,000 tensors has 1 MB. */
const largestDirectory = 64 * 2 ** 20
const endSize = 22
const largestComment = 65_535

/** Lists a zip archive (PKWARE's APPNOTE 6.3.10), large ones (zip64) included. All its files lie uncompressed within it.
 *  @throws Problem PICKLE_ARCHIVE for damaged archives, PICKLE_COMPRESSED */
export function readZipDirectory(path: string, byteLength: number, read: ReadBytes): Map<string, ZipEntry> {
  const { offset, length, count } = findDirectory(path, byteLength, read)
  if (length > largestDirectory || offset + length > byteLength)
    throw damaged(path, 'its list of contents lies outside it')
  const directory = view(read(offset, length))
  const entries = new Map<string, ZipEntry>()
  let at = 0
  for (let k = 0; k < count; k++) {
    if (at + 46 > length || directory.getUint32(at, true) !== 0x02014b50)
      throw damaged(path, 'its list of contents breaks off')
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map(place => directory.getUint16(at + place, true))
    const next = at + 46 + nameLength + extraLength + commentLength
    if (next > length) throw damaged(path, 'its list of contents breaks off')
    const entry = readEntry(path, directory, at, byteLength, read)
    if (entries.has(entry.name)) throw damaged(path, `it holds ${JSON.stringify(entry.name.slice(0, 80))} twice`)
    entries.set(entry.name, entry)
    at = next
  }
  return entries
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export const damaged = (path: string, found: string): Problem =>
  new Problem('PICKLE_ARCHIVE', `${path} is not a sound PyTorch file: ${found}.`, {
    hint: 'Download or copy it again.',
  })

interface Directory {
  readonly offset: number
  readonly length: number
  readonly count: number
}

/** The end record stands last, before a comment. */
function findDirectory(path: string, byteLength: number, read: ReadBytes): Directory {
  const start = Math.max(0, byteLength - endSize - largestComment)
  const tail = view(read(start, byteLength - start))
  for (let at = tail.byteLength - endSize; at >= 0; at--) {
    if (tail.getUint32(at, true) !== 0x06054b50) continue
    if (at + endSize + tail.getUint16(at + 20, true) !== tail.byteLength) continue
    const [count, length, offset] = [
      tail.getUint16(at + 10, true),
      tail.getUint32(at + 12, true),
      tail.getUint32(at + 16, true),
    ]
    const isLarge = count === 0xffff || length === 0xffffffff || offset === 0xffffffff
    return isLarge ? findLargeDirectory(path, start + at, byteLength, read) : { count, length, offset }
  }
  throw damaged(path, 'it breaks off before its list of contents')
}

/** Zip64: a locator of 20 bytes before the end record says where the large end record is. */
function findLargeDirectory(path: string, end: number, byteLength: number, read: ReadBytes): Directory {
  if (end < 20) throw damaged(path, 'it lacks the list of contents of a large archive')
  const locator = view(read(end - 20, 20))
  const place = number(path, locator.getBigUint64(8, true))
  if (locator.getUint32(0, true) !== 0x07064b50 || place + 56 > byteLength) {
    throw damaged(path, 'it lacks the list of contents of a large archive')
  }
  const record = view(read(place, 56))
  if (record.getUint32(0, true) !== 0x06064b50) throw damaged(path, 'it lacks the list of contents of a large archive')
  const [count, length, offset] = [32, 40, 48].map(at => number(path, record.getBigUint64(at, true)))
  return { count, length, offset }
}

function number(path: string, value: bigint): number {
  if (value <= Number.MAX_SAFE_INTEGER) return Number(value)
  throw damaged(path, 'it names places beyond any file')
}

function readEntry(path: string, directory: DataView, at: number, byteLength: number, read: ReadBytes): ZipEntry {
  const [method, nameLength, extraLength] = [10, 28, 30].map(place => directory.getUint16(at + place, true))
  const bytes = new Uint8Array(directory.buffer, directory.byteOffset + at + 46, nameLength)
  const name = Buffer.from(bytes).toString('utf8')
  const sizes = largeSizes(path, directory, at, at + 46 + nameLength, extraLength)
  if (method !== 0 || sizes.stored !== sizes.length) {
    throw new Problem(
      'PICKLE_COMPRESSED',
      `${path} holds ${JSON.stringify(name.slice(0, 80))} compressed; its weights cannot be used where they lie.`,
      {
        hint: 'Use the same model saved as .safetensors.',
      },
    )
  }
  if (sizes.header + 30 > byteLength) throw damaged(path, 'a file in it begins outside it')
  const header = view(read(sizes.header, 30))
  if (header.getUint32(0, true) !== 0x04034b50) throw damaged(path, 'a file in it does not begin where it says')
  const offset = sizes.header + 30 + header.getUint16(26, true) + header.getUint16(28, true)
  if (offset + sizes.length > byteLength) throw damaged(path, 'a file in it ends outside it')
  return { name, offset, length: sizes.length }
}

/** Sizes and place of a file; those of 4 GiB and more stand in an extra field of type 1, in this order. */
function largeSizes(path: string, directory: DataView, at: number, extra: number, extraLength: number) {
  const small = [24, 20, 42].map(place => directory.getUint32(at + place, true))
  if (!small.includes(0xffffffff)) return { length: small[0], stored: small[1], header: small[2] }
  for (let field = extra; field + 4 <= extra + extraLength; field += 4 + directory.getUint16(field + 2, true)) {
    if (directory.getUint16(field, true) !== 1) continue
    let next = field + 4
    const [length, stored, header] = small.map(value => {
      if (value !== 0xffffffff) return value
      if (next + 8 > extra + extraLength) throw damaged(path, 'sizes in its list of contents are missing')
      next += 8
      return number(path, directory.getBigUint64(next - 8, true))
    })
    return { length, stored, header }
  }
  throw damaged(path, 'sizes in its list of contents are missing')
}
