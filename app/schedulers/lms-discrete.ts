import { Problem } from '../problem.ts'
import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { weighted } from './adams-bashforth.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import { checkSteps, commonKeys, readConfig, sigmaChoiceKeys, timestepSpacing } from './config.ts'
import { integrate } from './gauss-kronrod.ts'
import { noiseTable, sigmasOf } from './noise-table.ts'
import { cleanFrom, predictionType } from './prediction.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { planSigmas } from './sigma-plan.ts'
import { scaledInput, slope } from './sigma-space.ts'
import { initialNoiseScale } from './sigmas.ts'

const className = 'LMSDiscreteScheduler'

const keys = {
  ...commonKeys,
  ...sigmaChoiceKeys,
  prediction_type: predictionType,
  timestep_spacing: timestepSpacing.default('linspace'),
}

const HIGHEST_ORDER = 4

/** Linear multistep on the probability flow: k-diffusion's `sample_lms` (github.com/crowsonkb/k-diffusion), the
 *  Adams-Bashforth method for uneven steps. The first steps have lower orders. */
export const lmsDiscrete: Scheduler = {
  className,
  title: 'LMS',
  goodFor: 'Smooth pictures at one call a step; wants 30 steps or more.',
  serves: 'diffusion',
  choosesNoiseLevels: true,
  create(given, steps, { order = HIGHEST_ORDER } = {}): Schedule {
    const config = readConfig(className, keys, given)
    checkSteps(className, steps, config.num_train_timesteps)
    checkOrder(order)
    const table = noiseTable(className, config)
    const planned = planSigmas(className, config, sigmasOf(table), steps)
    const sigmas = [...planned.sigmas, 0].map(Math.fround)
    const timesteps = planned.timesteps.map(Math.fround)

    return {
      timesteps,
      sigmas,
      table,
      initialNoiseScale: initialNoiseScale(sigmas, config.timestep_spacing),
      noiseLevel: levelOfCall(timesteps, sigmas.map(inSigmas)),
      *run(x, _noise, begin = 0, after = unchanged) {
        let slopes: Tensor[] = [] // the newest first
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const from = x
          const denoised = (output: Tensor) => cleanFrom(config.prediction_type, output, from, inSigmas(sigmas[i]))
          const clean = denoised(yield { input: scaledInput(x, sigmas[i]), sample: x, timestep, denoised })
          slopes = [slope(x, clean, sigmas[i]), ...slopes.slice(0, order - 1)]
          // The first steps of a run that begins later are weighted as if earlier answers were known, as in the reference.
          const knots = Array.from({ length: Math.min(order, i + 1) }, (_, k) => sigmas[i - k])
          const weights = lagrangeIntegrals(knots, sigmas[i], sigmas[i + 1])
          x = after(mix([1, x], [1, weighted(weights.slice(0, slopes.length), slopes)]))
        }
        return x
      },
    }
  },
}

/** @throws Problem SCHEDULER_OPTION */
function checkOrder(order: number): void {
  if (Number.isInteger(order) && order >= 1 && order <= HIGHEST_ORDER) return
  throw new Problem('SCHEDULER_OPTION', `LMS has no order ${order}.`, { hint: 'Choose 1, 2, 3 or 4.' })
}

/** The integrals from a to b of the Lagrange polynomials on some knots. The polynomials are rounded as in the reference:
 *  at high noise large terms nearly cancel. */
export const lagrangeIntegrals = (knots: readonly number[], a: number, b: number): number[] =>
  knots.map((knot, k) => {
    const others = knots.filter((_, j) => j !== k)
    const polynomial = (x: number) =>
      others.reduce((product, other) => round(product * round(round(round(x) - other) / round(knot - other))), 1)
    return integrate(polynomial, a, b)
  })

const round = Math.fround
