import { z } from 'zod'
import { type FitMode, fitImage, flooredTo, toGray } from '../../../app/tensor/fit.ts'
import { binarized, fromImages, type RgbImage, toImages, toUnitRange } from '../../../app/tensor/images.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import type { Tensors } from '../goldens.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

const modes = { default: 'stretch', fill: 'fill', crop: 'crop' } as const satisfies Record<string, FitMode>

const parameters = z.strictObject({
  config: z.strictObject({
    do_resize: z.boolean().default(true),
    vae_scale_factor: z.int().positive().default(8),
    resample: z.enum(['bilinear', 'bicubic', 'lanczos']).default('lanczos'),
    do_normalize: z.boolean().default(true),
    do_binarize: z.boolean().default(false),
    do_convert_grayscale: z.boolean().default(false),
    do_convert_rgb: z.boolean().default(false),
  }),
  call: z
    .strictObject({
      height: z.int().optional(),
      width: z.int().optional(),
      resize_mode: z.enum(['default', 'fill', 'crop']).default('default'),
    })
    .default({ resize_mode: 'default' }),
})
type Parameters = z.output<typeof parameters>

/** Pictures to what an autoencoder takes, and what it gives to pictures. */
export const replayImageProcessor: Replayer = ({ params, inputs }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  if (inputs.has('post')) return { outputs: postprocessed(inputs.tensor('post')) }
  return { outputs: { tensor: preprocessed(picture(inputs, 'image_u8'), parsed.data) } }
}

function preprocessed(image: RgbImage, { config, call }: Parameters): Tensor {
  const asked = { width: call.width ?? image.width, height: call.height ?? image.height }
  const resized = config.do_resize
    ? fitImage(image, flooredTo(asked, config.vae_scale_factor), modes[call.resize_mode], config.resample)
    : image
  const coloured = config.do_convert_grayscale ? toGray(resized) : resized
  const values = fromImages([coloured], config.do_normalize ? 'signed' : 'unit')
  return config.do_binarize ? binarized(values) : values
}

function postprocessed(pictures: Tensor) {
  const images = toImages(pictures)
  const [{ width, height, data }] = images
  const shape = [images.length, height, width, data.length / (width * height)]
  const bytes = images.flatMap(image => [...image.data])
  return { np: channelsLast(toUnitRange(pictures)), pil_u8: { shape, data: bytes } }
}

/** [batch, channels, height, width] -> [batch, height, width, channels] */
function channelsLast({ shape: [batch, channels, height, width], data }: Tensor): Tensor {
  const plane = height * width
  const values = Float32Array.from({ length: data.length }, (_, at) => {
    const [member, place, channel] = [
      Math.floor(at / channels / plane),
      Math.floor(at / channels) % plane,
      at % channels,
    ]
    return data[(member * channels + channel) * plane + place]
  })
  return tensor([batch, height, width, channels], values)
}

/** An input [height, width, 3] of bytes. */
export function picture(inputs: Tensors, name: string): RgbImage {
  const [height, width] = inputs.shape(name)
  return { width, height, data: Uint8Array.from(inputs.integers(name)) }
}
