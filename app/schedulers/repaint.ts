import { clamp, mix } from '../tensor/arithmetic.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { levelInTable } from './add-noise.ts'
import { checkSteps, clippingKeys, commonKeys, readConfig } from './config.ts'
import { ancestralVariance, noiseTable } from './noise-table.ts'
import { cleanFrom, noiseFrom, predictionType, preserving } from './prediction.ts'
import { type Schedule, type SchedulerConfig, unchanged } from './scheduler.ts'

const className = 'RePaintScheduler'

const keys = { ...commonKeys, ...clippingKeys, prediction_type: predictionType }

/** How a picture is completed. */
export interface RePaintOptions {
  /** Steps that a jump goes back into the noise. */
  readonly jumpLength: number
  /** How often each part of the way is gone; 1: there are no jumps. */
  readonly passes: number
  /** Share of DDPM's noise that each step adds, 0 to 1. */
  readonly eta: number
  readonly known: {
    /** [batch, channels, height, width] in [-1, 1]; where nothing is known, whatever. */
    readonly picture: Tensor
    /** 1 where it is known, 0 where it is drawn. [1, 1, height, width] */
    readonly mask: Tensor
  }
  /** Told the sample after each step, back into the noise too, with the step's timestep. */
  readonly onSample?: (sample: Tensor, timestep: number) => void
}

/** RePaint (Lugmayr et al. 2022, arXiv:2201.09865, algorithm 1), as the reference's RePaintScheduler: what is known stands in every step with as much
 *  noise as the step has reached; and from time to time noise is put back and taken away again, so that what is drawn comes to fit to it.
 *  It is no sampler to choose, since it completes one picture. @throws Problem SCHEDULER_CONFIG, SCHEDULER_STEPS */
export function repaint(given: SchedulerConfig, steps: number, options: RePaintOptions): Schedule {
  const config = readConfig(className, keys, given)
  const { num_train_timesteps: trained, prediction_type } = config
  checkSteps(className, steps, trained)
  const table = noiseTable(className, config)
  const stride = Math.floor(trained / steps)
  const way = wayOf(steps, options).map(step => step * stride)
  const isBack = (k: number) => k > 0 && way[k] > way[k - 1]
  const { known, eta, onSample } = options
  const limited = (clean: Tensor) =>
    config.clip_sample ? clamp(clean, -config.clip_sample_range, config.clip_sample_range) : clean
  return {
    timesteps: way.filter((_, k) => !isBack(k)),
    table,
    initialNoiseScale: 1,
    noiseLevel: levelInTable(table),
    *run(x, noise, _begin = 0, after = unchanged) {
      for (const [k, timestep] of way.entries()) {
        if (isBack(k)) {
          // From the last step's timestep, as far as one step.
          for (let i = 0; i < stride; i++) {
            const beta = table.betas[way[k - 1] + i]
            x = mix([round(Math.sqrt(round(1 - beta))), x], [round(Math.sqrt(beta)), noise(x.shape)])
          }
        } else {
          const alphaBar = table.alphasCumprod[timestep]
          const nextAlphaBar = timestep >= stride ? table.alphasCumprod[timestep - stride] : 1
          const level = preserving(alphaBar)
          const from = x
          const denoised = (output: Tensor) => limited(cleanFrom(prediction_type, output, from, level))
          const output = yield { input: x, sample: x, timestep, denoised }
          const fresh = noise(x.shape)
          const deviation = round(eta * round(Math.sqrt(ancestralVariance(alphaBar, nextAlphaBar))))
          const rest = round(Math.sqrt(round(round(1 - nextAlphaBar) - round(deviation * deviation))))
          const next = preserving(nextAlphaBar)
          const drawn = mix([next.alpha, denoised(output)], [rest, noiseFrom(prediction_type, output, from, level)])
          const unknown = timestep > 0 && eta > 0 ? mix([1, drawn], [deviation, fresh]) : drawn
          x = after(joined(mix([next.alpha, known.picture], [next.sigma, fresh]), unknown, known.mask))
        }
        onSample?.(x, timestep)
      }
      return x
    },
  }
}

const round = Math.fround

/** Steps left before each step: down to 0, with the jumps back in between. */
function wayOf(steps: number, { jumpLength, passes }: RePaintOptions): number[] {
  const jumps = new Map<number, number>()
  for (let at = 0; at < steps - jumpLength; at += jumpLength) jumps.set(at, passes - 1)
  const way: number[] = []
  for (let at = steps - 1; at >= 0; at--) {
    way.push(at)
    const left = jumps.get(at) ?? 0
    if (left <= 0) continue
    jumps.set(at, left - 1)
    for (let k = 0; k < jumpLength; k++) way.push(++at)
  }
  return way
}

/** mask known + (1 - mask) drawn, rounded as torch does. */
function joined(known: Tensor, drawn: Tensor, mask: Tensor): Tensor {
  const plane = mask.data.length
  return tensor(
    drawn.shape,
    drawn.data.map((value, k) => {
      const share = mask.data[k % plane]
      return round(share * known.data[k]) + round(round(1 - share) * value)
    }),
  )
}
