import { firstCall, type NoiseSource, type Schedule } from '../schedulers/scheduler.ts'
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
 *  what differs between methods (guidance, control, masks) is in `predict`, in `after`, and in the latents that it starts from.
 *  Between steps it looks at the signal. @returns the finished latents, or those that it stops with
 *  @throws the signal's reason when it was aborted */
export async function* denoise(options: {
  readonly schedule: Schedule
  /** At the noise level of the first call that is made already. [batch, channels, height, width] */
  readonly latents: Tensor
  /** For samplers that add noise on the way. */
  readonly noise: NoiseSource
  readonly predict: Predict
  readonly signal: AbortSignal
  /** What a method makes of the latents after each call, which is the n-th of all calls of a whole run, from 1: masks put back what they keep. */
  readonly after?: ((latents: Tensor, call: number) => Tensor) | undefined
  /** Steps that are left out at the start, 0 by default: `Schedule.run`. */
  readonly begin?: number
  /** Calls of the network after which the loop stops, those of steps that were left out included; all by default. */
  readonly end?: number
}): AsyncGenerator<DenoisingStep, Tensor> {
  const { schedule, predict, signal, begin = 0, end = schedule.timesteps.length } = options
  const total = Math.min(end, schedule.timesteps.length) - firstCall(schedule, begin)
  const { after } = options
  let calls = firstCall(schedule, begin)
  const hook = after && ((latents: Tensor) => after(latents, ++calls))
  const run = schedule.run(options.latents, options.noise, begin, hook)
  let next = run.next()
  for (let step = 1; !next.done; step++) {
    if (step > total) return next.value.sample
    signal.throwIfAborted()
    const call = next.value
    const output = await predict(call.input, call.timestep)
    yield { step, total, latents: call.sample, estimate: () => call.denoised(output) }
    next = run.next(output)
  }
  return next.value
}
