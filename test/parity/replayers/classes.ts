import { join } from 'node:path'
import { z } from 'zod'
import { classGuidedNetwork } from '../../../app/diffusion/class-guided-network.ts'
import { denoise } from '../../../app/diffusion/denoise.ts'
import { ClassModel } from '../../../app/runtime/class-model.ts'
import { createSchedule, schedulers } from '../../../app/schedulers/index.ts'
import { leavingOutUnknownOptions, withModelFolder } from '../models.ts'
import { noiseSource, schedulerSchema, seeds, toUnitRange, withoutNulls } from './pipeline.ts'
import { list, type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  pipeline: z.string(),
  components: z.strictObject({ transformer: z.string(), vae: z.string() }),
  scheduler: schedulerSchema,
  call: z.preprocess(
    call => withoutNulls(z.record(z.string(), z.unknown()).parse(call)),
    z.strictObject({
      class_labels: z.array(z.int()),
      num_inference_steps: z.int().default(50),
      guidance_scale: z.number().default(4),
    }),
  ),
  seed: seeds,
  latent: z.literal(false).optional(),
})

/** Classes to pictures, with the parts that drawing a class is made of: the model, the schedule, guidance, THE denoising loop. */
export const replayClasses: Replayer = variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { pipeline, components, scheduler, call, seed } = parsed.data
  if (!Object.hasOwn(schedulers, scheduler.class)) return { leftOut: `there is no ${scheduler.class} yet` }
  const parts = {
    transformer: { folder: join(variant.root, components.transformer) },
    vae: { folder: join(variant.root, components.vae) },
    scheduler: { file: 'scheduler_config.json', content: scheduler.config, className: scheduler.class },
  }
  const draw = async (model: ClassModel) => {
    const { class_labels: labels, guidance_scale: scale } = call
    const schedule = createSchedule(scheduler.class, model.schedulerConfig, call.num_inference_steps)
    const noise = noiseSource(seed)
    const shape = model.latentShape(labels.length)
    // The reference's DiTPipeline does not scale the starting noise, whatever its scheduler asks for.
    const latents = noise(shape)
    const predict = await classGuidedNetwork(model, shape, labels, scale)
    const run = denoise({ schedule, latents, noise, predict, signal: new AbortController().signal })
    let next = await run.next()
    while (!next.done) next = await run.next()
    return { outputs: { timesteps: list(schedule.timesteps), image: toUnitRange(await model.decode(next.value)) } }
  }
  const open = (path: string, runtime: ConstructorParameters<typeof ClassModel>[1]) =>
    leavingOutUnknownOptions(() => draw(new ClassModel(path, runtime)))
  return withModelFolder(parts, open, { _class_name: pipeline })
}
