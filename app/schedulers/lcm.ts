import { z } from 'zod'
import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { levelInTable } from './add-noise.ts'
import { readConfig } from './config.ts'
import { consistencyKeys, consistencyTimesteps } from './consistency-timesteps.ts'
import { noiseTable } from './noise-table.ts'
import { limitedClean, preserving } from './prediction.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'

const className = 'LCMScheduler'

const keys = {
  ...consistencyKeys,
  /** What timesteps are multiplied by before they weigh the answer against the sample. */
  timestep_scaling: z.number().default(10),
}

const round = Math.fround

/** Latent consistency models: Luo et al. 2023 (arXiv:2310.04378), algorithm 3. Each call jumps to the clean sample; noise
 *  takes it back up to the next timestep. */
export const lcm: Scheduler = {
  className,
  title: 'LCM',
  goodFor: 'Two to eight steps with models and LoRAs that were distilled for it; others come out blurred.',
  serves: 'diffusion',
  takes: ['timesteps'],
  choosesNoiseLevels: false,
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, keys, given)
    const table = noiseTable(className, config)
    const timesteps = consistencyTimesteps(className, config, steps, options)

    return {
      timesteps,
      table,
      finalAlphaCumprod: config.set_alpha_to_one ? 1 : table.alphasCumprod[0],
      initialNoiseScale: 1,
      noiseLevel: levelInTable(table),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const from = x
          const { skip, out } = boundaryWeights(timestep, config.timestep_scaling)
          const denoised = (output: Tensor) => {
            const clean = limitedClean(config, output, from, preserving(table.alphasCumprod[timestep]))
            return mix([out, clean], [skip, from])
          }
          x = denoised(yield { input: x, sample: x, timestep, denoised })
          if (i + 1 === timesteps.length) return after(x)
          const { alpha, sigma } = preserving(table.alphasCumprod[timesteps[i + 1]])
          x = after(mix([alpha, x], [sigma, noise(x.shape)]))
        }
        return x
      },
    }
  },
}

/** Weights that make a consistency model the identity at timestep 0: Song et al. 2023 (arXiv:2303.01469), eq. 5. */
function boundaryWeights(timestep: number, scaling: number): { skip: number; out: number } {
  const variance = 0.25 // of the data, as these models are trained
  const scaled = round(timestep * scaling)
  const sum = round(round(scaled * scaled) + variance)
  return { skip: variance / sum, out: scaled / round(Math.sqrt(sum)) }
}
