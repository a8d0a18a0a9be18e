import { Problem } from '../problem.ts'
import { annealedLangevin } from './annealed-langevin.ts'
import { ddim } from './ddim.ts'
import { ddimInverse } from './ddim-inverse.ts'
import { ddpm } from './ddpm.ts'
import { deisMultistep } from './deis-multistep.ts'
import { dpmSolverMultistep } from './dpm-solver-multistep.ts'
import { dpmSolverMultistepInverse } from './dpm-solver-multistep-inverse.ts'
import { dpmSolverSinglestep } from './dpm-solver-singlestep.ts'
import { edmDpmSolverMultistep } from './edm-dpm-solver-multistep.ts'
import { edmEuler } from './edm-euler.ts'
import { eulerAncestralDiscrete } from './euler-ancestral-discrete.ts'
import { eulerDiscrete } from './euler-discrete.ts'
import { flowMatchEulerDiscrete } from './flow-match-euler-discrete.ts'
import { flowMatchHeunDiscrete } from './flow-match-heun-discrete.ts'
import { heunDiscrete } from './heun-discrete.ts'
import { ipndm } from './ipndm.ts'
import { kDpm2AncestralDiscrete } from './k-dpm-2-ancestral-discrete.ts'
import { kDpm2Discrete } from './k-dpm-2-discrete.ts'
import { karrasVe } from './karras-ve.ts'
import { lcm } from './lcm.ts'
import { lmsDiscrete } from './lms-discrete.ts'
import { pndm } from './pndm.ts'
import type { RunOptions, Schedule, Scheduler, SchedulerConfig, Serves } from './scheduler.ts'
import { scoreSdeVe } from './score-sde-ve.ts'
import { scoreSdeVp } from './score-sde-vp.ts'
import { tcd } from './tcd.ts'
import { uniPcMultistep } from './uni-pc-multistep.ts'

/** Every sampler there is, by the reference's class name. To add one: its file, and a name here. */
export const schedulers: Readonly<Record<string, Scheduler>> = Object.fromEntries(
  [
    ...[dpmSolverMultistep, eulerDiscrete, eulerAncestralDiscrete, uniPcMultistep, deisMultistep, dpmSolverSinglestep],
    ...[heunDiscrete, kDpm2Discrete, kDpm2AncestralDiscrete, lmsDiscrete, ddim, ddpm, pndm, lcm, tcd],
    ...[ddimInverse, dpmSolverMultistepInverse],
    ...[flowMatchEulerDiscrete, flowMatchHeunDiscrete],
    ...[edmEuler, edmDpmSolverMultistep],
    ...[ipndm, karrasVe, scoreSdeVe, scoreSdeVp, annealedLangevin],
  ].map(scheduler => [scheduler.className, scheduler]),
)

/** Those that serve a kind of networks, in the order in which a person sees them. */
export const schedulersFor = (serves: Serves): Scheduler[] =>
  Object.values(schedulers).filter(scheduler => scheduler.serves === serves)

/** A model's scheduler_config.json as the reference's Stable Diffusion pipelines correct it when they open a model: old
 *  files count timesteps from 0 instead of 1, and limit latents as if they were pixels. */
export const latentDiffusionConfig = (config: SchedulerConfig): SchedulerConfig => ({
  ...config,
  steps_offset: 1,
  clip_sample: false,
})

/** Plans a run of the scheduler with that class name. `config` is a model's scheduler_config.json, of whatever class,
 *  with the person's choices (e.g. `use_karras_sigmas`) laid over it.
 *  @param steps without meaning where the options give timesteps or sigmas
 *  @throws Problem SCHEDULER_UNKNOWN listing what there is; SCHEDULER_CONFIG, SCHEDULER_STEPS, SCHEDULER_TIMESTEPS;
 *  SCHEDULER_OPTION for timesteps or sigmas that it does not take */
export function createSchedule(
  className: string,
  config: SchedulerConfig,
  steps: number,
  options: RunOptions = {},
): Schedule {
  if (!Object.hasOwn(schedulers, className)) {
    throw new Problem('SCHEDULER_UNKNOWN', `There is no sampler "${className}".`, {
      hint: `Choose one of ${Object.keys(schedulers).join(', ')}.`,
    })
  }
  const scheduler = schedulers[className]
  for (const name of ['timesteps', 'sigmas'] as const) {
    if (options[name] && !scheduler.takes?.includes(name)) {
      const others = Object.values(schedulers).filter(({ takes }) => takes?.includes(name))
      throw new Problem('SCHEDULER_OPTION', `${className} chooses its ${name} itself.`, {
        hint: `Give a count of steps, or choose one of ${others.map(({ className }) => className).join(', ')}.`,
      })
    }
  }
  return scheduler.create(config, options.timesteps?.length ?? steps, options)
}
