import { z } from 'zod'
import { combine } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { adamsBashforth, weighted } from './adams-bashforth.ts'
import { levelInTable } from './add-noise.ts'
import { checkSteps, checkVisited, commonKeys, readConfig, timestepSpacing } from './config.ts'
import { noiseTable } from './noise-table.ts'
import { cleanFrom, noiseFrom, predictionType, preserving } from './prediction.ts'
import { type ModelCall, type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { wholeTimesteps } from './timesteps.ts'

const className = 'PNDMScheduler'

const keys = {
  ...commonKeys,
  prediction_type: predictionType,
  timestep_spacing: timestepSpacing.default('leading'),
  set_alpha_to_one: z.boolean().default(false),
  /** Starts with lower orders instead of three Runge-Kutta steps of four calls each. */
  skip_prk_steps: z.boolean().default(false),
}

/** Weights of the four answers of a Runge-Kutta step, and how many such steps there are. */
const RUNGE_KUTTA = [1 / 6, 1 / 3, 1 / 3, 1 / 6]
const RUNGE_KUTTA_STEPS = 3

/** Pseudo numerical methods: Liu et al. 2022 (arXiv:2202.09778), algorithm 2, with the start of the reference's
 *  PNDMScheduler: three Runge-Kutta steps, or, with `skip_prk_steps`, lower orders and the second timestep twice. */
export const pndm: Scheduler = {
  className,
  title: 'PNDM',
  goodFor: 'What Stable Diffusion 1 was published with; fine from 25 steps on.',
  serves: 'diffusion',
  choosesNoiseLevels: false,
  create(given, steps): Schedule {
    const config = readConfig(className, keys, given)
    const { num_train_timesteps, timestep_spacing, steps_offset, prediction_type, skip_prk_steps } = config
    checkSteps(className, steps, num_train_timesteps, skip_prk_steps ? 1 : RUNGE_KUTTA_STEPS + 1)
    const table = noiseTable(className, config)
    const finalAlphaCumprod = config.set_alpha_to_one ? 1 : table.alphasCumprod[0]
    const stride = Math.floor(num_train_timesteps / steps)
    const half = Math.floor(stride / 2)
    const visited = wholeTimesteps(timestep_spacing, num_train_timesteps, steps, steps_offset)
    checkVisited(className, visited, num_train_timesteps)
    const rungeKutta = skip_prk_steps ? [] : rungeKuttaTimesteps(visited, half)
    const multistep = skip_prk_steps ? [...visited.slice(0, 2), ...visited.slice(1)] : visited.slice(RUNGE_KUTTA_STEPS)

    const alphaBarAt = (timestep: number) => (timestep >= 0 ? table.alphasCumprod[timestep] : finalAlphaCumprod)
    const levelAt = (timestep: number) => preserving(alphaBarAt(timestep))
    const call = (x: Tensor, timestep: number): ModelCall => ({
      input: x,
      sample: x,
      timestep,
      denoised: output => cleanFrom(prediction_type, output, x, levelAt(timestep)),
    })
    /** Moves a sample along the noise that the answer stands for: the paper's eq. 11. */
    const transfer = (x: Tensor, answer: Tensor, from: number, to: number): Tensor => {
      const [alphaBar, nextAlphaBar] = [alphaBarAt(from), alphaBarAt(to)]
      const direction = noiseFrom(prediction_type, answer, x, preserving(alphaBar))
      const { sample, difference, divisor } = transferWeights(alphaBar, nextAlphaBar)
      return combine(x, direction, (x, noise) => round(sample * x) - round(round(difference * noise) / divisor))
    }

    const timesteps = [...rungeKutta.flat(), ...multistep]
    return {
      timesteps,
      table,
      finalAlphaCumprod,
      initialNoiseScale: 1,
      noiseLevel: levelInTable(table),
      *run(x, _noise, begin = 0, after = unchanged) {
        // The reference counts its calls from where a run begins: the same pattern, over the timesteps that are left.
        const visited = timesteps.slice(begin)
        const answers: Tensor[] = [] // one for each step, the newest first
        for (const [k, [from]] of rungeKutta.entries()) {
          const start = x
          const stages: Tensor[] = []
          for (const [stage, timestep] of visited.slice(4 * k, 4 * k + 4).entries()) {
            stages.push(yield call(x, timestep))
            const answer = stage < 3 ? stages[stage] : weighted(RUNGE_KUTTA, stages)
            x = after(transfer(start, answer, from, stage % 2 === 0 ? timestep - half : timestep))
          }
          answers.unshift(...stages.slice(0, 1))
        }
        let start = x
        for (const [i, timestep] of visited.slice(4 * rungeKutta.length).entries()) {
          const output = yield call(x, timestep)
          if (skip_prk_steps && i === 1) {
            // The first step once more, from where it began, with the mean of the answers at its two ends.
            const both = weighted([1 / 2, 1 / 2], [output, answers[0]])
            x = after(transfer(start, both, timestep + stride, timestep))
          } else {
            answers.unshift(output)
            start = x
            x = after(transfer(x, adamsBashforth(answers), timestep, timestep - stride))
          }
        }
        return x
      },
    }
  },
}

/** The factors of eq. 11, in float32 as in the reference: at high noise large terms nearly cancel. */
function transferWeights(alphaBar: number, nextAlphaBar: number) {
  const next = preserving(nextAlphaBar)
  const mixed = round(Math.sqrt(round(round(alphaBar * round(1 - alphaBar)) * nextAlphaBar)))
  return {
    sample: round(Math.sqrt(round(nextAlphaBar / alphaBar))),
    difference: round(nextAlphaBar - alphaBar),
    divisor: round(round(alphaBar * next.sigma) + mixed),
  }
}

const round = Math.fround

/** Four timesteps for each Runge-Kutta step: its start, twice its middle, its end. */
const rungeKuttaTimesteps = (visited: readonly number[], half: number): number[][] =>
  Array.from({ length: RUNGE_KUTTA_STEPS }, (_, i) => {
    const [start, end] = [visited[i], visited[i + 1]]
    return [start, end + half, end + half, end]
  })
