import { z } from 'zod'
import { keepOutside } from '../../../app/diffusion/masked.ts'
import type { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import { wholePicture } from '../../../app/runtime/size-conditioning.ts'
import { noisedFor } from '../../../app/schedulers/add-noise.ts'
import { firstCall } from '../../../app/schedulers/scheduler.ts'
import { mix } from '../../../app/tensor/arithmetic.ts'
import { joinChannels, repeatEach } from '../../../app/tensor/batches.ts'
import { fitImage } from '../../../app/tensor/fit.ts'
import { binarized, fromImages, type RgbImage, toImages } from '../../../app/tensor/images.ts'
import { boxAround, cropped, laidOver, maskedBox, shrunkMask, whereUnmasked } from '../../../app/tensor/masks.ts'
import type { Tensors } from '../goldens.ts'
import { picture } from './image-processor.ts'
import {
  callParameters,
  callSchema,
  conditionAll,
  denoiseAll,
  given,
  type Held,
  noiseSource,
  outputsOf,
  scheduleOf,
  seeds,
  withPipeline,
} from './pipeline.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

export const inpaintParameters = z.strictObject({
  ...given.shape,
  call: callSchema.extend({
    strength: z.number().default(1),
    /** Pixels around what the mask marks: that part alone is drawn, at the whole size. */
    padding_mask_crop: z.int().optional(),
  }),
  seed: seeds,
  latent: z.boolean().optional(),
  np: z.boolean().optional(),
  pil: z.boolean().optional(),
})
type InpaintParameters = z.output<typeof inpaintParameters>

/** In-painting by models that know of masks (9 channels) and by others. */
export const replayInpaint: Replayer = async variant => {
  const parsed = callParameters(inpaintParameters, variant)
  if (!parsed.success) return unknownParameters(parsed.error)
  const image = picture(variant.inputs, 'image_u8')
  const mask = grayPicture(variant.inputs, 'mask_image_u8')
  return withPipeline(variant.root, parsed.data, async checkpoint => {
    const { drawn, box } = await drawInpainted(checkpoint, parsed.data, image, mask)
    const outputs = await outputsOf(variant, checkpoint, drawn)
    if (!variant.outputs.has('image_u8')) return { outputs }
    const pasted = laidOver(image, toImages(await checkpoint.decode(drawn.latents))[0], mask, box)
    const { latents_per_step, timesteps } = outputs
    const shape = [1, pasted.height, pasted.width, 3]
    return { outputs: { latents_per_step, timesteps, image_u8: { shape, data: [...pasted.data] } } }
  })
}

/** The stages of StableDiffusionInpaintPipeline, in its order of random numbers. */
export async function drawInpainted(
  checkpoint: Checkpoint,
  { call, seed }: Pick<InpaintParameters, 'call' | 'seed'>,
  image: RgbImage,
  mask: RgbImage,
  held?: Held,
) {
  const { padding_mask_crop: padding } = call
  const size = { ...checkpoint.description.defaults, ...call }
  const { width, height } = { width: size.width, height: size.height }
  const marked = maskedBox(mask)
  const whole = { left: 0, top: 0, right: image.width, bottom: image.height }
  const box =
    padding === undefined || marked === undefined ? whole : boxAround(image, marked, { width, height }, padding)
  const mode = padding === undefined ? 'stretch' : 'fill'
  const fitted = (part: RgbImage) => fitImage(cropped(part, box), { width, height }, mode)
  const noise = noiseSource(seed)
  const count = call.prompt.length * call.num_images_per_prompt
  const pixels = repeatEach(fromImages([fitted(image)]), count)
  const hard = binarized(fromImages([fitted(mask)], 'unit'))
  const latentMask = shrunkMask(hard, checkpoint.description.stride)

  const shape = checkpoint.latentShape(count, { width, height })
  const schedule = scheduleOf(checkpoint, call, shape)
  const steps = call.num_inference_steps
  const begin = steps - Math.min(Math.trunc(steps * call.strength), steps)
  const knowsMasks = checkpoint.besideChannels > 0
  const needsClean = !knowsMasks || call.strength < 1
  const clean = needsClean ? await checkpoint.encodeLatents(pixels, noise) : undefined
  const first = noise(shape)
  const latents =
    call.strength === 1 || clean === undefined
      ? mix([schedule.initialNoiseScale, first])
      : noisedFor(schedule, begin, clean, first)
  // Encoded for both kinds of models, so both draw these random numbers.
  const without = await checkpoint.encodeLatents(whereUnmasked(pixels, hard), noise)
  const beside = knowsMasks ? joinChannels([repeatEach(latentMask, count), without]) : undefined
  const after =
    knowsMasks || clean === undefined
      ? undefined
      : keepOutside({ schedule, clean, noise: first, maskAt: () => latentMask })

  const conditioning = await conditionAll(
    checkpoint,
    call,
    { width, height },
    {
      positive: wholePicture({ width, height }),
      negative: wholePicture({ width, height }),
    },
  )
  const calls = schedule.timesteps.length - firstCall(schedule, begin)
  const under = held && { predictor: held(checkpoint, { width, height }, { schedule, calls }) }
  const options = { schedule, noise, latents, begin, after, beside, ...under }
  const drawn = await denoiseAll(checkpoint, call, conditioning, options)
  return { drawn, box }
}

/** An input [height, width] of bytes. */
export function grayPicture(inputs: Tensors, name: string): RgbImage {
  const [height, width] = inputs.shape(name)
  return { width, height, data: Uint8Array.from(inputs.integers(name)) }
}
