import { z } from 'zod'
import { selfGuidedPredictor } from '../../../app/diffusion/self-guidance.ts'
import { predictionOf } from '../../../app/operations/guides.ts'
import { schedulers } from '../../../app/schedulers/index.ts'
import { callParameters, callSchema, draw, given, type Held, seeds, withPipeline } from './pipeline.ts'
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

/** Text to image with a model that is guided by itself. */
export const replaySelfGuided: Replayer = variant => {
  const parsed = callParameters(parameters, variant)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { components, pipeline, scheduler, ...chosen } = parsed.data
  if (!Object.hasOwn(schedulers, scheduler.class)) return { leftOut: `there is no ${scheduler.class} yet` }
  const { pag_scale, pag_applied_layers, sag_scale } = chosen.call
  const prediction = predictionOf(scheduler.config, scheduler.class)
  const guided: Held = (checkpoint, _, { schedule }) =>
    selfGuidedPredictor(checkpoint, {
      ...(pag_scale > 0 && { perturbed: { scale: pag_scale, layers: [pag_applied_layers].flat() } }),
      ...(sag_scale > 0 && {
        degraded: { scale: sag_scale, prediction, levelAt: timestep => schedule.noiseLevel(timestep) },
      }),
    }).predictor
  const bare = { scheduler, components, pipeline: plain[pipeline] }
  return withPipeline(variant.root, bare, checkpoint => draw(variant, checkpoint, chosen, guided))
}
