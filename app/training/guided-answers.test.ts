import { expect, test } from 'vitest'
import { pulled } from '../diffusion/guidance.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { underGuidance } from './guided-answers.ts'

const random = new TorchGenerator(3n)
const shape = [1, 4, 2, 2]
const size = { width: 16, height: 16 }
const question = { sample: random.normal(shape), timestep: 700, target: random.normal(shape), weight: 0.3 }
const none = random.normal(shape)

test('what is learned becomes under guidance what the picture says, and only the answer is another', async () => {
  const asked: string[] = []
  const own = async (_: unknown, caption: string) => {
    asked.push(caption)
    return none
  }
  for (const scale of [1, 2.5, 7.5]) {
    const { target, ...rest } = await underGuidance(own, scale)(question, size)
    const drawn = pulled(none, target, scale)
    for (const [i, value] of drawn.data.entries()) expect(value).toBeCloseTo(question.target.data[i], 5)
    expect(rest).toEqual({ sample: question.sample, timestep: 700, weight: 0.3 })
  }
  expect(asked).toEqual(['', '', ''])
})
