import { z } from 'zod'
import { Problem } from '../problem.ts'
import { centreCrop } from '../tensor/fit.ts'
import type { RgbImage } from '../tensor/images.ts'
import { type Filter, resample } from '../tensor/resample.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

const side = z.int().positive()
const rectangle = z.object({ height: side, width: side })
const shortestEdge = z.object({ shortest_edge: side })
/** Older files have one number: of the shortest edge where a picture is resized, of both sides where it is cropped. */
const resized = z.union([rectangle, shortestEdge, side.transform(edge => ({ shortest_edge: edge }))])
const cropped = z.union([rectangle, side.transform(edge => ({ height: edge, width: edge }))])

/** Pillow's numbers of filters. */
const filters: Readonly<Record<1 | 2 | 3, Filter>> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic' }

/** preprocessor_config.json of the reference's CLIPImageProcessor with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  do_resize: z.boolean().default(true),
  size: resized.default({ shortest_edge: 224 }),
  resample: z.literal([1, 2, 3]).default(3),
  do_center_crop: z.boolean().default(true),
  crop_size: cropped.default({ height: 224, width: 224 }),
  do_rescale: z.boolean().default(true),
  rescale_factor: z.number().default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: z.tuple([z.number(), z.number(), z.number()]).default([0.48145466, 0.4578275, 0.40821073]),
  image_std: z.tuple([z.number(), z.number(), z.number()]).default([0.26862954, 0.26130258, 0.27577711]),
})
export type ClipImageConfig = z.output<typeof configSchema>

/** Reads a preprocessor_config.json. @throws Problem MODEL_CONFIG naming file and key */
export function parseClipImageConfig(raw: unknown, file: string): ClipImageConfig {
  const parsed = configSchema.safeParse(raw)
  if (parsed.success) return parsed.data
  const [{ path, message }] = parsed.error.issues
  throw new Problem('MODEL_CONFIG', `${file} cannot be followed: ${path.join('.')}: ${message}.`, {
    hint: 'Download the model again.',
  })
}

/** Pictures of any sizes as CLIP's vision model reads them: [pictures, 3, height, width], centred and scaled by channel. The shortest
 *  edge is resized (to bytes, as Pillow does it), the middle is cut out.
 *  @throws Problem TENSOR_SIZE where the pictures come out at different sizes, which a config without a crop may bring about */
export function clipPixels(images: readonly RgbImage[], config: ClipImageConfig): Tensor {
  const ready = images.map(image => {
    const whole = config.do_resize ? resample(image, sizeFor(image, config), filters[config.resample]) : image
    return config.do_center_crop ? centreCrop(whole, config.crop_size) : whole
  })
  const [{ width, height }] = ready
  const odd = ready.find(image => image.width !== width || image.height !== height)
  if (odd !== undefined) {
    throw new Problem(
      'TENSOR_SIZE',
      `Pictures of ${width} x ${height} and ${odd.width} x ${odd.height} pixels cannot be looked at together.`,
    )
  }
  return tensorOf(ready, config)
}

/** The size before the crop. The longer edge is rounded down. */
function sizeFor({ width, height }: RgbImage, { size }: ClipImageConfig): { width: number; height: number } {
  if (!('shortest_edge' in size)) return size
  const edge = size.shortest_edge
  return width <= height
    ? { width: edge, height: Math.trunc((edge * height) / width) }
    : { width: Math.trunc((edge * width) / height), height: edge }
}

function tensorOf(images: readonly RgbImage[], config: ClipImageConfig): Tensor {
  const [{ width, height }] = images
  const plane = width * height
  const levels = [0, 1, 2].map(channel => Float32Array.from({ length: 256 }, (_, byte) => level(byte, channel, config)))
  const pixels = tensor([images.length, 3, height, width])
  images.forEach(({ data }, picture) => {
    data.forEach((byte, at) => {
      const channel = at % 3
      pixels.data[(picture * 3 + channel) * plane + Math.floor(at / 3)] = levels[channel][byte]
    })
  })
  return pixels
}

/** What a byte becomes, rounded to single precision after each operation, as numpy does it. */
function level(byte: number, channel: number, config: ClipImageConfig): number {
  const value = config.do_rescale ? Math.fround(byte * config.rescale_factor) : byte
  if (!config.do_normalize) return value
  const centred = Math.fround(value - Math.fround(config.image_mean[channel]))
  return centred / Math.fround(config.image_std[channel])
}
