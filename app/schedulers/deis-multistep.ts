import { mix } from '../tensor/arithmetic.ts'
import { numpyLogFloat32 } from '../tensor/float32-math.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { levelOfCall } from './add-noise.ts'
import {
  checkSteps,
  commonKeys,
  flowKeys,
  readConfig,
  sigmaChoiceKeys,
  thresholdingKeys,
  timestepSpacing,
} from './config.ts'
import { levelOf, multistepUpdate } from './dpm-solver.ts'
import { dpmKeys, orderAt } from './dpm-solver-multistep.ts'
import { noiseTable, sigmasOf } from './noise-table.ts'
import { flowOrPredictionType, limitedClean, type NoiseLevel, noiseGiven } from './prediction.ts'
import { planPreserving } from './preserving-plan.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'

const className = 'DEISMultistepScheduler'

const keys = {
  ...commonKeys,
  ...sigmaChoiceKeys,
  ...flowKeys,
  ...thresholdingKeys,
  prediction_type: flowOrPredictionType,
  timestep_spacing: timestepSpacing.default('linspace'),
  solver_order: dpmKeys.solver_order,
  lower_order_final: dpmKeys.lower_order_final,
}

const round = Math.fround
const log = numpyLogFloat32

/** Diffusion exponential integrators: Zhang & Chen 2023 (arXiv:2204.13902), rho-AB-DEIS on the logarithm of
 *  rho = sigma / alpha: the noise is taken for a polynomial in log(rho). The first step is DPM-Solver-1. */
export const deisMultistep: Scheduler = {
  className,
  title: 'DEIS',
  goodFor: 'Good pictures in as few as 10 to 15 steps.',
  serves: 'diffusion',
  choosesNoiseLevels: true,
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, keys, given)
    checkSteps(className, steps, config.num_train_timesteps)
    const table = noiseTable(className, config)
    const planned = planPreserving(className, config, table, steps, options)
    const last = planned.isChosen ? planned.sigmas[planned.sigmas.length - 1] : sigmasOf(table)[0]
    const sigmas = [...planned.sigmas, last].map(round)
    const timesteps = planned.timesteps.map(Math.trunc)
    const levels = sigmas.map(sigma => levelOf(sigma, config.use_flow_sigmas))

    return {
      timesteps,
      sigmas,
      table,
      initialNoiseScale: 1,
      noiseLevel: levelOfCall(timesteps, levels),
      *run(x, _noise, begin = 0, after = unchanged) {
        let answers: Tensor[] = [] // the noise that was found so far, the newest first
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const from = x
          const denoised = (output: Tensor) => limitedClean(config, output, from, levels[i])
          const clean = denoised(yield { input: x, sample: x, timestep, denoised })
          answers = [noiseGiven(clean, x, levels[i]), ...answers.slice(0, 2)]
          const order = orderAt(i, timesteps.length, answers.length, config)
          x = after(update(levels.slice(i + 1 - order, i + 2).reverse(), x, answers.slice(0, order)))
        }
        return x
      },
    }
  },
}

/** One step. @param levels the one aimed at, the present one, and those before; @param answers the newest first */
function update(levels: readonly NoiseLevel[], x: Tensor, answers: readonly Tensor[]): Tensor {
  const [target, present] = levels
  if (answers.length === 1) {
    return multistepUpdate({ algorithm_type: 'dpmsolver', solver_type: 'midpoint' }, levels, x, answers, 1, undefined)
  }
  const [goal, ...rhos] = levels.map(({ alpha, sigma }) => round(sigma / alpha))
  const primitive = answers.length === 2 ? linearPrimitive : quadraticPrimitive
  const weights = rhos.map((rho, k) => {
    const others = [...rhos.slice(k + 1), ...rhos.slice(0, k)].map(log)
    return round(primitive(goal, log(rho), others) - primitive(rhos[0], log(rho), others))
  })
  const terms = answers.map((answer, k) => [weights[k], answer] as const)
  const start = tensor(
    x.shape,
    x.data.map(value => value / present.alpha),
  )
  return mix([target.alpha, mix([1, start], ...terms)])
}

/** The primitive of the Lagrange polynomial in log(rho) that is 1 at b and 0 at the others. */
type Primitive = (rho: number, b: number, others: readonly number[]) => number

const linearPrimitive: Primitive = (rho, b, [c]) => round(round(rho * round(round(log(rho) - c) - 1)) / round(b - c))

const quadraticPrimitive: Primitive = (rho, b, [c, d]) => {
  const l = log(rho)
  const constant = round(c * round(round(d - l) + 1))
  const linear = round(round(round(constant - round(d * l)) + d) + round(l * l))
  const numerator = round(rho * round(round(linear - round(2 * l)) + 2))
  return round(numerator / round(round(b - c) * round(b - d)))
}
