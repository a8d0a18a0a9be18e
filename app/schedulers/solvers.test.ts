import { expect, test } from 'vitest'
import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { addNoise, velocity } from './add-noise.ts'
import { createSchedule, schedulers, schedulersFor } from './index.ts'
import { lagrangeIntegrals } from './lms-discrete.ts'
import type { Schedule, SchedulerConfig } from './scheduler.ts'
import {
  error,
  largestDifference,
  noise,
  perfectNetwork,
  run,
  SPREAD,
  STABLE_DIFFUSION,
  spread,
  walk,
} from './testing.ts'

/** The order of a method: log2 of what twice the steps divide the error by. */
const orderOf = (error: (steps: number) => number, steps = 50) => Math.log2(error(steps) / error(2 * steps))

// Higher orders lose a part of theirs in the low-order steps that they start with.
test('higher orders err less: UniPC, DEIS and DPM++ 2S of order 3, LMS of order 4', () => {
  for (const name of ['UniPCMultistepScheduler', 'DEISMultistepScheduler', 'DPMSolverSinglestepScheduler']) {
    const of = (solver_order: number) => error(name, 51, { use_karras_sigmas: true, solver_order })
    expect(of(3), name).toBeLessThan(of(2) / 3)
  }
  expect(error('UniPCMultistepScheduler', 50, { use_karras_sigmas: true })).toBeLessThan(
    error('DPMSolverMultistepScheduler', 50, { use_karras_sigmas: true }) / 3,
  )
  const lms = error('LMSDiscreteScheduler', 100, { use_karras_sigmas: true })
  expect(lms).toBeLessThan(error('EulerDiscreteScheduler', 100, { use_karras_sigmas: true }) / 20)
})

/** E[noise - clean | x] for x = (1 - sigma) · clean + sigma · noise. */
function perfectVelocity(x: Tensor, sigma: number): Tensor {
  const variance = flowVariance(sigma)
  return mix([(sigma - (1 - sigma) * SPREAD ** 2) / variance, x])
}

const flowVariance = (sigma: number) => (1 - sigma) ** 2 * SPREAD ** 2 + sigma ** 2

for (const [name, order] of [
  ['FlowMatchEulerDiscreteScheduler', 1],
  ['FlowMatchHeunDiscreteScheduler', 2],
] as const) {
  test(`${name} has order ${order} on the flow`, () => {
    const flowError = (steps: number) => {
      const schedule = createSchedule(name, { shift: 3 }, steps)
      const { sigmas = [] } = schedule
      const samples = walk(schedule, ({ input }, call) => perfectVelocity(input, sigmas[call]))
      const end = sigmas.findLastIndex(sigma => sigma > 0.2) // of another run too, or nearly
      const exact = Math.sqrt(flowVariance(sigmas[end]) / flowVariance(sigmas[0]))
      return Math.abs(spread(samples[end]) / spread(samples[0]) / exact - 1)
    }
    expect(orderOf(flowError)).toBeGreaterThan(order - 0.3)
    expect(orderOf(flowError)).toBeLessThan(order + 0.5)
  })
}

// With sigma_data 1, what EDM calls v_prediction is v of a variance-preserving sample.
const EDM = { sigma_data: 1, prediction_type: 'v_prediction', final_sigmas_type: 'sigma_min', sigma_min: 0.02 }

for (const [name, order, config] of [
  ['EDMEulerScheduler', 1, {}],
  ['EDMDPMSolverMultistepScheduler', 1, { solver_order: 1 }],
  ['EDMDPMSolverMultistepScheduler', 2, {}],
] as const) {
  test(`${name} ${JSON.stringify(config)} has order ${order} on the probability flow`, () => {
    const edmError = (steps: number) => {
      const schedule = createSchedule(name, { ...EDM, ...config }, steps)
      const { sigmas = [] } = schedule
      const samples = walk(schedule, ({ input }, call) =>
        perfectNetwork(input, 1 / (1 + sigmas[call] ** 2), 'v_prediction'),
      )
      const last = sigmas.length - 2
      const exact = Math.sqrt((SPREAD ** 2 + sigmas[last] ** 2) / (SPREAD ** 2 + sigmas[0] ** 2))
      return Math.abs(spread(samples[last]) / spread(samples[0]) / exact - 1)
    }
    expect(orderOf(edmError)).toBeGreaterThan(order - 0.25)
    expect(orderOf(edmError)).toBeLessThan(order + 0.5)
  })
}

test('IPNDM ends within a ten-thousandth of the probability flow', () => {
  const ipndmError = (steps: number) => {
    const schedule = createSchedule('IPNDMScheduler', {}, steps)
    const { sigmas = [] } = schedule
    const samples = walk(schedule, ({ input }, call) => perfectNetwork(input, 1 - sigmas[call] ** 2, 'v_prediction'))
    return Math.abs(spread(samples[steps]) / spread(samples[0]) / SPREAD - 1)
  }
  expect(ipndmError(100)).toBeLessThan(1e-4)
  expect(orderOf(ipndmError, 25)).toBeGreaterThan(1.5) // the first steps, at pure noise, have low orders
})

for (const [name, config] of [
  ['DDPMScheduler', {}],
  ['DDPMScheduler', { variance_type: 'fixed_large' }],
  ['KDPM2AncestralDiscreteScheduler', {}],
  ['DPMSolverSinglestepScheduler', { algorithm_type: 'sde-dpmsolver++', lower_order_final: true }],
] as const) {
  test(`${name} ${JSON.stringify(config)}: fresh noise leaves the distribution as it is`, () => {
    const samples = run(name, 500, { timestep_spacing: 'trailing', ...config })
    expect(Math.abs(spread(samples[samples.length - 1]) - SPREAD)).toBeLessThan(0.03)
  })
}

// A consistency model answers with the clean sample at the end of the flow, so one jump is a sample of the distribution.
test('LCM and TCD: noise after each jump leaves the distribution as it is', () => {
  for (const [name, eta] of [
    ['LCMScheduler', undefined],
    ['TCDScheduler', 1],
  ] as const) {
    const schedule = createSchedule(name, {}, 8, { eta })
    const samples = walk(schedule, ({ input, timestep }) => {
      const { alpha, sigma } = schedule.noiseLevel(timestep)
      const clean = SPREAD / Math.sqrt(alpha ** 2 * SPREAD ** 2 + sigma ** 2) // the flow's end, from here
      return mix([(1 - alpha * clean) / sigma, input])
    })
    expect(Math.abs(spread(samples[8]) - SPREAD), name).toBeLessThan(0.03)
  }
})

for (const [name, order, config] of [
  ['DDIMInverseScheduler', 1, {}],
  ['DPMSolverMultistepInverseScheduler', 1, { use_karras_sigmas: true, solver_order: 1 }],
  ['DPMSolverMultistepInverseScheduler', 2, { use_karras_sigmas: true }],
] as const) {
  test(`${name} ${JSON.stringify(config)} leads up the probability flow with order ${order}`, () => {
    const inversionError = (steps: number) => {
      const schedule = createSchedule(name, { ...STABLE_DIFFUSION, clip_sample: false, ...config }, steps)
      const { timesteps, sigmas, table, noiseLevel } = schedule
      const samples = walk(
        schedule,
        ({ input, timestep }, call) => {
          const alphaBar = sigmas ? 1 / (1 + sigmas[call] ** 2) : noiseLevel(timestep).alpha ** 2
          return perfectNetwork(input, alphaBar, 'epsilon')
        },
        mix([SPREAD, noise]),
      )
      const last = timesteps.length
      const variance = (alphaBar: number) => alphaBar * SPREAD ** 2 + 1 - alphaBar
      const [start, end] = sigmas
        ? [1 / (1 + sigmas[0] ** 2), 1 / (1 + sigmas[last] ** 2)]
        : [1, table?.alphasCumprod[timesteps[last - 1]] ?? Number.NaN]
      return Math.abs(spread(samples[last]) / SPREAD / spread(noise) / Math.sqrt(variance(end) / variance(start)) - 1)
    }
    expect(orderOf(inversionError, 25)).toBeGreaterThan(order - 0.25)
    expect(orderOf(inversionError, 25)).toBeLessThan(order + 0.25)
  })
}

test('every scheduler asks as often as it has timesteps, and Heun and DPM2 ask twice a step', () => {
  for (const name of Object.keys(schedulers)) {
    const config: SchedulerConfig = name === 'AnnealedLangevinScheduler' ? { steps_per_level: 3 } : {}
    const schedule = createSchedule(name, config, 9)
    const samples = walk(schedule, ({ input }) => mix([0.1, input]))
    expect(samples.length - 1, name).toBe(schedule.timesteps.length)
    if (schedule.sigmas) expect(schedule.sigmas.length, name).toBe(schedule.timesteps.length + 1)
  }
  for (const name of ['HeunDiscreteScheduler', 'KDPM2DiscreteScheduler', 'FlowMatchHeunDiscreteScheduler']) {
    expect(createSchedule(name, {}, 9).timesteps.length).toBe(17)
  }
})

test('timesteps of the caller are visited, in all schedulers that take them', () => {
  const timesteps = [951, 701, 451, 201, 51]
  const taking = Object.values(schedulers).filter(({ takes }) => takes?.includes('timesteps'))
  expect(taking.length).toBe(8)
  for (const { className } of taking) {
    const schedule = createSchedule(className, {}, 1, { timesteps })
    expect([...new Set(schedule.timesteps)], className).toEqual(timesteps)
  }
  const refuse =
    (name: string, options: object, config = {}) =>
    () =>
      createSchedule(name, config, 5, options)
  const code = (code: string) => expect.objectContaining({ code })
  expect(refuse('DDIMScheduler', { timesteps })).toThrow(code('SCHEDULER_OPTION'))
  expect(refuse('DDPMScheduler', { sigmas: [3, 1] })).toThrow(code('SCHEDULER_OPTION'))
  for (const wrong of [
    [5, 5],
    [1, 2],
    [1000, 3],
    [3, -1],
  ]) {
    expect(refuse('DDPMScheduler', { timesteps: wrong })).toThrow(code('SCHEDULER_TIMESTEPS'))
  }
  expect(refuse('LCMScheduler', { timesteps: [9.5, 3] })).toThrow(code('SCHEDULER_TIMESTEPS'))
  for (const wrong of [
    [1, 2],
    [Infinity, 1],
    [1, -1],
  ]) {
    expect(refuse('EulerDiscreteScheduler', { sigmas: wrong })).toThrow(code('SCHEDULER_SIGMAS'))
  }
  expect(refuse('HeunDiscreteScheduler', { timesteps }, { use_karras_sigmas: true })).toThrow(code('SCHEDULER_CONFIG'))
})

test('noise levels of the caller are visited: Euler ends at the last of them, flow matching at 0', () => {
  expect(createSchedule('EulerDiscreteScheduler', {}, 1, { sigmas: [8, 4, 1, 0] }).sigmas).toEqual([8, 4, 1, 0])
  const flow = createSchedule('FlowMatchEulerDiscreteScheduler', {}, 1, { sigmas: [1, 0.5, 0.25] })
  expect(flow.sigmas).toEqual([1, 0.5, 0.25, 0])
  expect(flow.timesteps).toEqual([1000, 500, 250])
})

test('noise that is added keeps the variance of the level, and v turns noisy samples into clean ones', () => {
  const batch = { ...noise, shape: [4900, 1] }
  const clean = mix([SPREAD, batch])
  for (const { className } of schedulersFor('diffusion')) {
    const schedule: Schedule = createSchedule(className, STABLE_DIFFUSION, 10)
    const timestep = schedule.timesteps[4]
    const { alpha, sigma } = schedule.noiseLevel(timestep)
    const noisy = addNoise(schedule, clean, batch, new Array(4900).fill(timestep))
    expect(spread(noisy), className).toBeCloseTo((alpha * SPREAD + sigma) * spread(batch), 4)
  }
  const { table, noiseLevel } = createSchedule('DDPMScheduler', STABLE_DIFFUSION, 10)
  if (table === undefined) throw new Error('no table')
  const { alpha, sigma } = noiseLevel(500)
  const noisy = addNoise({ noiseLevel }, clean, batch, new Array(4900).fill(500))
  const back = mix([alpha, noisy], [-sigma, velocity(table, clean, batch, new Array(4900).fill(500))])
  expect(largestDifference(back, clean)).toBeLessThan(1e-5)
})

test('the integrals of Lagrange polynomials are exact up to degree 3, but for single precision', () => {
  expect(lagrangeIntegrals([5], 2, 1)).toEqual([expect.closeTo(-1, 14)])
  const knots = [2, 3, 5, 8]
  for (const degree of [0, 1, 2, 3]) {
    const integral = lagrangeIntegrals(knots, 2, 1).reduce((sum, weight, k) => sum + weight * knots[k] ** degree, 0)
    expect(integral).toBeCloseTo((1 - 2 ** (degree + 1)) / (degree + 1), 5)
  }
})
