import { randomUUID } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import type { Change, Edit } from './document.ts'

/** Helpers of the tests of documents. */

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

/** A chunk of a PNG. */
export function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(data.length + 12)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8)
  return bytes
}

/** The header of a PNG; 8-bit RGBA where nothing else is said. */
export function header(width: number, height: number, [depth = 8, colour = 6, interlaced = 0] = []): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  data.set([depth, colour, 0, 0, interlaced], 8)
  return data
}

/** A PNG of parts. */
export const pngOf = (...chunks: readonly Uint8Array[]): Buffer => Buffer.concat([signature, ...chunks])

/** A PNG of 8-bit RGBA whose pixels all follow from a number, as smooth as a stroke or as rough as noise. */
export function tilePng(seed: number, { width = 256, height = 256, isRough = false } = {}): Buffer {
  const row = 1 + width * 4
  const rows = Buffer.alloc(row * height)
  let state = seed >>> 0
  for (let at = 0; at < rows.length; at++) {
    if (at % row === 0) continue
    state = (state * 1664525 + 1013904223) >>> 0
    rows[at] = isRough ? state >>> 24 : ((at >> 6) * (seed + 1) + (at % 4) * 60) & 0xff
  }
  // The number itself, so that no two are the same.
  rows.writeUInt32BE(seed >>> 0, 1)
  return pngOf(
    chunk('IHDR', header(width, height)),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  )
}

/** An edit of one or more changes. */
export const edit = (label: string, ...changes: Change[]): Edit => ({ label, changes })

/** What puts tiles on a layer side by side, from a column on. */
export const put = (id: string, hashes: readonly string[], column = 0): Change => ({
  type: 'set-tiles',
  id,
  tiles: Object.fromEntries(hashes.map((hash, k) => [`${column + k},0`, hash])),
})

/** A new name of a call. */
export const request = (): string => randomUUID()
