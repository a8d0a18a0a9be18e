/** The picture reader: a process that looks through many pictures of a person, one after the other. Its parent
 *  (picture-reader-process.ts) gives it time and memory, ends it where a picture takes too much, and believes nothing unchecked.
 *  Frames (frames.ts) come in at stdin and go out at stdout; when stdin closes the parent is gone. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { readRecipe } from '../app/library/recipe/recipe.ts'
import { Problem } from '../app/problem.ts'
import type { RgbImage } from '../app/tensor/images.ts'
import { perceptualHash } from '../app/tensor/perceptual-hash.ts'
import { resample } from '../app/tensor/resample.ts'
import { fileProblem } from '../app/weights/safe-file.ts'
import { largestPicture } from './decoder-limits.ts'
import { openPicture, pictureProblem, restrictReaders } from './decoder-rules.ts'
import { type Frame, FrameReader, frameBytes } from './frames.ts'
import { type LookedAt, largestPixels, PixelRequest, pathOf } from './picture-reader-messages.ts'

/** Pixels of the longer side of a small picture for the screen. */
const thumbnailSide = 192
/** Bytes of the longest caption that is read. */
const longestCaption = 64 * 1024

async function fileBytes(path: string): Promise<Buffer> {
  const state = await stat(path).catch(error => {
    throw fileProblem(error, path)
  })
  // Whatever else it is (a pipe, a device) might never end.
  if (!state.isFile()) throw new Problem('PICTURE_FORMAT', `${path} is no file.`)
  if (state.size > largestPicture) {
    throw new Problem('PICTURE_LARGE', `The picture has ${state.size} bytes, more than ${largestPicture}.`, {
      hint: 'Make it smaller in another program.',
    })
  }
  return readFile(path).catch(error => {
    throw fileProblem(error, path)
  })
}

/** Upright, its first frame, its colours as sRGB (by its profile, from CMYK and 16 bits too), what is transparent before a background. */
const upright = (bytes: Uint8Array, background: string): Sharp =>
  openPicture(bytes).autoOrient().flatten({ background }).toColourspace('srgb')

async function pixelsOf(picture: Sharp): Promise<RgbImage> {
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (channels === 3) return { width, height, data }
  // Grey: one channel.
  const colours = new Uint8Array(width * height * 3)
  for (let k = 0; k < width * height; k++) colours.fill(data[k * channels], k * 3, k * 3 + 3)
  return { width, height, data: colours }
}

async function look(path: string): Promise<LookedAt> {
  const bytes = await fileBytes(path)
  const { format = 'unknown', autoOrient, pages = 1, hasAlpha = false } = await openPicture(bytes).metadata()
  // Every pixel is read on the way, so that a picture that ends too early is found out.
  const small = await pixelsOf(
    upright(bytes, '#ffffff').resize({
      width: thumbnailSide,
      height: thumbnailSide,
      fit: 'inside',
      withoutEnlargement: true,
    }),
  )
  const { width, height, data } = small
  const caption = await captionBeside(path)
  const prompt = readRecipe(bytes)?.recipe.parameters.prompt
  return {
    hash: createHash('sha256').update(bytes).digest('hex'),
    ...autoOrient,
    ...{ format, frames: pages, hasAlpha, perceptualHash: perceptualHash(small) },
    thumbnail: await sharp(data, { raw: { width, height, channels: 3 } })
      .webp({ quality: 75 })
      .toBuffer(),
    ...(caption !== undefined && { caption }),
    ...(typeof prompt === 'string' && prompt.length < longestCaption && { prompt }),
  }
}

/** The words in the text file of the same name, as kohya's programs and many others keep them; undefined: there is none. */
async function captionBeside(path: string): Promise<string | undefined> {
  const file = `${path.slice(0, path.length - extname(path).length)}.txt`
  try {
    const state = await stat(file)
    if (!state.isFile() || state.size > longestCaption) return undefined
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '').trim()
  } catch {
    return undefined
  }
}

/** Pixels of a picture, or of a part of it at another size (as Pillow resizes, which the reference uses). */
async function pixels(request: unknown): Promise<{ width: number; height: number; data: Uint8Array }> {
  const { path, background, hash, resized } = PixelRequest.parse(request)
  const bytes = await fileBytes(path)
  if (hash !== undefined && createHash('sha256').update(bytes).digest('hex') !== hash) {
    throw new Problem('PICTURE_CHANGED', `${path} is another picture now than when the data set was made.`, {
      hint: 'Look through the data set again.',
    })
  }
  const whole = await pixelsOf(upright(bytes, background))
  return resized ? resample(whole, resized.size, 'lanczos', { box: resized.box }) : whole
}

/** A picture as a file that holds nothing but its pixels. */
async function plain(request: unknown) {
  const { path, background } = PixelRequest.parse(request)
  const { width, height, data } = await pixelsOf(upright(await fileBytes(path), background))
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 3 })
    .toBuffer()
  return { width, height, png }
}

function answers(kind: string, payload: unknown): Promise<unknown> {
  if (kind === 'look') return look(pathOf(payload))
  return kind === 'plain' ? plain(payload) : pixels(payload)
}

async function answer([id, kind, payload]: Frame): Promise<Uint8Array> {
  try {
    const found = await answers(kind, payload)
    return frameBytes([id, kind, found], largestPixels)
  } catch (error) {
    const { code, message, hint } = pictureProblem(error)
    return frameBytes([id, 'problem', { code, message, ...(hint !== undefined && { hint }) }])
  }
}

restrictReaders()
const reader = new FrameReader()
process.stdin.on('data', async (piece: Buffer) => {
  for (const frame of reader.push(piece)) process.stdout.write(await answer(frame))
})
process.stdin.on('end', () => process.exit(1))
