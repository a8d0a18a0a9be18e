import { XMP_KEYWORD } from '../../app/api/origin.ts'

/** Texts in files of pictures that the browser wrote. Pixels are not touched. */

const text = new TextEncoder()

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

// ---- PNG (w3.org/TR/png-3, sections 5 and 11.3.3) -------------------------------------------------------------------

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) value = (value >>> 8) ^ (crcTable[(value ^ byte) & 255] ?? 0)
  return (value ^ 0xffffffff) >>> 0
}

/** Bytes of the signature and the header chunk, which come first in every PNG. */
const HEADER_END = 33

/** Puts texts into a PNG file, by their keywords: Latin-1 as tEXt, everything else and XMP as iTXt. */
export const withPngTexts = (png: Uint8Array, texts: Iterable<readonly [string, string]>): Uint8Array<ArrayBuffer> =>
  joined([png.subarray(0, HEADER_END), ...[...texts].map(textChunk), png.subarray(HEADER_END)])

function textChunk([keyword, said]: readonly [string, string]): Uint8Array {
  // Neither kind of chunk can hold a zero.
  const content = said.replaceAll('\0', '')
  const isLatin1 = keyword !== XMP_KEYWORD && [...content].every(letter => letter.charCodeAt(0) < 256)
  return isLatin1
    ? chunk(
        'tEXt',
        Uint8Array.from(`${keyword}\0${content}`, letter => letter.charCodeAt(0)),
      )
    : chunk('iTXt', text.encode(`${keyword}\0\0\0\0\0${content}`))
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, data.length)
  bytes.set(text.encode(type), 4)
  bytes.set(data, 8)
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)))
  return bytes
}

// ---- JPEG (XMP Specification Part 3, section 1.1.3) -------------------------------------------------------------------

/** What stands before XMP in its segment. */
const JPEG_XMP = 'http://ns.adobe.com/xap/1.0/\0'
const APP0 = 0xe0

/** Puts XMP into a JPEG file, after its first segment, which must stay the first. */
export function withJpegXmp(jpeg: Uint8Array, xmp: string): Uint8Array<ArrayBuffer> {
  const at = jpeg[3] === APP0 ? 4 + (((jpeg[4] ?? 0) << 8) | (jpeg[5] ?? 0)) : 2
  const data = text.encode(JPEG_XMP + xmp)
  const length = data.length + 2
  return joined([jpeg.subarray(0, at), Uint8Array.of(0xff, 0xe1, length >> 8, length & 255), data, jpeg.subarray(at)])
}

// ---- WebP (developers.google.com/speed/webp/docs/riff_container) ---------------------------------------------------------

const XMP_FLAG = 0x04
const ALPHA_FLAG = 0x10
/** Bytes before the first chunk; of a chunk's name and length. */
const RIFF = 12
const CHUNK = 8

const nameAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4))

function riffChunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CHUNK + data.length + (data.length & 1))
  bytes.set(text.encode(name))
  new DataView(bytes.buffer).setUint32(4, data.length, true)
  bytes.set(data, CHUNK)
  return bytes
}

/** Puts XMP into a WebP file. */
export function withWebpXmp(webp: Uint8Array, xmp: string, width: number, height: number): Uint8Array<ArrayBuffer> {
  const isExtended = nameAt(webp, RIFF) === 'VP8X'
  const body = webp.slice(RIFF)
  if (isExtended) body[CHUNK] = (body[CHUNK] ?? 0) | XMP_FLAG
  // In a lossless picture one bit after the two sizes (14 bits each) says that some pixels are transparent.
  const isSeeThrough = nameAt(webp, RIFF) === 'VP8L' && ((webp[RIFF + CHUNK + 4] ?? 0) & 0x10) !== 0
  const sizes = [width - 1, height - 1].flatMap(side => [side & 255, (side >> 8) & 255, (side >> 16) & 255])
  const flags = XMP_FLAG | (isSeeThrough ? ALPHA_FLAG : 0)
  const header = isExtended ? [] : [riffChunk('VP8X', Uint8Array.of(flags, 0, 0, 0, ...sizes))]
  const all = joined([webp.subarray(0, RIFF), ...header, body, riffChunk('XMP ', text.encode(xmp))])
  new DataView(all.buffer).setUint32(4, all.length - CHUNK, true)
  return all
}
