import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { createSchedule, latentDiffusionConfig, schedulers, schedulersFor } from '../schedulers/index.ts'
import type { RunOptions, Schedule, SchedulerConfig } from '../schedulers/scheduler.ts'
import { linearSpace } from '../tensor/arithmetic.ts'
import type { Shape } from '../tensor/tensor.ts'

/** What is chosen for a run. */
export interface RunChoices {
  /** The scheduler's class name. */
  readonly sampler: string
  readonly steps: number
  /** Keys laid over the checkpoint's scheduler_config.json. */
  readonly config?: SchedulerConfig
  readonly options?: RunOptions
}

/** Plans a run of a checkpoint's network as its pipeline in the reference does. @param latents their shape
 *  @throws Problem SAMPLER_KIND where a sampler serves other networks; as `createSchedule` */
export function latentSchedule(checkpoint: Checkpoint, latents: Shape, choices: RunChoices): Schedule {
  const { sampler, steps, options = {} } = choices
  const config = { ...checkpoint.schedulerConfig, ...choices.config }
  refuseOtherKind(checkpoint, sampler)
  if (checkpoint.kind === 'unet') {
    const inForce = checkpoint.correctsSchedule ? latentDiffusionConfig(config) : config
    return createSchedule(sampler, inForce, steps, options)
  }
  const shift = config.use_dynamic_shifting === true ? { shift: shiftOf(config, placesOf(checkpoint, latents)) } : {}
  // FluxPipeline gives the levels before they are moved up; StableDiffusion3Pipeline leaves them to the scheduler.
  const isGiven = checkpoint.kind === 'flux' && schedulers[sampler].takes?.includes('sigmas')
  const levels = isGiven && config.use_flow_sigmas !== true ? { sigmas: linearSpace(1, 1 / steps, steps) } : {}
  return createSchedule(sampler, config, steps, { ...levels, ...shift, ...options })
}

/** How many places the network sees. */
const placesOf = ({ patch }: Checkpoint, [, , height, width]: Shape): number => (height / patch) * (width / patch)

/** How far the noise levels move up: a line through two counts of places, as the reference's `calculate_shift`. */
function shiftOf(config: SchedulerConfig, places: number): number {
  const number = (key: string, otherwise: number) => (typeof config[key] === 'number' ? config[key] : otherwise)
  const [least, most] = [number('base_image_seq_len', 256), number('max_image_seq_len', 4096)]
  const [low, high] = [number('base_shift', 0.5), number('max_shift', 1.15)]
  const slope = (high - low) / (most - least)
  return places * slope + (low - slope * least)
}

/** A sampler for other networks draws a wrong picture without a word. Some of those for diffusion know flow matching too, where the
 *  model's config says so. */
function refuseOtherKind({ description, schedulerConfig }: Checkpoint, sampler: string): void {
  const { samplers: wanted, name } = description
  const scheduler = Object.hasOwn(schedulers, sampler) ? schedulers[sampler] : undefined
  if (scheduler === undefined || scheduler.serves === wanted) return
  if (wanted === 'flow' && schedulerConfig.prediction_type === 'flow_prediction') return
  if (wanted === 'diffusion' && scheduler.serves !== 'flow') return
  const others = schedulersFor(wanted).map(({ className }) => className)
  throw new Problem(
    'SAMPLER_KIND',
    `The sampler "${scheduler.title}" is made for another kind of model than ${name}.`,
    {
      hint: `Choose ${others.join(' or ')}.`,
      details: { field: 'sampler' },
    },
  )
}
