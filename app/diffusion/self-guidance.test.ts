import { expect, test } from 'vitest'
import { type Target, targets } from '../graph/targets.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import { joinBatches } from '../tensor/batches.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { selfGuidedPredictor } from './self-guidance.ts'

const latents = [1, 1, 4, 4]
const filled = (value: number, batch = 1) => tensor([batch, 1, 4, 4], new Float32Array(16 * batch).fill(value))

/** A network that answers with 10 x what a picture is told + its latents, and looks at its first place alone. */
function fake(target: Target) {
  const asked: { batch: number; told: number[] }[] = []
  const predictor: Checkpoint['predictor'] = async (_, __, ___, ____, attention) => {
    return async (input: Tensor, ______: number, { told }) => {
      asked.push({ batch: input.shape[0], told: [...told.data] })
      attention?.onMaps?.({ 'attended/2x2': tensor([1, 4], Float32Array.of(2.5, 0.5, 0.5, 0.5)) })
      return tensor(
        input.shape,
        input.data.map((value, k) => value + 10 * told.data[Math.floor(k / 16)]),
      )
    }
  }
  const runtime = new Runtime({ target, threads: 1, memoryBudget: 2 ** 30 })
  return { asked, checkpoint: { predictor, runtime } }
}

const told = (...values: number[]) => ({ told: tensor([values.length, 1], Float32Array.from(values)) })

test('the wanted picture is asked once more, and its pull is added to both halves', async () => {
  const { asked, checkpoint } = fake(targets.cpu)
  const perturbed = { scale: 3, layers: ['mid'] }
  const network = await selfGuidedPredictor(checkpoint, { perturbed }).predictor(latents, 3, true)
  const answer = await network(joinBatches([filled(1), filled(2)]), 10, told(0, 1))
  expect(asked).toEqual([{ batch: 3, told: [0, 1, 1] }])
  // This network answers as ever where it is perturbed: nothing pulls.
  expect([answer.data[0], answer.data[16]]).toEqual([1, 12])
})

test.each([
  ['cpu', targets.cpu, [2, 1]],
  ['a provider that holds its weights', targets.webgpu, [2, 2]],
])('on %s, what is looked at is blurred and asked again as what is pulled away from', async (_, target, batches) => {
  const { asked, checkpoint } = fake(target)
  const degraded = { scale: 2, prediction: 'sample' as const, levelAt: () => ({ alpha: 0.8, sigma: 0.6 }) }
  const network = await selfGuidedPredictor(checkpoint, { degraded }).predictor(latents, 3, true)
  const steps = tensor(
    latents,
    Float32Array.from({ length: 16 }, (_, k) => k),
  )
  const answer = await network(joinBatches([steps, steps]), 10, told(0, 1))
  expect(asked.map(({ batch }) => batch)).toEqual(batches)
  expect(asked[1].told[0]).toBe(0)
  const pull = Array.from({ length: 16 }, (_, k) => answer.data[k] - steps.data[k])
  const isSeen = (k: number) => k % 4 < 2 && k < 8
  // Corners of the picture and the middle of what is seen: a blur changes them, the rest comes back as it was.
  for (const [k, by] of pull.entries()) {
    if (isSeen(k)) expect(Math.abs(by)).toBeGreaterThan(0.1)
    else expect(by).toBeCloseTo(0, 4)
    expect(answer.data[16 + k] - steps.data[k] - 10).toBeCloseTo(by, 4)
  }
})
