import { join } from 'node:path'
import { z } from 'zod'
import { denoise } from '../../../app/diffusion/denoise.ts'
import { sampledPixels, unconditionalNetwork } from '../../../app/diffusion/unconditional-network.ts'
import { PixelModel } from '../../../app/runtime/pixel-model.ts'
import { createSchedule, schedulers } from '../../../app/schedulers/index.ts'
import type { Schedule, SchedulerConfig } from '../../../app/schedulers/scheduler.ts'
import { scoreSdeVePlan } from '../../../app/schedulers/score-sde-ve.ts'
import { mix } from '../../../app/tensor/arithmetic.ts'
import { leavingOutUnknownOptions, withModelFolder } from '../models.ts'
import { noiseSource, schedulerSchema, seeds, toUnitRange, withoutNulls } from './pipeline.ts'
import { list, type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  pipeline: z.string(),
  components: z.strictObject({ unet: z.string() }),
  scheduler: schedulerSchema,
  call: z.preprocess(
    call => withoutNulls(z.record(z.string(), z.unknown()).parse(call)),
    z.strictObject({
      batch_size: z.int().default(1),
      num_inference_steps: z.int().optional(),
      eta: z.number().default(0),
      use_clipped_model_output: z.boolean().default(false),
    }),
  ),
  seed: seeds,
  latent: z.literal(false).optional(),
})

/** Pipelines that make a scheduler of their own of whatever they are given. */
const ownSamplers: Readonly<Record<string, string>> = { DDIMPipeline: 'DDIMScheduler', PNDMPipeline: 'PNDMScheduler' }

/** Schedulers of noise levels have a list of their own in the reference, one entry a step, beside what the network is told. */
function referenceTimesteps(sampler: string, config: SchedulerConfig, { timesteps }: Schedule, steps: number) {
  if (sampler === 'KarrasVeScheduler') return Array.from({ length: steps }, (_, k) => steps - 1 - k)
  return sampler === 'ScoreSdeVeScheduler' ? scoreSdeVePlan(config, steps).times : timesteps
}

/** Noise to pictures, with the parts that drawing without words is made of: the model, the schedule, THE denoising loop. */
export const replayUnconditional: Replayer = variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { pipeline, components, scheduler, call, seed } = parsed.data
  const sampler = ownSamplers[pipeline] ?? scheduler.class
  if (!Object.hasOwn(schedulers, sampler)) return { leftOut: `there is no ${sampler} yet` }
  const parts = {
    unet: { folder: join(variant.root, components.unet) },
    scheduler: { file: 'scheduler_config.json', content: scheduler.config, className: sampler },
  }
  const draw = async (model: PixelModel) => {
    const steps = call.num_inference_steps ?? model.description.defaults.steps
    const { eta, use_clipped_model_output: useClippedModelOutput } = call
    const schedule = createSchedule(sampler, model.schedulerConfig, steps, { eta, useClippedModelOutput })
    const noise = noiseSource(seed)
    const shape = model.shape(call.batch_size)
    const run = denoise({
      ...{ schedule, noise, latents: mix([schedule.initialNoiseScale, noise(shape)]) },
      predict: await unconditionalNetwork(model, shape, sampler),
      signal: new AbortController().signal,
    })
    let next = await run.next()
    while (!next.done) next = await run.next()
    const timesteps = list(referenceTimesteps(sampler, model.schedulerConfig, schedule, steps))
    return { outputs: { timesteps, image: toUnitRange(sampledPixels(sampler, next.value)) } }
  }
  const open = (path: string, runtime: ConstructorParameters<typeof PixelModel>[1]) =>
    leavingOutUnknownOptions(() => draw(new PixelModel(path, runtime)))
  return withModelFolder(parts, open, { _class_name: pipeline })
}
