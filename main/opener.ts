/** The opener: a small process that takes one file of pictures apart into layers and ends. Its parent (opener-process.ts) gives it time and
 *  memory, and believes nothing that it says unchecked. stdin: a frame with the bytes; when stdin closes early, the parent is gone. stdout: frames,
 *  one for each layer from the lowest, then one with the size of the whole. */
import { initializeCanvas, type Layer, type PixelData, type Psd, readPsd } from 'ag-psd'
import sharp from 'sharp'
import { z } from 'zod'
import { blendModes } from '../app/library/opened-file.ts'
import { Problem } from '../app/problem.ts'
import { largestPicture, mostPixels, mostPixelsTogether } from './decoder-limits.ts'
import { openPicture, pictureProblem, restrictReaders } from './decoder-rules.ts'
import { FrameReader, frameBytes } from './frames.ts'
import type { OpenedLayer } from './opener-messages.ts'

/** Layers of one file. */
const mostLayers = 500
/** Pixels of the longer side that a drawing without pixels of its own is drawn at, at least. */
const drawnSide = 1024

type Tell = (kind: string, payload: unknown) => void

async function png(
  data: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const raw = { width, height, channels: 4 } as const
  return new Uint8Array(await sharp(data, { raw }).png({ compressionLevel: 3 }).toBuffer())
}

/** A picture: one layer, upright, sRGB, with what is transparent in it. */
async function openFlat(bytes: Uint8Array, tell: Tell): Promise<void> {
  const isDrawing = looksLikeSvg(bytes)
  if (isDrawing) sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] })
  else refuseLarge(await sharp(bytes, { limitInputPixels: false }).metadata())
  const picture = isDrawing ? await drawing(bytes) : openPicture(bytes).autoOrient()
  const { data, info } = await picture
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  tell('layer', { ...plain, left: 0, top: 0, width, height, png: await png(data, width, height) })
  tell('done', { width, height })
}

const looksLikeSvg = (bytes: Uint8Array): boolean =>
  /^\uFEFF?\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(Buffer.from(bytes.subarray(0, 256)).toString('utf8'))

/** A vector drawing at its own size, or larger where that is small. */
async function drawing(bytes: Uint8Array) {
  const limits = { limitInputPixels: mostPixels, failOn: 'error' as const }
  const { width = 1, height = 1, density = 72 } = await sharp(bytes, limits).metadata()
  const enlarged = Math.max(1, drawnSide / Math.max(width, height))
  return sharp(bytes, { ...limits, density: Math.min(density * enlarged, 100_000) })
}

const plain = { kind: 'image', name: '', depth: 0, opacity: 1, blend: 'normal', isVisible: true } as const

/** A Photoshop document: its layers and groups; the flat picture where it has none. */
async function openPsd(bytes: Uint8Array, tell: Tell): Promise<void> {
  const [height, width] = [
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(14),
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(18),
  ]
  refuseLarge({ width, height })
  initializeCanvas(
    () => {
      throw new Error('there is no canvas')
    },
    (width, height) => ({ width, height, data: new Uint8ClampedArray(width * height * 4) }) as ImageData,
  )
  const psd = parsed(bytes)
  const layers = psd.children ?? []
  if (layers.length === 0) {
    if (!psd.imageData) throw new Problem('PICTURE_DAMAGED', 'The Photoshop file holds no picture.')
    await tellPixels({ ...plain, left: 0, top: 0 }, psd.imageData, tell)
  } else await tellLayers(layers, 0, tell)
  tell('done', { width: psd.width, height: psd.height })
}

function parsed(bytes: Uint8Array): Psd {
  try {
    return readPsd(bytes, { useImageData: true, skipThumbnail: true, throwForMissingFeatures: false })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (/color mode|depth|bits|not supported|unsupported/i.test(reason)) {
      throw new Problem('PICTURE_FORMAT', `This kind of Photoshop file cannot be read (${reason}).`, {
        hint: 'Save it as RGB with 8 bits a channel.',
      })
    }
    throw new Problem('PICTURE_DAMAGED', `The Photoshop file is damaged (${reason}).`, {
      hint: 'Save or copy it again.',
    })
  }
}

function refuseLarge({ width, height }: { readonly width: number; readonly height: number }): void {
  if (width * height <= mostPixels) return
  throw new Problem(
    'PICTURE_LARGE',
    `The picture has ${width} × ${height} pixels: ${millions(width * height)} million, and at most ${millions(mostPixels)} million can be opened.`,
    { hint: 'Make it smaller in another program.' },
  )
}

const millions = (pixels: number): number => Math.round(pixels / 1e6)

let told = 0
let toldPixels = 0

async function tellLayers(layers: readonly Layer[], depth: number, tell: Tell): Promise<void> {
  for (const layer of layers) {
    const { name = '', opacity = 1, hidden = false, children, imageData, left = 0, top = 0 } = layer
    const about = { name, depth, opacity: inPercent(opacity), isVisible: !hidden, blend: blendOf(layer) }
    if (++told > mostLayers) {
      throw new Problem('PICTURE_LARGE', `The file has more than ${mostLayers} layers.`, {
        hint: 'Merge some of them.',
      })
    }
    if (children) {
      tell('layer', { ...about, kind: 'group', left: 0, top: 0, width: 0, height: 0 } satisfies OpenedLayer)
      await tellLayers(children, depth + 1, tell)
    } else if (imageData && imageData.width > 0 && imageData.height > 0) {
      await tellPixels({ ...about, kind: 'image', left, top }, imageData, tell)
    }
  }
}

async function tellPixels(
  layer: Omit<OpenedLayer, 'width' | 'height' | 'png'>,
  { data, width, height }: PixelData,
  tell: Tell,
): Promise<void> {
  refuseLarge({ width, height })
  toldPixels += width * height
  if (toldPixels > mostPixelsTogether) {
    throw new Problem(
      'PICTURE_LARGE',
      `The layers of the file have more than ${millions(mostPixelsTogether)} million pixels together.`,
      { hint: 'Merge some of them, or make it smaller in another program.' },
    )
  }
  if (!(data instanceof Uint8ClampedArray) && !(data instanceof Uint8Array)) {
    throw new Problem('PICTURE_FORMAT', 'This Photoshop file has more than 8 bits a channel.', {
      hint: 'Save it as RGB with 8 bits a channel.',
    })
  }
  tell('layer', { ...layer, width, height, png: await png(data, width, height) } satisfies OpenedLayer)
}

/** Files hold opacity in 255 parts; what people set and see are whole percents. */
const inPercent = (opacity: number): number => Math.round(opacity * 100) / 100

/** Names of CSS; what CSS does not know is drawn as it is. */
function blendOf({ blendMode = 'normal' }: Layer): OpenedLayer['blend'] {
  const name = blendMode === 'linear dodge' ? 'screen' : blendMode.replaceAll(' ', '-')
  const known = blendSchema.safeParse(name)
  return known.success ? known.data : 'normal'
}

const blendSchema = z.enum(blendModes)

async function open(bytes: Uint8Array): Promise<void> {
  const tell: Tell = (kind, payload) => process.stdout.write(frameBytes([0, kind, payload], largestAnswer))
  try {
    restrictReaders()
    const isPsd = Buffer.from(bytes.subarray(0, 4)).toString('latin1') === '8BPS'
    await (isPsd ? openPsd(bytes, tell) : openFlat(bytes, tell))
  } catch (error) {
    const { code, message, hint } = pictureProblem(error)
    tell('problem', { code, message, ...(hint !== undefined && { hint }) })
  }
  process.stdout.write('', () => process.exit(0))
}

/** Bytes of the longest frame: the pixels of the largest picture. */
const largestAnswer = mostPixels * 4 + 2 ** 20

const reader = new FrameReader(largestPicture + 2 ** 20)
process.stdin.on('data', (piece: Buffer) => {
  for (const [, , payload] of reader.push(piece)) void open(z.instanceof(Uint8Array).parse(payload))
})
process.stdin.on('end', () => process.exit(1))
