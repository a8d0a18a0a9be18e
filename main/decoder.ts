/** The decoder: a small process that looks into one picture from outside and ends. Its parent (decoder-process.ts) gives it time and
 *  memory, and believes nothing that it says unchecked. stdin: the length (4 bytes, big-endian) and the bytes of a picture; stdin
 *  stays open, and when it closes the parent is gone. stdout: one line of JSON. */
import sharp from 'sharp'
import { readRecipe } from '../app/library/recipe/recipe.ts'
import { Problem } from '../app/problem.ts'
import { largestPicture, mostPixels } from './decoder-limits.ts'

/** The only readers of libvips that may run; SVG and PDF would draw instead of decode. */
const readers = ['Png', 'Jpeg', 'Webp', 'Heif', 'Nsgif', 'Tiff'].map(format => `VipsForeignLoad${format}Buffer`)

async function decode(bytes: Buffer): Promise<unknown> {
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: readers })
  const picture = sharp(bytes, { limitInputPixels: mostPixels, failOn: 'error' })
  const { format, autoOrient } = await picture.metadata()
  // Reads every pixel, so that a picture that ends too early is found out.
  await picture.stats()
  return { ...autoOrient, format, ...readRecipe(bytes) }
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const text = error instanceof Error ? error.message : String(error)
  if (/pixel limit/i.test(text)) {
    return new Problem('PICTURE_LARGE', `The picture has more than ${mostPixels / 1e6} million pixels.`, {
      hint: 'Make it smaller in another program.',
    })
  }
  if (/unsupported image format|is empty/i.test(text)) {
    return new Problem('PICTURE_FORMAT', 'This is not a picture that can be read.', {
      hint: 'Use a PNG, JPEG, WebP, AVIF, GIF or TIFF file.',
    })
  }
  return new Problem('PICTURE_DAMAGED', `The picture is damaged (${text.split('\n')[0]}).`, {
    hint: 'Copy or download it again.',
  })
}

async function answer(bytes: Buffer): Promise<void> {
  let line: unknown
  try {
    line = await decode(bytes)
  } catch (error) {
    const { code, message, hint } = problemOf(error)
    line = { problem: { code, message, hint } }
  }
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0))
}

let received: Buffer[] = []
let count = 0
process.stdin.on('data', (piece: Buffer) => {
  received.push(piece)
  count += piece.length
  if (count > largestPicture + 4) process.exit(1)
  if (count < 4) return
  if (received[0].length < 4) received = [Buffer.concat(received)]
  if (count !== received[0].readUInt32BE() + 4) return
  answer(Buffer.concat(received).subarray(4))
})
process.stdin.on('end', () => process.exit(1))
