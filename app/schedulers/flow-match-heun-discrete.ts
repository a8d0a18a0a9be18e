import { z } from 'zod'
import { linearSpace } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { levelOfCall } from './add-noise.ts'
import { checkSteps, commonKeys, readConfig } from './config.ts'
import { inFlow, shifted } from './flow-sigmas.ts'
import { mean, twice } from './heun-discrete.ts'
import { cleanFrom } from './prediction.ts'
import { type ModelCall, type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { along, churned, slope } from './sigma-space.ts'

const className = 'FlowMatchHeunDiscreteScheduler'

const keys = {
  num_train_timesteps: commonKeys.num_train_timesteps,
  /** How far the noise levels move up. */
  shift: z.number().positive().default(1),
}

const round = Math.fround

/** Heun's method for flow matching, as Karras et al. 2022 (arXiv:2206.00364), algorithm 1 and 2, take it: two calls a
 *  step, but for the last. The network answers with the velocity noise - clean. */
export const flowMatchHeunDiscrete: Scheduler = {
  className,
  title: 'Flow Heun',
  goodFor: 'Precise with few steps of flow-matching models, at two calls of the network for each.',
  serves: 'flow',
  choosesNoiseLevels: false,
  create(given, steps, options = {}): Schedule {
    const { num_train_timesteps, shift } = readConfig(className, keys, given)
    checkSteps(className, steps, num_train_timesteps)
    const lowest = round(shifted(round(1 / num_train_timesteps), shift)) // moved up twice, as in the reference
    const planned = linearSpace(1, lowest, steps).map(sigma => round(shifted(sigma, shift)))
    const levels = [...planned, 0]
    const told = planned.map(sigma => round(sigma * num_train_timesteps))
    const [timesteps, sigmas] = [twice(told), [...twice(planned), 0]]

    const call = (x: Tensor, step: number): ModelCall => ({
      input: x,
      sample: x,
      timestep: told[step],
      denoised: output => cleanFrom('flow_prediction', output, x, inFlow(levels[step])),
    })

    return {
      timesteps,
      sigmas,
      callsPerStep: 2,
      initialNoiseScale: 1,
      noiseLevel: levelOfCall(timesteps, sigmas.map(inFlow)),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const step of told.keys().drop(begin)) {
          const [sigma, next] = [levels[step], levels[step + 1]]
          const output = yield call(x, step)
          const lifted = churned(x, sigma, timesteps.length, noise, options)
          const start = lifted.x
          const clean = cleanFrom('flow_prediction', output, start, inFlow(sigma))
          const first = slope(start, clean, lifted.raised)
          x = after(along(start, first, lifted.raised, next))
          if (next === 0) return x
          const end = call(x, step + 1)
          const velocity = yield end
          // The reference adds noise here too, which cancels but for its rounding.
          const shaken = churned(x, sigma, timesteps.length, noise, options).x
          const second = slope(shaken, cleanFrom('flow_prediction', velocity, shaken, inFlow(next)), next)
          x = after(along(start, mean(first, second), lifted.raised, next))
        }
        return x
      },
    }
  },
}
