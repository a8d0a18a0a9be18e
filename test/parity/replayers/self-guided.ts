import { z } from 'zod'
import { selfGuidedPredictor } from '../../../app/diffusion/self-guidance.ts'
import { predictionOf } from '../../../app/operations/guides.ts'
import type { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import { schedulers } from '../../../app/schedulers/index.ts'
import { mix } from '../../../app/tensor/arithmetic.ts'
import type { Variant } from '../goldens.ts'
import {
  callSchema,
  conditionAll,
  denoiseAll,
  given,
  noiseSource,
  outputsOf,
  scheduleOf,
  seeds,
  sizeOf,
  sizesOf,
  withoutNulls,
  withPipeline,
} from './pipeline.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

/** The pipelines without that guidance that these are made after. */
const plain = {
  StableDiffusionPAGPipeline: 'StableDiffusionPipeline',
  StableDiffusionXLPAGPipeline: 'StableDiffusionXLPipeline',
  StableDiffusionSAGPipeline: 'StableDiffusionPipeline',
} as const

const parameters = z.strictObject({
  ...given.shape,
  pipeline: z.enum(['StableDiffusionPAGPipeline', 'StableDiffusionXLPAGPipeline', 'StableDiffusionSAGPipeline']),
  call: callSchema.extend({
    pag_scale: z.number().default(0),
    pag_applied_layers: z.union([z.string(), z.array(z.string())]).default('mid'),
    sag_scale: z.number().default(0),
  }),
  seed: seeds,
})
type Parameters = z.output<typeof parameters>

/** Text to image with a model that is guided by itself. */
export const replaySelfGuided: Replayer = variant => {
  const { call } = z.looseObject({ call: z.looseObject({}) }).parse(variant.params)
  const parsed = parameters.safeParse({ ...variant.params, call: withoutNulls(call) })
  if (!parsed.success) return unknownParameters(parsed.error)
  const { components, pipeline, scheduler } = parsed.data
  if (!Object.hasOwn(schedulers, scheduler.class)) return { leftOut: `there is no ${scheduler.class} yet` }
  const bare = { scheduler, components, pipeline: plain[pipeline] }
  return withPipeline(variant.root, bare, async checkpoint => ({
    outputs: await drawGuided(variant, checkpoint, parsed.data),
  }))
}

async function drawGuided(variant: Variant, checkpoint: Checkpoint, { call, seed, scheduler }: Parameters) {
  const noise = noiseSource(seed)
  const size = { ...checkpoint.description.defaults, ...sizeOf(call) }
  const conditioning = await conditionAll(checkpoint, call, size, sizesOf(call, size))
  const shape = checkpoint.latentShape(call.prompt.length * call.num_images_per_prompt, size)
  const schedule = scheduleOf(checkpoint, call, shape)
  const layers = [call.pag_applied_layers].flat()
  const prediction = predictionOf(scheduler.config, scheduler.class)
  const levelAt = (timestep: number) => schedule.noiseLevel(timestep)
  const { predictor } = selfGuidedPredictor(checkpoint, {
    ...(call.pag_scale > 0 && { perturbed: { scale: call.pag_scale, layers } }),
    ...(call.sag_scale > 0 && { degraded: { scale: call.sag_scale, prediction, levelAt } }),
  })
  const latents = mix([schedule.initialNoiseScale, noise(shape)])
  const drawn = await denoiseAll(checkpoint, call, conditioning, { schedule, noise, latents, predictor })
  return outputsOf(variant, checkpoint, drawn)
}
