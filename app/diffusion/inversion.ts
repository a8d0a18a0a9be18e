import type { Checkpoint } from '../runtime/checkpoint.ts'
import { ddim } from '../schedulers/ddim.ts'
import { ddimInverse } from '../schedulers/ddim-inverse.ts'
import { createSchedule, latentDiffusionConfig } from '../schedulers/index.ts'
import type { Schedule, SchedulerConfig } from '../schedulers/scheduler.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import { type DenoisingStep, denoise, type Predict } from './denoise.ts'

/** The sampler whose way back to the noise is known. */
export const INVERTIBLE_SAMPLER = ddim.className

/** Of both ways: they visit the same timesteps, and the picture is as clean as training's first timestep, where the way back divides by no zero. */
export const invertibleConfig = ({ schedulerConfig }: Pick<Checkpoint, 'schedulerConfig'>): SchedulerConfig => ({
  set_alpha_to_one: false,
  timestep_spacing: schedulerConfig.timestep_spacing === 'trailing' ? 'trailing' : 'leading',
})

/** The way from a picture to its noise, that a drawing with `INVERTIBLE_SAMPLER` and `invertibleConfig` comes from. @throws Problem SCHEDULER_* */
export const inverseSchedule = (
  checkpoint: Pick<Checkpoint, 'schedulerConfig' | 'correctsSchedule'>,
  steps: number,
): Schedule => {
  const own = { ...checkpoint.schedulerConfig, ...invertibleConfig(checkpoint) }
  return createSchedule(ddimInverse.className, checkpoint.correctsSchedule ? latentDiffusionConfig(own) : own, steps)
}

/** Follows a picture to its noise (Song et al. 2021, arXiv:2010.02502, section 4.3), through THE denoising loop.
 *  @param options.latents of the picture, scaled: [batch, channels, height, width]  @param options.predict without guidance: with it the way is not
 *  found back  @param options.end steps that are made; all by default
 *  @returns all latents on the way, the picture's the first  @throws the signal's reason */
export async function* followedToNoise(options: {
  readonly schedule: Schedule
  readonly latents: Tensor
  readonly predict: Predict
  readonly signal: AbortSignal
  readonly end?: number
}): AsyncGenerator<DenoisingStep, Tensor[]> {
  const noise = (shape: Shape) => tensor(shape)
  const run = denoise({ ...options, noise })
  const passed: Tensor[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return [...passed, next.value]
    passed.push(next.value.latents)
    yield next.value
  }
}
