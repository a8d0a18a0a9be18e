import sharp from 'sharp'
import { Problem } from '../app/problem.ts'
import { mostPixels } from './decoder-limits.ts'

/** The only readers of libvips that may run; SVG and PDF would draw instead of decode. */
const readers = ['Png', 'Jpeg', 'Webp', 'Heif', 'Nsgif', 'Tiff'].map(format => `VipsForeignLoad${format}Buffer`)

/** Leaves a process that decodes pictures from outside no other way to read them, and one thread. */
export function restrictReaders(): void {
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: readers })
}

/** A picture from outside: a pixel that cannot be read is an error, and so are more pixels than anybody has. */
export const openPicture = (bytes: Uint8Array) => sharp(bytes, { limitInputPixels: mostPixels, failOn: 'error' })

/** What is wrong with a picture, in words. */
export function pictureProblem(error: unknown): Problem {
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
