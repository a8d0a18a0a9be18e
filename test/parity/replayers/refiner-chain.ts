import { z } from 'zod'
import { seedSchema } from '../goldens.ts'
import { drawOver, imageParameters } from './image-to-image.ts'
import { callSchema, drawLatents, given, seeds, toUnitRange, withPipeline } from './pipeline.ts'
import { list, type Replayer, stack, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  base: z.strictObject({ ...given.shape, call: callSchema, seed: seeds }),
  refiner: imageParameters,
  /** The share of training's timesteps that the base draws. */
  split: z.number(),
  seed: seedSchema,
})

/** Stable Diffusion XL's ensemble of experts (Podell et al. 2023, arXiv:2307.01952, section 2.5): the base stops, the refiner goes on. */
export const replayRefinerChain: Replayer = async variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { base, refiner, split, seed } = parsed.data
  const first = await withPipeline(variant.root, base, checkpoint =>
    drawLatents(variant, checkpoint, { call: { ...base.call, denoising_end: split }, seed: [seed] }),
  )
  if ('leftOut' in first) return first
  return withPipeline(variant.root, refiner, async checkpoint => {
    const call = { ...refiner.call, denoising_start: split }
    const second = await drawOver(checkpoint, { ...refiner, call, seed: [seed + 1n] }, first.latents)
    return {
      outputs: {
        base_timesteps: list(first.schedule.timesteps),
        base_latents: first.latents,
        refiner_timesteps: list(second.schedule.timesteps),
        refiner_latents_per_step: stack(second.perCall),
        image: toUnitRange(await checkpoint.decode(second.latents)),
      },
    }
  })
}
