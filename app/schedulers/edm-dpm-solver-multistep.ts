import { z } from 'zod'
import type { Tensor } from '../tensor/tensor.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import { checkSteps, readConfig, thresholdingKeys } from './config.ts'
import { multistepUpdate } from './dpm-solver.ts'
import { dpmKeys, orderAt } from './dpm-solver-multistep.ts'
import { edmClean, edmInput, edmKeys, edmNoiseScale, edmSigmas, edmTimestep } from './edm.ts'
import { limiter } from './prediction.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'

const className = 'EDMDPMSolverMultistepScheduler'

const keys = {
  ...edmKeys,
  ...thresholdingKeys,
  solver_order: dpmKeys.solver_order,
  solver_type: dpmKeys.solver_type,
  lower_order_final: dpmKeys.lower_order_final,
  euler_at_final: z.boolean().default(false),
  algorithm_type: z
    .enum(['dpmsolver++', 'sde-dpmsolver++', 'deis'])
    .default('dpmsolver++')
    .transform(type => (type === 'deis' ? 'dpmsolver++' : type)),
}

/** DPM-Solver++ (multistep) for EDM networks: Lu et al. 2022 (arXiv:2211.01095, algorithm 2) in sigma space. */
export const edmDpmSolverMultistep: Scheduler = {
  className,
  title: 'EDM DPM++ 2M',
  goodFor: 'Sharp pictures from EDM models in few steps.',
  serves: 'edm',
  choosesNoiseLevels: false,
  create(given, steps): Schedule {
    const config = readConfig(className, keys, given)
    checkSteps(className, steps, config.num_train_timesteps)
    const planned = edmSigmas(config, steps, true)
    const sigmas = [...planned, config.final_sigmas_type === 'zero' ? 0 : Math.fround(config.sigma_min)]
    const timesteps = planned.map(edmTimestep)
    const levels = sigmas.map(inSigmas)
    const limited = limiter(config)
    const isStochastic = config.algorithm_type.startsWith('sde')

    return {
      timesteps,
      sigmas,
      initialNoiseScale: edmNoiseScale(config),
      noiseLevel: levelOfCall(timesteps, levels),
      *run(x, noise, begin = 0, after = unchanged) {
        let answers: Tensor[] = [] // clean samples that were estimated so far, the newest first
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const from = x
          const denoised = (output: Tensor) => limited(edmClean(output, from, sigmas[i], config))
          const clean = denoised(yield { input: edmInput(x, sigmas[i], config), sample: x, timestep, denoised })
          answers = [clean, ...answers.slice(0, 2)]
          const order = orderAt(i, timesteps.length, answers.length, config)
          const fresh = isStochastic ? noise(x.shape) : undefined
          x = after(multistepUpdate(config, levels.slice(i + 1 - order, i + 2).reverse(), x, answers, order, fresh))
        }
        return x
      },
    }
  },
}
