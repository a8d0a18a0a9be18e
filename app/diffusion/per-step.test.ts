import { expect, test } from 'vitest'
import { tensor } from '../tensor/tensor.ts'
import { perStep } from './denoise.ts'

const latents = tensor([1], Float32Array.of(0))

/** The step that each call of the network belongs to. */
async function stepsOf(steps: number, calls: number): Promise<number[]> {
  const predict = perStep(steps, calls, step => async () => tensor([1], Float32Array.of(step)))
  const answers: number[] = []
  for (let call = 0; call < calls; call++) answers.push((await predict(latents, 0)).data[0])
  return answers
}

test('each call has its step, also where a sampler calls more often than it steps', async () => {
  expect(await stepsOf(4, 4)).toEqual([1, 2, 3, 4])
  expect(await stepsOf(4, 5)).toEqual([1, 1, 2, 3, 4]) // PNDM without Runge-Kutta steps
  expect(await stepsOf(4, 7)).toEqual([1, 1, 2, 2, 3, 3, 4]) // Heun
  expect(await stepsOf(1, 1)).toEqual([1])
})

test('a prediction is asked for once a step', async () => {
  const asked: number[] = []
  const predict = perStep(2, 4, step => {
    asked.push(step)
    return async input => input
  })
  for (let call = 0; call < 4; call++) await predict(latents, 0)
  expect(asked).toEqual([1, 2])
})
