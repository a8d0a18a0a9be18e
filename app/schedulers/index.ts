import { Problem } from '../problem.ts'
import { ddim } from './ddim.ts'
import { dpmSolverMultistep } from './dpm-solver-multistep.ts'
import { eulerAncestralDiscrete } from './euler-ancestral-discrete.ts'
import { eulerDiscrete } from './euler-discrete.ts'
import { pndm } from './pndm.ts'
import type { RunOptions, Schedule, Scheduler, SchedulerConfig } from './scheduler.ts'

/** Every sampler there is, by the reference's class name. To add one: its file, and a name here. */
export const schedulers: Readonly<Record<string, Scheduler>> = Object.fromEntries(
  [dpmSolverMultistep, eulerDiscrete, eulerAncestralDiscrete, ddim, pndm].map(scheduler => [
    scheduler.className,
    scheduler,
  ]),
)

/** A model's scheduler_config.json as the reference's Stable Diffusion pipelines correct it when they open a model: old
 *  files count timesteps from 0 instead of 1, and limit latents as if they were pixels. */
export const latentDiffusionConfig = (config: SchedulerConfig): SchedulerConfig => ({
  ...config,
  steps_offset: 1,
  clip_sample: false,
})

/** Plans a run of the scheduler with that class name. `config` is a model's scheduler_config.json, of whatever class,
 *  with the person's choices (e.g. `use_karras_sigmas`) laid over it.
 *  @throws Problem SCHEDULER_UNKNOWN listing what there is; SCHEDULER_CONFIG, SCHEDULER_STEPS */
export function createSchedule(
  className: string,
  config: SchedulerConfig,
  steps: number,
  options?: RunOptions,
): Schedule {
  if (!Object.hasOwn(schedulers, className)) {
    throw new Problem('SCHEDULER_UNKNOWN', `There is no sampler "${className}".`, {
      hint: `Choose one of ${Object.keys(schedulers).join(', ')}.`,
    })
  }
  return schedulers[className].create(config, steps, options)
}
