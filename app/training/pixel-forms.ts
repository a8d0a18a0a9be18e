import { z } from 'zod'
import { dpmSolverMultistep } from '../schedulers/dpm-solver-multistep.ts'
import { edmEuler } from '../schedulers/edm-euler.ts'
import type { SchedulerConfig } from '../schedulers/scheduler.ts'
import { edmNoising, linearNoising, modelNoising, type Noising, type Weighting } from './noising.ts'

/** What a network of pixels is asked: as its scheduler says; in a table of noise levels its noise, v or the clean picture; Karras' noise levels
 *  and preconditioning; the clean picture of an even mixture. */
export const pixelForm = z.enum(['as the model', 'noise', 'v', 'clean picture', 'edm', 'mixed'])
export type PixelForm = z.output<typeof pixelForm>

/** How noise levels of a table are weighed, with the papers' numbers. */
export const pixelWeighting = z.enum(['none', 'min-snr', 'p2'])

const weightings: Readonly<Record<z.output<typeof pixelWeighting>, Weighting>> = {
  none: { kind: 'none' },
  'min-snr': { kind: 'min-snr', gamma: 5 },
  p2: { kind: 'p2', k: 1, gamma: 1 },
}

const predictions = { noise: 'epsilon', v: 'v_prediction', 'clean picture': 'sample' } as const

/** Standard deviation of pixels in [-1, 1] (Karras et al. 2022, arXiv:2206.00364, table 1), and the range of levels that are drawn with. */
const edm = { num_train_timesteps: 1000, sigma_min: 0.002, sigma_max: 80, sigma_data: 0.5, prediction_type: 'epsilon' }
/** Walks from share to share of an even mixture; the network answers with the clean picture. */
const mixture = { num_train_timesteps: 1000, use_flow_sigmas: true, flow_shift: 1, prediction_type: 'sample' }
/** Of models that had no table of noise levels (Nichol & Dhariwal 2021, arXiv:2102.09672). */
const table = { _class_name: 'DDPMScheduler', num_train_timesteps: 1000, beta_schedule: 'squaredcos_cap_v2' }

/** A form of training for a model, and the scheduler_config.json that draws what comes of it.
 *  @param config the model's own  @throws Problem SCHEDULER_CONFIG, TRAINING_FLOW */
export function formOf(
  config: SchedulerConfig,
  form: PixelForm,
  weighting: z.output<typeof pixelWeighting>,
): { readonly noising: Noising; readonly scheduler: SchedulerConfig } {
  const own = ownForm(config)
  switch (form === 'as the model' ? own : form) {
    case 'edm': {
      const scheduler = own === 'edm' ? config : { _class_name: edmEuler.className, ...edm }
      const { sigma_data: dataDeviation } = z.looseObject({ sigma_data: z.number().default(0.5) }).parse(scheduler)
      return { noising: edmNoising({ dataDeviation }), scheduler }
    }
    case 'mixed': {
      const scheduler = own === 'mixed' ? config : { _class_name: dpmSolverMultistep.className, ...mixture }
      return { noising: linearNoising, scheduler }
    }
    default: {
      const base = own === 'as the model' ? config : table
      const isOther = form === 'noise' || form === 'v' || form === 'clean picture'
      const scheduler = isOther ? { ...base, prediction_type: predictions[form] } : base
      return { noising: modelNoising(scheduler, weightings[weighting]), scheduler }
    }
  }
}

/** The form that a scheduler was made for; 'as the model': a table of noise levels. */
function ownForm({
  _class_name: name,
  use_flow_sigmas: isMixed,
  prediction_type: prediction,
}: SchedulerConfig): PixelForm {
  if (typeof name === 'string' && name.startsWith('EDM')) return 'edm'
  return isMixed === true && prediction === 'sample' ? 'mixed' : 'as the model'
}
