import { z } from 'zod'
import { depthBeside, exampleBeside, noisedSmall } from '../../../app/diffusion/beside.ts'
import { doubled, doubling } from '../../../app/diffusion/latent-doubling.ts'
import type { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import type { GuidanceConditioning } from '../../../app/runtime/conditioning.ts'
import { wholePicture } from '../../../app/runtime/size-conditioning.ts'
import { noisedFor } from '../../../app/schedulers/add-noise.ts'
import { mix } from '../../../app/tensor/arithmetic.ts'
import { joinBatches } from '../../../app/tensor/batches.ts'
import { fromImages } from '../../../app/tensor/images.ts'
import { shrunkMask, whereUnmasked } from '../../../app/tensor/masks.ts'
import { tensor } from '../../../app/tensor/tensor.ts'
import type { Variant } from '../goldens.ts'
import { picture } from './image-processor.ts'
import {
  callParameters,
  callSchema,
  conditionAll,
  denoiseAll,
  given,
  noiseSource,
  outputsOf,
  scheduleOf,
  schedulerSchema,
  seeds,
  toUnitRange,
  withPipeline,
} from './pipeline.ts'
import { type LeftOut, type Replay, type Replayer, stack, unknownParameters } from './replayer.ts'

/* Pipelines whose network sees something beside the latents, other than a mask. */

const parameters = z.strictObject({
  ...given.shape,
  call: callSchema.extend({
    image_guidance_scale: z.number().default(1.5),
    strength: z.number().default(0.8),
    noise_level: z.int().default(20),
  }),
  seed: seeds,
  /** How noise is put on the small picture. */
  low_res_scheduler: schedulerSchema.optional(),
})
type Chosen = z.output<typeof parameters>

type Draw = (variant: Variant, checkpoint: Checkpoint, chosen: Chosen) => Promise<Replay>

const replaying =
  (draw: Draw): Replayer =>
  async (variant): Promise<Replay | LeftOut> => {
    const parsed = callParameters(parameters, variant)
    if (!parsed.success) return unknownParameters(parsed.error)
    return withPipeline(variant.root, parsed.data, checkpoint => draw(variant, checkpoint, parsed.data))
  }

const conditioned = (checkpoint: Checkpoint, { call }: Chosen, [, , height, width]: readonly number[]) => {
  const { stride } = checkpoint.description
  const size = { width: width * stride, height: height * stride }
  return conditionAll(checkpoint, call, size, { positive: wholePicture(size), negative: wholePicture(size) })
}

/** The picture beside the latents: the mean of its distribution, not scaled. */
export const replayInstructed = replaying(async (variant, checkpoint, chosen) => {
  const { call } = chosen
  const noise = noiseSource(chosen.seed)
  const { mean: beside } = await checkpoint.encode(fromImages([picture(variant.inputs, 'image_u8')]))
  const schedule = scheduleOf(checkpoint, call, beside.shape)
  const drawn = await denoiseAll(checkpoint, call, await conditioned(checkpoint, chosen, beside.shape), {
    ...{ schedule, noise, latents: mix([schedule.initialNoiseScale, noise(beside.shape)]) },
    ...{ beside, besideScale: call.image_guidance_scale },
  })
  return { outputs: await outputsOf(variant, checkpoint, drawn) }
})

/** Image to image with the depth beside the latents. */
export const replayDepth = replaying(async (variant, checkpoint, chosen) => {
  const { call } = chosen
  const noise = noiseSource(chosen.seed)
  const clean = await checkpoint.encodeLatents(fromImages([picture(variant.inputs, 'image_u8')]), noise)
  const [, , height, width] = clean.shape
  const map = variant.inputs.tensor('depth_map')
  const beside = depthBeside(tensor([map.shape[0], 1, ...map.shape.slice(1)], map.data), { width, height })
  const schedule = scheduleOf(checkpoint, call, clean.shape)
  const steps = call.num_inference_steps
  const begin = steps - Math.min(Math.trunc(steps * call.strength), steps)
  const drawn = await denoiseAll(checkpoint, call, await conditioned(checkpoint, chosen, clean.shape), {
    ...{ schedule, noise, begin, beside },
    latents: noisedFor(schedule, begin, clean, noise(clean.shape)),
  })
  return { outputs: await outputsOf(variant, checkpoint, drawn) }
})

/** The small picture with noise on it beside the latents, which have its size. */
export const replayUpscaler: Replayer = replaying(async (variant, checkpoint, chosen) => {
  const { call } = chosen
  const noise = noiseSource(chosen.seed)
  const pixels = fromImages([picture(variant.inputs, 'image_u8')])
  const beside = noisedSmall(
    { noiseOfSmall: chosen.low_res_scheduler?.config },
    ...([pixels, call.noise_level, noise] as const),
  )
  const shape = pixels.shape.with(1, 4)
  const schedule = scheduleOf(checkpoint, call, shape)
  const latents = mix([schedule.initialNoiseScale, noise(shape)])
  const conditioning = labelled(await conditioned(checkpoint, chosen, shape), call.noise_level)
  const drawn = await denoiseAll(checkpoint, call, conditioning, { schedule, noise, latents, beside })
  return { outputs: await outputsOf(variant, checkpoint, drawn) }
})

/** Tells the network how much noise lies on what is beside. */
const labelled = ({ positive, negative }: GuidanceConditioning, level: number): GuidanceConditioning => {
  const class_labels = tensor([positive.encoder_hidden_states.shape[0]]).data.fill(level)
  const told = { class_labels: tensor([class_labels.length], class_labels) }
  return { positive: { ...positive, ...told }, negative: { ...negative, ...told } }
}

/** Latents of a picture beside latents of twice its size. */
export const replayDoubling: Replayer = replaying(async (variant, checkpoint, chosen) => {
  const { call } = chosen
  const noise = noiseSource(chosen.seed)
  const beside = doubled(variant.inputs.tensor('image'))
  const schedule = scheduleOf(checkpoint, call, beside.shape)
  const latents = mix([schedule.initialNoiseScale, noise(beside.shape)])
  const drawn = await denoiseAll(checkpoint, call, await conditioned(checkpoint, chosen, beside.shape), {
    ...{ schedule, noise, latents, beside },
    around: network => doubling(network, schedule, beside.shape[1]),
  })
  return { outputs: await outputsOf(variant, checkpoint, drawn) }
})

const byExample = z.strictObject({
  ...{ image_encoder: z.string(), unet: z.string(), scheduler: schedulerSchema, seed: seeds },
  call: callSchema.omit({ prompt: true }),
})

/** A part of a picture painted after another picture: mask and picture beside the latents, the mask last and turned round. */
export const replayPaintByExample: Replayer = async variant => {
  const parsed = byExample.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { image_encoder, unet, scheduler, seed, call } = parsed.data
  const components = { image_encoder, unet, vae: 'models/sd1/vae' }
  return withPipeline(variant.root, { pipeline: 'PaintByExamplePipeline', components, scheduler }, async checkpoint => {
    const conditioning = await checkpoint.conditionOnExample(picture(variant.inputs, 'example_u8'))
    const noise = noiseSource(seed)
    const pixels = fromImages([picture(variant.inputs, 'image_u8')])
    const [height, width] = variant.inputs.shape('mask_u8')
    const mask = tensor([1, 1, height, width], Float32Array.from(variant.inputs.integers('mask_u8'), marked))
    const schedule = scheduleOf(checkpoint, call, checkpoint.latentShape(1, { width, height }))
    const latents = mix([schedule.initialNoiseScale, noise(checkpoint.latentShape(1, { width, height }))])
    const without = await checkpoint.encodeLatents(whereUnmasked(pixels, mask), noise)
    const beside = exampleBeside(without, shrunkMask(mask, checkpoint.description.stride))
    const drawn = await denoiseAll(checkpoint, call, conditioning, { schedule, noise, latents, beside })
    return {
      outputs: {
        latents_per_step: stack(drawn.perCall),
        image: toUnitRange(await checkpoint.decode(drawn.latents)),
        image_embeddings: conditioning.positive.encoder_hidden_states,
        uncond_vector: joinBatches([conditioning.negative.encoder_hidden_states]),
      },
    }
  })
}

const marked = (byte: number): number => (byte > 127 ? 1 : 0)
