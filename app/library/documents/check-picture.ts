import { promisify } from 'node:util'
import { crc32, inflate } from 'node:zlib'
import { Problem } from '../../problem.ts'
import { isPng } from '../recipe/png-text.ts'

/** Whether bytes that a page sends are a picture that every reader of PNG takes (w3.org/TR/png-3): looked at as a whole, for what is stored under
 *  its hash stays there. The decoder's process would take longer to start than a stroke may wait. */

const SIGNATURE = 8
/** Bytes of the header's data; of a chunk beside its data. */
const HEADER = 13
const CHUNK = 12
const BYTES_OF_PIXEL = 4
/** Filter types of PNG are 0 to 4. */
const LAST_FILTER = 4
/** What compression may add to pixels, and what may stand beside them (colour profiles), in bytes. */
const BESIDE_PIXELS = 32 * 1024

/** Most bytes of a picture of a size. */
export const mostBytes = (side: number): number => side * (1 + side * BYTES_OF_PIXEL) + BESIDE_PIXELS

const unpack = promisify(inflate)

/** Checks a PNG of 8-bit RGBA, not interlaced: header, order and checksums of its chunks, and that its pixels are as many as it says.
 *  @param side most pixels of its width and of its height  @throws Problem TILE_INVALID */
export async function checkPicture(png: Uint8Array, side: number): Promise<{ width: number; height: number }> {
  if (png.length > mostBytes(side)) throw invalid(`it has ${png.length} bytes, more than ${mostBytes(side)}`)
  if (!isPng(png)) throw invalid('it is no PNG file')
  const { header, pixels } = partsOf(png)
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  if (width < 1 || height < 1 || width > side || height > side)
    throw invalid(`it is ${width} × ${height} pixels, and at most ${side} × ${side} are possible`)
  // Bit depth 8, RGBA, the one compression and set of filters that there are, not interlaced.
  if ([8, 6, 0, 0, 0].some((value, index) => header[8 + index] !== value)) throw invalid('it is not 8-bit RGBA')
  const row = 1 + width * BYTES_OF_PIXEL
  const rows = await unpack(pixels, { maxOutputLength: height * row }).catch((cause: Error) => {
    throw invalid(`its pixels cannot be read (${cause.message})`)
  })
  if (rows.length !== height * row) throw invalid('pixels are missing')
  for (let at = 0; at < rows.length; at += row) if (rows[at] > LAST_FILTER) throw invalid('a row has no known filter')
  return { width, height }
}

const invalid = (why: string) =>
  new Problem('TILE_INVALID', `A piece of the picture cannot be stored: ${why}.`, {
    hint: 'This is a mistake in Sfumato: please report it.',
  })

/** The header's data and all of the compressed pixels. */
function partsOf(png: Uint8Array): { header: Uint8Array; pixels: Uint8Array } {
  const chunks = [...chunksOf(png)]
  const [first] = chunks
  if (first?.type !== 'IHDR' || first.data.length !== HEADER) throw invalid('its header is missing')
  if (chunks.at(-1)?.type !== 'IEND') throw invalid('its end is missing')
  // A capital first letter: nobody may read the picture who does not know the chunk.
  const strange = chunks.slice(1, -1).find(({ type }) => type !== 'IDAT' && /^[A-Z]/.test(type))
  if (strange) throw invalid(`it has a ${strange.type} chunk that does not belong there`)
  const pixels = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)
  return { header: first.data, pixels: pixels.length === 1 ? pixels[0] : Buffer.concat(pixels) }
}

function* chunksOf(png: Uint8Array): Generator<{ type: string; data: Uint8Array }> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  for (let at = SIGNATURE; at < png.length; ) {
    const end = at + CHUNK + (at + CHUNK <= png.length ? view.getUint32(at) : 0)
    if (end > png.length) throw invalid('it is cut off')
    if (crc32(png.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) throw invalid('a checksum is wrong')
    yield { type: Buffer.from(png.subarray(at + 4, at + 8)).toString('latin1'), data: png.subarray(at + 8, end - 4) }
    at = end
  }
}
