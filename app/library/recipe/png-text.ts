import { crc32, inflateSync } from 'node:zlib'
import { XMP_KEYWORD } from './origin.ts'

/** Text in PNG files (w3.org/TR/png-3, sections 5 and 11.3.3). Libraries were looked at: the kept ones read whole pictures or
 *  Latin-1 text alone, the others have no bounds on compressed text. Everything here is safe on hostile bytes. */

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

/** Longest text that is read, in bytes after decompression; compressed text can grow a thousandfold. */
const longestText = 2 ** 20

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
  /** Byte after the chunk. */
  readonly end: number
}

/** Whether the bytes begin as a PNG file does. */
export const isPng = (bytes: Uint8Array): boolean => signature.equals(bytes.subarray(0, signature.length))

/** The sound chunks from the start of a file; ends at the first that is cut off. Those with a wrong checksum are left out. */
function* chunksOf(png: Uint8Array): Generator<Chunk> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  for (let at = signature.length; at + 12 <= png.length; ) {
    const dataEnd = at + 8 + view.getUint32(at)
    if (dataEnd + 4 > png.length) return
    const type = Buffer.from(png.subarray(at + 4, at + 8)).toString('latin1')
    const isSound = crc32(png.subarray(at + 4, dataEnd)) === view.getUint32(dataEnd)
    if (isSound) yield { type, data: png.subarray(at + 8, dataEnd), end: dataEnd + 4 }
    if (type === 'IEND') return
    at = dataEnd + 4
  }
}

/** Texts of a PNG under the given keywords, the first of each; none of a file that is no PNG. */
export function readTexts(png: Uint8Array, keywords: readonly string[]): Map<string, string> {
  const texts = new Map<string, string>()
  if (!isPng(png)) return texts
  for (const { type, data } of chunksOf(png)) {
    const decode = decoders[type]
    if (!decode) continue
    const keyword = latin1(data.subarray(0, zeroAt(data, 0)))
    if (!keywords.includes(keyword) || texts.has(keyword)) continue
    const text = decode(data, keyword.length + 1)
    if (text !== undefined) texts.set(keyword, text)
  }
  return texts
}

/** What stands after the keyword; undefined where it is damaged or too long. */
const decoders: Readonly<Record<string, (data: Uint8Array, at: number) => string | undefined>> = {
  tEXt: (data, at) => within(data.subarray(at), latin1),
  zTXt: (data, at) => within(inflate(data.subarray(at + 1)), latin1),
  iTXt: (data, at) => {
    const language = at + 2
    const translated = zeroAt(data, language) + 1
    const text = data.subarray(zeroAt(data, translated) + 1)
    return within(data[at] === 1 ? inflate(text) : text, utf8)
  },
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const utf8 = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')

const within = (bytes: Uint8Array | undefined, decode: (bytes: Uint8Array) => string) =>
  bytes && bytes.length <= longestText ? decode(bytes) : undefined

function zeroAt(data: Uint8Array, from: number): number {
  const at = data.indexOf(0, from)
  return at < 0 ? data.length : at
}

function inflate(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: longestText })
  } catch {
    return undefined
  }
}

/** Puts texts right after the header chunk of a sound PNG, Latin-1 as tEXt and everything else as iTXt (as Pillow does, which
 *  other programs read). Texts that it had under these keywords are replaced. */
export function writeTexts(png: Uint8Array, texts: ReadonlyMap<string, string>): Uint8Array {
  const parts: Uint8Array[] = [signature]
  let start = signature.length
  for (const { type, data, end } of chunksOf(png)) {
    const isReplaced = type in decoders && texts.has(latin1(data.subarray(0, zeroAt(data, 0))))
    if (!isReplaced) parts.push(png.subarray(start, end))
    if (type === 'IHDR') parts.push(...[...texts].map(([keyword, text]) => textChunk(keyword, text)))
    start = end
  }
  return Buffer.concat(parts)
}

function textChunk(keyword: string, text: string): Uint8Array {
  // Neither kind of chunk can hold a zero.
  const content = text.replaceAll('\0', '')
  // XMP is read from iTXt alone.
  const isLatin1 = keyword !== XMP_KEYWORD && Buffer.from(content, 'latin1').toString('latin1') === content
  return isLatin1
    ? chunk('tEXt', Buffer.from(`${keyword}\0${content}`, 'latin1'))
    : chunk('iTXt', Buffer.from(`${keyword}\0\0\0\0\0${content}`))
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(data.length + 12)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8)
  return bytes
}
