import { z } from 'zod'
import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { levelOfCall } from './add-noise.ts'
import { checkSteps, checkWholeTimesteps, configProblem, readConfig, sigmaKeys } from './config.ts'
import { type DpmAlgorithm, difference, lambda, levelOf, WEIGHTS } from './dpm-solver.ts'
import { checkDpmConfig, dpmKeys } from './dpm-solver-multistep.ts'
import { noiseTable, sigmasOf } from './noise-table.ts'
import { integrand, limitedClean, type NoiseLevel } from './prediction.ts'
import { planPreserving } from './preserving-plan.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'

const className = 'DPMSolverSinglestepScheduler'

const keys = { ...dpmKeys, ...sigmaKeys, lower_order_final: z.boolean().default(false) }

const round = Math.fround

/** DPM-Solver and DPM-Solver++ (singlestep): Lu et al. 2022 (arXiv:2206.00927, algorithms 1 and 2; arXiv:2211.01095,
 *  algorithm 1). Blocks of as many calls as the order: each call reaches farther from where its block began. */
export const dpmSolverSinglestep: Scheduler = {
  className,
  title: 'DPM++ 2S',
  goodFor: 'Steady where DPM++ 2M overshoots, as with strong guidance.',
  serves: 'diffusion',
  takes: ['timesteps'],
  choosesNoiseLevels: true,
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, keys, given)
    checkDpmConfig(className, config)
    if (config.algorithm_type === 'sde-dpmsolver') {
      throw configProblem(className, 'algorithm_type', 'sde-dpmsolver has no singlestep form')
    }
    checkSteps(className, steps, config.num_train_timesteps)
    if (options.timesteps) checkWholeTimesteps(className, options.timesteps, config.num_train_timesteps)
    const table = noiseTable(className, config)
    const spaced = { ...config, timestep_spacing: 'linspace' as const }
    const planned = planPreserving(className, spaced, table, steps, options)
    const last = config.final_sigmas_type === 'zero' ? 0 : sigmasOf(table)[0]
    const sigmas = [...planned.sigmas, last].map(round)
    const timesteps = planned.timesteps.map(Math.trunc)
    const levels = sigmas.map(sigma => levelOf(sigma, config.use_flow_sigmas))
    const orders = ordersOf(steps, config)
    const isStochastic = config.algorithm_type.startsWith('sde')

    return {
      timesteps,
      sigmas,
      table,
      initialNoiseScale: 1,
      noiseLevel: levelOfCall(timesteps, levels),
      *run(x, noise, begin = 0, after = unchanged) {
        let start = x
        let answers: Tensor[] = [] // what was integrated so far, the newest first
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const from = x
          const denoised = (output: Tensor) => limitedClean(config, output, from, levels[i])
          const output = yield { input: x, sample: x, timestep, denoised }
          const answer = integrand(config, output, x, levels[i], config.algorithm_type.endsWith('++'))
          answers = [answer, ...answers.slice(0, 2)]
          // A run that begins within a block has no answers from before.
          const order = Math.min(orders[i], answers.length)
          if (order === 1) start = x
          const block = levels.slice(i + 1 - order, i + 2)
          const fresh = isStochastic ? noise(x.shape) : undefined
          x = after(singlestepUpdate(config, block, start, answers.slice(0, order).reverse(), fresh))
        }
        return x
      },
    }
  },
}

/** The order of each call: 1, 2, ... within a block. The last call has order 1 where the run ends in a clean sample, and
 *  with `lower_order_final` where it would end a whole block. */
function ordersOf(
  calls: number,
  config: { solver_order: number; lower_order_final: boolean; final_sigmas_type: string },
): number[] {
  const order = config.solver_order
  const orders = Array.from({ length: calls }, (_, i) => (i % order) + 1)
  const last = calls - 1
  if (config.final_sigmas_type === 'zero' || (config.lower_order_final && orders[last] === order)) orders[last] = 1
  return orders
}

/** A step from where a block began, from answers there and on the way.
 *  @param levels where the block began, those on the way, and the one aimed at
 *  @param answers at all of them but the last, in the same order */
function singlestepUpdate(
  { algorithm_type, solver_type }: { algorithm_type: DpmAlgorithm; solver_type: 'midpoint' | 'heun' },
  levels: readonly NoiseLevel[],
  x: Tensor,
  answers: readonly Tensor[],
  noise: Tensor | undefined,
): Tensor {
  const times = levels.map(lambda)
  const [h, ...others] = [times[times.length - 1], ...times.slice(1, -1)].map(time => round(time - times[0]))
  if (h === 0) return x
  const weights = WEIGHTS[algorithm_type](levels[levels.length - 1], levels[0], h)
  const integral: [number, Tensor][] = [
    [weights.sample, x],
    [weights.answer, answers[0]],
  ]
  const fresh: [number, Tensor][] = noise ? [[weights.noise, noise]] : []
  const shares = others.map(time => round(time / h))
  const slopes = shares.map((share, i) => difference(answers[i + 1], answers[0], 1 / share))
  switch (slopes.length) {
    case 0:
      return mix(...integral, ...fresh)
    case 1:
      return mix(...integral, [weights[solver_type], slopes[0]], ...fresh)
    default: {
      const [near, far] = slopes
      if (solver_type === 'midpoint') return mix(...integral, [weights.heun, far], ...fresh)
      const [r1, r0] = shares
      const apart = round(r0 - r1)
      const slope = mix([1 / apart, mix([r0, near], [-r1, far])])
      const curvature = mix([1 / apart, difference(far, near, 2)])
      return mix(...integral, [weights.heun, slope], [weights.curvature, curvature], ...fresh)
    }
  }
}
