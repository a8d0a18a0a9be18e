import { expect, test } from 'vitest'
import { constant } from '../graph/graph.ts'
import { add, mean, multiply } from '../graph/ops/index.ts'
import { targets } from '../graph/targets.ts'
import { unitPicture } from '../runtime/guidable.ts'
import { Runtime } from '../runtime/runtime.ts'
import { createSchedule } from '../schedulers/index.ts'
import type { Prediction } from '../schedulers/prediction.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { tensor } from '../tensor/tensor.ts'
import { denoise } from './denoise.ts'
import { PictureGuidance, type PictureGuide, type WrittenPrediction } from './picture-guide.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 30 })
const shape = [1, 3, 4, 4]

/** A guide that wants pictures as bright as they can be. */
const brighter = (strength: number): PictureGuide => ({
  model: { runtime, pictureOf: (_, sample) => unitPicture(sample) },
  terms: [
    { strength, loss: ({ graph }, picture) => mean(add(multiply(picture, -1), constant(graph, 'float32', [], [1]))) },
  ],
  strengthAt: () => 1,
})

/** Mean of what a network draws under a guide that knows numbers of variance 1 alone. */
async function drawn(sampler: string, prediction: Prediction, strength: number, through?: WrittenPrediction) {
  const config = { prediction_type: prediction, beta_schedule: 'scaled_linear', clip_sample: false }
  const schedule = createSchedule(sampler, config, 8)
  const noise = () => new TorchGenerator(3n).normal(shape)
  const { data } = noise()
  const latents = tensor(
    shape,
    data.map(value => value * schedule.initialNoiseScale),
  )
  const guidance = new PictureGuidance(brighter(strength), prediction, shape)
  guidance.begin(schedule, 0, 1n)
  let call = 0
  // What means that numbers of variance 1 lie behind the noise: a clean sample of alpha times what is seen.
  const predict = async (input: { readonly data: Float32Array }, timestep: number) => {
    const { alpha, sigma } = schedule.noiseLevel(timestep, call++)
    const length = Math.hypot(alpha, sigma)
    const answer = prediction === 'epsilon' ? sigma / length : prediction === 'v_prediction' ? 0 : alpha / length
    return tensor(
      shape,
      input.data.map(value => value * answer),
    )
  }
  const run = denoise({
    ...{ schedule, latents, noise, predict: guidance.guided(predict, through) },
    signal: new AbortController().signal,
  })
  for (;;) {
    const next = await run.next()
    if (next.done) {
      await guidance.release()
      return next.value.data.reduce((sum, value) => sum + value, 0) / next.value.data.length
    }
  }
}

test.each([
  ['DDIMScheduler', 'epsilon'],
  ['DDIMScheduler', 'v_prediction'],
  ['DDIMScheduler', 'sample'],
  ['EulerDiscreteScheduler', 'epsilon'],
  ['EulerDiscreteScheduler', 'v_prediction'],
  ['DPMSolverMultistepScheduler', 'epsilon'],
] as const)(
  '%s with %s: the picture goes where it is pulled, farther at a larger strength, and nowhere without',
  async (sampler, prediction) => {
    const [none, some, more, away] = [
      await drawn(sampler, prediction, 0),
      await drawn(sampler, prediction, 0.2),
      await drawn(sampler, prediction, 0.6),
      await drawn(sampler, prediction, -0.6),
    ]
    expect(some).toBeGreaterThan(none + 0.02)
    expect(more).toBeGreaterThan(some + 0.02)
    expect(away).toBeLessThan(none - 0.02)
  },
)

test('through a network that answers with a share of what it sees, the gradient is that share of the direct one', async () => {
  // The clean sample is half of the answer's input: its derivative is 0.5.
  const half: WrittenPrediction = { write: (_, sample) => multiply(sample, 0.5), feeds: () => ({}) }
  const guidance = new PictureGuidance(brighter(1), 'sample', shape)
  const schedule = createSchedule('DDIMScheduler', { prediction_type: 'sample', clip_sample: false }, 4)
  const input = tensor(shape, new Float32Array(48).fill(0.2))
  const answer = async () => tensor(shape, new Float32Array(48).fill(0.1))
  const moved = async (through?: WrittenPrediction) => {
    guidance.begin(schedule, 0, 1n)
    const { data } = await guidance.guided(answer, through)(input, schedule.timesteps[0])
    await guidance.release()
    return data[0] - 0.1
  }
  const { alpha } = schedule.noiseLevel(schedule.timesteps[0], 0)
  const direct = await moved()
  const fresh = new PictureGuidance(brighter(1), 'sample', shape)
  fresh.begin(schedule, 0, 1n)
  const { data } = await fresh.guided(answer, half)(input, schedule.timesteps[0])
  expect(data[0] - 0.1).toBeCloseTo((direct * 0.5) / Math.max(alpha, 0.05), 4)
  expect(direct).toBeGreaterThan(0)
})

test('outside a mask nothing moves, inside all of it', async () => {
  const schedule = createSchedule('DDIMScheduler', {}, 8)
  const mask = tensor([1, 1, 4, 4])
  mask.data.fill(1, 0, 8)
  const guidance = new PictureGuidance({ ...brighter(1), mask }, 'epsilon', shape)
  guidance.begin(schedule, 0, 1n)
  const predict = guidance.guided(async () => tensor(shape))
  const { data } = await predict(tensor(shape), schedule.timesteps[4])
  await guidance.release()
  for (const [k, value] of data.entries()) {
    if (k % 16 < 8) expect(Math.abs(value)).toBeGreaterThan(1e-3)
    else expect(value).toBeCloseTo(0, 12)
  }
})
