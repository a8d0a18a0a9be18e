import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { levelInTable } from './add-noise.ts'
import { readConfig } from './config.ts'
import { consistencyKeys, consistencyTimesteps, thinned } from './consistency-timesteps.ts'
import { noiseTable } from './noise-table.ts'
import { cleanFrom, noiseFrom, preserving } from './prediction.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'

const className = 'TCDScheduler'

const round = Math.fround

/** Trajectory consistency distillation: Zheng et al. 2024 (arXiv:2402.19159), algorithm 2. Each call jumps along the
 *  probability flow, to below the next timestep by `eta`, and noise takes the sample back up to it. */
export const tcd: Scheduler = {
  className,
  title: 'TCD',
  goodFor: 'Four to twenty steps with models and LoRAs that were distilled for it; more detail than LCM.',
  serves: 'diffusion',
  takes: ['timesteps'],
  choosesNoiseLevels: false,
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, consistencyKeys, given)
    const { eta = 0.3, originalSteps, strength = 1 } = options
    const table = noiseTable(className, config)
    const isFree = originalSteps !== undefined && options.timesteps === undefined // then any training timestep may be visited
    const timesteps = isFree
      ? thinned(className, Math.floor(config.num_train_timesteps * strength), steps)
      : consistencyTimesteps(className, config, steps, options)

    return {
      timesteps,
      table,
      finalAlphaCumprod: config.set_alpha_to_one ? 1 : table.alphasCumprod[0],
      initialNoiseScale: 1,
      noiseLevel: levelInTable(table),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const level = preserving(table.alphasCumprod[timestep])
          const from = x
          const denoised = (output: Tensor) => cleanFrom(config.prediction_type, output, from, level)
          const output = yield { input: x, sample: x, timestep, denoised }

          const isLast = i + 1 === timesteps.length
          const next = isLast ? 0 : timesteps[i + 1]
          const below = table.alphasCumprod[Math.floor(round(round(1 - eta) * next))]
          const { alpha, sigma } = preserving(below)
          x = mix([alpha, denoised(output)], [sigma, noiseFrom(config.prediction_type, output, x, level)])
          if (eta > 0 && !isLast) {
            const kept = round(table.alphasCumprod[next] / below)
            x = mix([Math.sqrt(kept), x], [Math.sqrt(round(1 - kept)), noise(x.shape)])
          }
          x = after(x)
        }
        return x
      },
    }
  },
}
