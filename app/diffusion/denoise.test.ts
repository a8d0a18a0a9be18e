import { expect, test } from 'vitest'
import { createSchedule, schedulers } from '../schedulers/index.ts'
import { largestDifference } from '../schedulers/testing.ts'
import { mix } from '../tensor/arithmetic.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { type DenoisingStep, denoise } from './denoise.ts'

const start = new TorchGenerator(3n).normal([1, 4, 5, 6])

/** A run with a network that answers with a share of what it is fed: its end, and where it was after each call. */
async function drawn(
  className: string,
  latents: Tensor,
  options: Partial<Pick<Parameters<typeof denoise>[0], 'begin' | 'end' | 'after'>> = {},
) {
  const schedule = createSchedule(className, { beta_schedule: 'scaled_linear' }, 9)
  const generator = new TorchGenerator(4n)
  const run = denoise({
    ...{ schedule, latents, ...options },
    noise: shape => generator.normal(shape),
    predict: async (input, timestep) => mix([timestep / 1500, input]),
    signal: new AbortController().signal,
  })
  const steps: DenoisingStep[] = []
  let next = await run.next()
  for (; !next.done; next = await run.next()) steps.push(next.value)
  return { steps, latents: next.value }
}

for (const [className, callsPerStep] of [
  ['DDIMScheduler', 1],
  ['EulerDiscreteScheduler', 1],
  ['FlowMatchEulerDiscreteScheduler', 1],
  ['HeunDiscreteScheduler', 2],
  ['KDPM2DiscreteScheduler', 2],
  ['FlowMatchHeunDiscreteScheduler', 2],
] as const) {
  test(`${className}: a run that stops and one that goes on from there are one run`, async () => {
    const whole = await drawn(className, start)
    const first = await drawn(className, start, { end: 4 * callsPerStep })
    const second = await drawn(className, first.latents, { begin: 4 })
    expect(first.steps.length).toBe(4 * callsPerStep)
    expect(first.steps.length + second.steps.length).toBe(whole.steps.length)
    expect(largestDifference(second.latents, whole.latents)).toBe(0)
    expect(largestDifference(first.latents, start)).toBeGreaterThan(0.01)
  })
}

test('progress counts the calls that are made', async () => {
  const places = async (options: { begin?: number; end?: number }) =>
    (await drawn('HeunDiscreteScheduler', start, options)).steps.map(({ step, total }) => `${step} of ${total}`)
  expect(await places({ begin: 7 })).toEqual(['1 of 3', '2 of 3', '3 of 3'])
  expect(await places({ begin: 3, end: 8 })).toEqual(['1 of 2', '2 of 2'])
  expect((await places({ end: 100 })).at(-1)).toBe('17 of 17')
  expect(await places({ begin: 2, end: 4 })).toEqual([])
})

test.each(Object.values(schedulers).map(({ className, serves }) => [className, serves] as const))(
  '%s: what a method makes of the latents after each call is what the run goes on with, and ends with',
  async className => {
    const calls: number[] = []
    const kept = new TorchGenerator(5n).normal(start.shape)
    const after = (latents: Tensor, call: number) => {
      calls.push(call)
      return tensor(
        latents.shape,
        latents.data.map((value, k) => (k % 2 === 0 ? value : kept.data[k])),
      )
    }
    const { steps, latents } = await drawn(className, start, { after })
    expect(calls).toEqual(steps.map((_, k) => k + 1))
    for (const held of [...steps.slice(1).map(step => step.latents), latents])
      expect(held.data.filter((_, k) => k % 2 === 1)).toEqual(kept.data.filter((_, k) => k % 2 === 1))
  },
)
