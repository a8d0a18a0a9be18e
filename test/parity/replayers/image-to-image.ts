import { z } from 'zod'
import type { Checkpoint, ConditioningRequest } from '../../../app/runtime/checkpoint.ts'
import { wholePicture } from '../../../app/runtime/size-conditioning.ts'
import { noisedFor } from '../../../app/schedulers/add-noise.ts'
import { schedulers } from '../../../app/schedulers/index.ts'
import { firstCall, type Schedule } from '../../../app/schedulers/scheduler.ts'
import { joinBatches, repeatEach } from '../../../app/tensor/batches.ts'
import { fitImage, flooredTo } from '../../../app/tensor/fit.ts'
import { fromImages, type RgbImage } from '../../../app/tensor/images.ts'
import type { Tensor } from '../../../app/tensor/tensor.ts'
import { picture } from './image-processor.ts'
import {
  callParameters,
  callSchema,
  callsAbove,
  conditionAll,
  type DrawnLatents,
  denoiseAll,
  given,
  type Held,
  noiseSource,
  outputsOf,
  type PictureSize,
  scheduleOf,
  seeds,
  withPipeline,
} from './pipeline.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

/** Defaults of the reference's pipelines. */
const pipelines = {
  StableDiffusionImg2ImgPipeline: { strength: 0.8, guidance_scale: 7.5 },
  StableDiffusionXLImg2ImgPipeline: { strength: 0.3, guidance_scale: 5 },
}
const pipelineName = z.enum(['StableDiffusionImg2ImgPipeline', 'StableDiffusionXLImg2ImgPipeline'])

export const imageCallSchema = callSchema.omit({ height: true, width: true }).extend({
  guidance_scale: z.number().optional(),
  /** How much of the run is done: the picture starts with the noise that is left then. */
  strength: z.number().optional(),
  /** Where among training's timesteps another model stopped: no noise is added. */
  denoising_start: z.number().optional(),
  aesthetic_score: z.number().default(6),
  negative_aesthetic_score: z.number().default(2.5),
})
type ImageCall = z.output<typeof imageCallSchema>

export const imageParameters = z.strictObject({
  ...given.shape,
  pipeline: pipelineName,
  call: imageCallSchema,
  seed: seeds,
  init: z
    .strictObject({
      text_encoder: z.null(),
      tokenizer: z.null(),
      requires_aesthetics_score: z.boolean(), // the UNet's config says how many numbers it is told
    })
    .partial()
    .optional(),
})

/** Image to image: a run that begins in the middle, from a picture with noise. */
export const replayImageToImage: Replayer = variant => {
  const parsed = callParameters(imageParameters, variant)
  if (!parsed.success) return unknownParameters(parsed.error)
  const chosen = parsed.data
  if (!Object.hasOwn(schedulers, chosen.scheduler.class))
    return { leftOut: `there is no ${chosen.scheduler.class} yet` }
  return withPipeline(variant.root, chosen, async checkpoint => {
    const drawn = await drawOver(checkpoint, chosen, picture(variant.inputs, 'image_u8'))
    return { outputs: await outputsOf(variant, checkpoint, drawn) }
  })
}

/** One call of the reference's pipeline on a checkpoint.
 *  @param image a picture, or latents of the UNet (scaled) in its place: [pictures, channels, height, width]
 *  @param held by controls */
export async function drawOver(
  checkpoint: Checkpoint,
  chosen: Pick<z.output<typeof imageParameters>, 'pipeline' | 'call' | 'seed' | 'init'>,
  image: RgbImage | Tensor,
  held?: Held,
): Promise<DrawnLatents> {
  const call = { ...pipelines[chosen.pipeline], ...chosen.call }
  const noise = noiseSource(chosen.seed)

  // 1. The picture's latents, drawn before any other noise: once for all, or, where each has a seed of its own, for each
  const count = call.prompt.length * call.num_images_per_prompt
  const { stride } = checkpoint.description
  const encoded = 'shape' in image ? image : await encode(checkpoint, image, chosen.seed.length, noise)
  const clean = repeated(encoded, count)
  const schedule = scheduleOf(checkpoint, call, clean.shape)

  // 2. Where the run begins, and the noise of that place
  const begin = beginOf(call, schedule, checkpoint)
  const latents = call.denoising_start ? clean : noisedFor(schedule, begin, clean, noise(clean.shape))

  // 3. Prompts to conditioning
  const [, , height, width] = clean.shape
  const size = { width: width * stride, height: height * stride }
  const sizes = sizesOf(call, size, chosen.init?.requires_aesthetics_score === true)
  const conditioning = await conditionAll(checkpoint, call, size, sizes)

  // 4. Denoise
  const end = call.denoising_end && { end: callsAbove(schedule, checkpoint, call.denoising_end) }
  const calls = schedule.timesteps.length - firstCall(schedule, begin)
  const under = held && { predictor: held(checkpoint, size, { schedule, calls }) }
  return denoiseAll(checkpoint, call, conditioning, { schedule, noise, latents, begin, ...end, ...under })
}

/** Latents of a picture, whose sides are cut down to multiples of the autoencoder's stride. @param draws how many of its distribution */
function encode(checkpoint: Checkpoint, image: RgbImage, draws: number, noise: ReturnType<typeof noiseSource>) {
  const fitted = fitImage(image, flooredTo(image, checkpoint.description.stride), 'stretch')
  return checkpoint.encodeLatents(repeatEach(fromImages([fitted]), draws), noise)
}

/** As many latents as pictures are drawn: [a, b] becomes [a, b, a, b]. */
const repeated = (latents: Tensor, count: number): Tensor =>
  joinBatches(Array.from({ length: count / latents.shape[0] }, () => latents))

/** Steps that are left out: by the strength, or where another model stopped, whole steps of samplers that take two calls. */
function beginOf(call: ImageCall & { strength: number }, schedule: Schedule, checkpoint: Checkpoint): number {
  const { denoising_start } = call
  const steps = call.timesteps?.length ?? call.num_inference_steps
  if (denoising_start) {
    return Math.floor(callsAbove(schedule, checkpoint, denoising_start) / (schedule.callsPerStep ?? 1))
  }
  return steps - Math.min(Math.trunc(steps * call.strength), steps)
}

/** What Stable Diffusion XL is told of the picture; the reference tells the negative's own crop to refiners alone. */
function sizesOf(call: ImageCall, size: PictureSize, isRefiner: boolean): ConditioningRequest['sizes'] {
  const [top, left] = call.crops_coords_top_left
  const [negativeTop, negativeLeft] = call.negative_crops_coords_top_left
  const { original_size: original = size, target_size: target = size } = call
  const positive = { ...wholePicture(size), original, target, crop: { top, left }, aesthetic: call.aesthetic_score }
  return {
    positive,
    negative: {
      ...positive,
      original: call.negative_original_size ?? original,
      target: call.negative_target_size ?? target,
      ...(isRefiner && { crop: { top: negativeTop, left: negativeLeft } }),
      aesthetic: call.negative_aesthetic_score,
    },
  }
}
