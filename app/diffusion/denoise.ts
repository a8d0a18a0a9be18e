import type { NoiseSource, Schedule } from '../schedulers/scheduler.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Answers one question of the sampler: the network's raw prediction for noisy latents at a training timestep. Shapes are equal. */
export type Predict = (input: Tensor, timestep: number) => Promise<Tensor>

/** A prediction that is another one from step to step. Samplers that call the network more often than they step share the calls out
 *  evenly: call k of `calls` belongs to step floor((k - 1) steps / calls) + 1.
 *  @param predictAt the prediction of a step, 1 to `steps`; asked for when the step begins */
export function perStep(steps: number, calls: number, predictAt: (step: number) => Predict): Predict {
  let [call, step] = [0, 1]
  let predict = predictAt(step)
  return (input, timestep) => {
    const next = Math.floor((call * steps) / calls) + 1
    if (next !== step) predict = predictAt(next)
    call++
    step = next
    return predict(input, timestep)
  }
}

/** Where the loop is, after each call of the network. */
export interface DenoisingStep {
  /** Calls that are done, from 1. */
  readonly step: number
  readonly total: number
  /** The latents before this call; from the second call on, the result of the step before. [batch, channels, height, width] */
  readonly latents: Tensor
  /** The network's estimate of the clean latents, computed when asked for. */
  readonly estimate: () => Tensor
}

/** THE denoising loop: every method of the studio goes through it. It walks through a sampler's schedule and lets the network answer;
 *  what differs between methods (guidance, control, masks) is in `predict` and in the latents that it starts from.
 *  Between steps it looks at the signal. @returns the finished latents
 *  @throws the signal's reason when it was aborted */
export async function* denoise(options: {
  readonly schedule: Schedule
  /** Scaled to the schedule's first noise level already. [batch, channels, height, width] */
  readonly latents: Tensor
  /** For samplers that add noise on the way. */
  readonly noise: NoiseSource
  readonly predict: Predict
  readonly signal: AbortSignal
}): AsyncGenerator<DenoisingStep, Tensor> {
  const { schedule, predict, signal } = options
  const total = schedule.timesteps.length
  const run = schedule.run(options.latents, options.noise)
  let next = run.next()
  for (let step = 1; !next.done; step++) {
    signal.throwIfAborted()
    const call = next.value
    const output = await predict(call.input, call.timestep)
    yield { step, total, latents: call.sample, estimate: () => call.denoised(output) }
    next = run.next(output)
  }
  return next.value
}
