import { expect, test } from 'vitest'
import { mix } from '../tensor/arithmetic.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Shape, tensor } from '../tensor/tensor.ts'
import { noisedFor } from './add-noise.ts'
import { createSchedule, latentDiffusionConfig, schedulersFor } from './index.ts'
import { firstCall, type SchedulerConfig } from './scheduler.ts'
import { error, largestDifference, noise, run, SPREAD, STABLE_DIFFUSION, spread } from './testing.ts'

const DPM_SOLVER_1 = { algorithm_type: 'dpmsolver', final_sigmas_type: 'sigma_min' }
const [diffusion, flow] = (['diffusion', 'flow'] as const).map(serves =>
  schedulersFor(serves).map(({ className }) => className),
)

for (const [name, order, config] of [
  ['EulerDiscreteScheduler', 1, { use_karras_sigmas: true }],
  ['EulerDiscreteScheduler', 1, { timestep_spacing: 'trailing' }],
  ['DDIMScheduler', 1, { timestep_spacing: 'trailing' }],
  ['DPMSolverMultistepScheduler', 1, { use_karras_sigmas: true, solver_order: 1 }],
  ['DPMSolverMultistepScheduler', 2, { use_karras_sigmas: true }],
  ['DPMSolverMultistepScheduler', 2, { use_karras_sigmas: true, solver_type: 'heun' }],
  ['DPMSolverMultistepScheduler', 2, { use_karras_sigmas: true, ...DPM_SOLVER_1 }],
  ['DPMSolverSinglestepScheduler', 1, { use_karras_sigmas: true, solver_order: 1 }],
  ['DPMSolverSinglestepScheduler', 2, { use_karras_sigmas: true }],
  ['DPMSolverSinglestepScheduler', 2, { use_karras_sigmas: true, solver_type: 'heun' }],
  ['DPMSolverSinglestepScheduler', 2, { use_karras_sigmas: true, ...DPM_SOLVER_1 }],
  ['UniPCMultistepScheduler', 2, { use_karras_sigmas: true, solver_order: 1 }], // the corrector adds one
  ['DEISMultistepScheduler', 1, { use_karras_sigmas: true, solver_order: 1 }],
  ['DEISMultistepScheduler', 2, { use_karras_sigmas: true }],
  ['HeunDiscreteScheduler', 2, { use_karras_sigmas: true }],
  ['KDPM2DiscreteScheduler', 2, { use_karras_sigmas: true }],
] as const) {
  test(`${name} ${JSON.stringify(config)}: twice the steps, error divided by about ${2 ** order}`, () => {
    const ratio = error(name, 50, config) / error(name, 100, config)
    expect(Math.log2(ratio)).toBeGreaterThan(order - 0.25)
    expect(Math.log2(ratio)).toBeLessThan(order + 0.5)
  })
}

// Higher orders lose a part of theirs in the low-order steps that they start with.
test('DPM++ of order 3 errs less than a third of order 2, PNDM less than a hundredth of DDIM', () => {
  const dpm = (solver_order: number) =>
    error('DPMSolverMultistepScheduler', 50, { use_karras_sigmas: true, solver_order })
  expect(dpm(3)).toBeLessThan(dpm(2) / 3)
  for (const skip_prk_steps of [true, false]) {
    const config = { timestep_spacing: 'trailing', skip_prk_steps }
    expect(error('PNDMScheduler', 50, config)).toBeLessThan(error('DDIMScheduler', 50, config) / 100)
  }
})

for (const [name, config, options] of [
  ['EulerAncestralDiscreteScheduler', {}, {}],
  ['EulerDiscreteScheduler', {}, { churn: 20 }],
  ['DDIMScheduler', { timestep_spacing: 'trailing' }, { eta: 1 }],
  ['DPMSolverMultistepScheduler', { algorithm_type: 'sde-dpmsolver++' }, {}],
] as const) {
  test(`${name} ${JSON.stringify({ ...config, ...options })}: fresh noise leaves the distribution as it is`, () => {
    const samples = run(name, 500, config, options)
    expect(Math.abs(spread(samples[samples.length - 1]) - SPREAD)).toBeLessThan(0.025)
  })
}

// PNDM combines answers to different questions before it converts them, so there only its first step agrees.
// DPM2 serves no networks that predict samples.
for (const name of diffusion.filter(name => !/PNDM|KDPM2/.test(name))) {
  for (const prediction of ['v_prediction', 'sample']) {
    test(`${name}: a network that predicts ${prediction} draws what one that predicts noise draws`, () => {
      const config = { timestep_spacing: 'trailing' }
      const other = run(name, 20, { ...config, prediction_type: prediction })
      for (const [i, sample] of run(name, 20, config).entries()) {
        expect(largestDifference(sample, other[i])).toBeLessThan(1e-4 * Math.max(1, spread(sample)))
      }
    })
  }
}

test('the estimate of the clean sample is exact for a single possible picture', () => {
  const picture = new TorchGenerator(1n).normal([1, 3, 4, 4])
  const epsilon = new TorchGenerator(2n).normal([1, 3, 4, 4])
  for (const name of diffusion) {
    const schedule = createSchedule(name, { ...STABLE_DIFFUSION, clip_sample: false, skip_prk_steps: true }, 10)
    const { alpha, sigma } = schedule.noiseLevel(schedule.timesteps[0])
    const sample = mix([alpha, picture], [sigma, epsilon])
    const call = schedule.run(sample, () => epsilon).next()
    expect(call.done, name).toBe(false)
    if (!call.done) expect(largestDifference(call.value.denoised(epsilon), picture), name).toBeLessThan(1e-5)
  }
})

// PNDM and LMS take a run that begins late for one that began before, as in the reference; DEIS and TCD end with a little noise.
for (const name of [...diffusion, ...flow].filter(name => !/PNDM|LMS|DEIS|TCD/.test(name))) {
  test(`${name}: from wherever a run begins, a network that knows the picture leads to it`, () => {
    const picture = new TorchGenerator(1n).normal([1, 3, 4, 4])
    const [zero, one] = [0, 1].map(value =>
      tensor(
        picture.shape,
        picture.data.map(() => value),
      ),
    )
    const schedule = createSchedule(name, { ...STABLE_DIFFUSION, clip_sample: false, steps_offset: 1 }, 12)
    for (const begin of [0, 5, 11]) {
      const generator = new TorchGenerator(9n)
      const noise = (shape: Shape) => generator.normal(shape)
      const run = schedule.run(noisedFor(schedule, begin, picture, noise(picture.shape)), noise, begin)
      let calls = 0
      let next = run.next()
      for (; !next.done; calls++) {
        const { denoised } = next.value // a straight line in the answer
        const [at0, at1] = [denoised(zero), denoised(one)]
        const answer = picture.data.map((value, i) => (value - at0.data[i]) / (at1.data[i] - at0.data[i]))
        next = run.next(tensor(picture.shape, answer))
      }
      expect(calls).toBe(schedule.timesteps.length - firstCall(schedule, begin))
      expect(largestDifference(next.value, picture)).toBeLessThan(1e-3)
    }
  })
}

test('a run begins at the level of its own call, also where the network is told one timestep twice', () => {
  const schedule = createSchedule('DPMSolverMultistepScheduler', { ...STABLE_DIFFUSION, use_karras_sigmas: true }, 50)
  const { timesteps, sigmas = [] } = schedule
  const call = timesteps.findIndex((timestep, i) => timestep === timesteps[i + 1])
  expect(call).toBeGreaterThan(0)
  const { alpha, sigma } = schedule.noiseLevel(timesteps[call], call)
  expect(sigma / alpha).toBeCloseTo(sigmas[call], 6)
})

test('zero terminal SNR: training ends in pure noise, and the other levels keep their order', () => {
  const config = { ...STABLE_DIFFUSION, rescale_betas_zero_snr: true, prediction_type: 'v_prediction' }
  const { alphasCumprod = new Float32Array() } = createSchedule('DDIMScheduler', config, 10).table ?? {}
  expect(alphasCumprod[999]).toBe(0)
  expect(alphasCumprod[0]).toBeCloseTo(1 - 0.00085, 6)
  expect(alphasCumprod.every((value, i) => i === 0 || value < alphasCumprod[i - 1])).toBe(true)
})

test('clip_sample and thresholding limit the clean sample', () => {
  const far = mix([100, noise])
  for (const config of [{ clip_sample: true }, { thresholding: true, sample_max_value: 1 }]) {
    const call = createSchedule('DDIMScheduler', config, 10)
      .run(far, () => noise)
      .next()
    if (call.done) throw new Error('no call')
    expect(Math.max(...call.value.denoised(noise).data)).toBe(1)
  }
})

test('timesteps: the three spacings of Lin et al. 2023, table 2', () => {
  const first = (timestep_spacing: string, steps_offset = 0) =>
    createSchedule('DDIMScheduler', { timestep_spacing, steps_offset }, 10).timesteps
  expect(first('linspace')).toEqual([999, 888, 777, 666, 555, 444, 333, 222, 111, 0])
  expect(first('leading', 1)).toEqual([901, 801, 701, 601, 501, 401, 301, 201, 101, 1])
  expect(first('trailing')).toEqual([999, 899, 799, 699, 599, 499, 399, 299, 199, 99])
  for (let steps = 1; steps <= 1000; steps++) {
    const { timesteps } = createSchedule('DDIMScheduler', { timestep_spacing: 'trailing' }, steps)
    expect(timesteps.length).toBe(steps)
    expect(timesteps.at(-1)).toBeGreaterThanOrEqual(0)
  }
})

test('Stable Diffusion goes from 14.6146 to 0.0292 in sigma, with and without Karras levels', () => {
  const plain = createSchedule('EulerDiscreteScheduler', STABLE_DIFFUSION, 20)
  const karras = createSchedule('EulerDiscreteScheduler', { ...STABLE_DIFFUSION, use_karras_sigmas: true }, 20)
  for (const { sigmas = [], initialNoiseScale } of [plain, karras]) {
    expect(sigmas[0]).toBeCloseTo(14.6146, 4)
    expect(initialNoiseScale).toBeCloseTo(14.6146, 4)
    expect(sigmas[19]).toBeCloseTo(0.0292, 4)
    expect(sigmas[20]).toBe(0)
  }
  expect(karras.sigmas).not.toEqual(plain.sigmas)
})

test('a configuration of another class serves: foreign keys are passed over, null means the default', () => {
  const foreign = {
    ...STABLE_DIFFUSION,
    _class_name: 'PNDMScheduler',
    skip_prk_steps: true,
    solver_type: 'bh2',
    trained_betas: null,
    lambda_min_clipped: Number.NEGATIVE_INFINITY,
    use_karras_sigmas: null,
    variance_type: 'fixed_small',
    invert_sigmas: [],
  }
  for (const name of diffusion) {
    const ours = createSchedule(
      name,
      name === 'PNDMScheduler' ? { ...STABLE_DIFFUSION, skip_prk_steps: true } : STABLE_DIFFUSION,
      12,
    )
    expect(createSchedule(name, foreign, 12).timesteps, name).toEqual(ours.timesteps)
  }
})

test('Stable Diffusion samples count timesteps from 1 and are not limited, whatever an old file says', () => {
  const old = { ...STABLE_DIFFUSION, steps_offset: 0, clip_sample: true, prediction_type: 'v_prediction' }
  expect(latentDiffusionConfig(old)).toEqual({ ...old, steps_offset: 1, clip_sample: false })
})

test('what cannot be used is said by name', () => {
  const refuse = (name: string, config: SchedulerConfig, steps = 10) => {
    try {
      createSchedule(name, config, steps)
    } catch (error) {
      return error
    }
    return undefined
  }
  expect(refuse('HeunScheduler', {})).toMatchObject({
    code: 'SCHEDULER_UNKNOWN',
    hint: expect.stringContaining('EulerDiscreteScheduler'),
  })
  expect(refuse('toString', {})).toMatchObject({ code: 'SCHEDULER_UNKNOWN' })
  for (const [config, key] of [
    [{ beta_schedule: 'cubic' }, 'beta_schedule'],
    [{ num_train_timesteps: 'many' }, 'num_train_timesteps'],
    [{ trained_betas: [0.1, 0.2] }, 'trained_betas'],
    [{ prediction_type: 'x' }, 'prediction_type'],
    [{ use_karras_sigmas: true, use_beta_sigmas: true }, 'use_karras_sigmas, use_beta_sigmas'],
  ] as const) {
    expect(refuse('EulerDiscreteScheduler', config)).toMatchObject({
      code: 'SCHEDULER_CONFIG',
      message: expect.stringContaining(`: ${key}: `),
    })
  }
  for (const [name, config] of [
    ['DPMSolverMultistepScheduler', { algorithm_type: 'dpmsolver' }],
    ['DPMSolverSinglestepScheduler', { algorithm_type: 'sde-dpmsolver', final_sigmas_type: 'sigma_min' }],
    ['KDPM2DiscreteScheduler', { prediction_type: 'sample' }],
    ['DDPMScheduler', { variance_type: 'fixed_large_log' }],
    ['DDIMInverseScheduler', { prediction_type: 'sample' }],
    ['UniPCMultistepScheduler', { shift_terminal: 0.1 }],
    ['UniPCMultistepScheduler', { use_flow_sigmas: true, use_beta_sigmas: true }],
    ['FlowMatchEulerDiscreteScheduler', { use_dynamic_shifting: true }],
    ['LCMScheduler', { original_inference_steps: 2000 }],
  ] as const) {
    expect(refuse(name, config), name).toMatchObject({ code: 'SCHEDULER_CONFIG' })
  }
  for (const steps of [0, -1, 1.5, Number.NaN, 1001]) {
    for (const name of diffusion) {
      expect(refuse(name, {}, steps)).toMatchObject({ code: 'SCHEDULER_STEPS' })
    }
  }
  expect(refuse('PNDMScheduler', {}, 3)).toMatchObject({
    code: 'SCHEDULER_STEPS',
    hint: 'Choose a whole number from 4 to 1000.',
  })
  expect(refuse('DDIMScheduler', { steps_offset: 1 }, 1000)).toMatchObject({ code: 'SCHEDULER_STEPS' })
})
