import { expect, test } from 'vitest'
import { besides } from '../models/description.ts'
import { Problem } from '../problem.ts'
import { checkModel } from './check-model.ts'
import { operations } from './index.ts'

const refusal = (operation: string, beside: (typeof besides)[number]) => {
  try {
    checkModel(operations[operation], { name: 'Harbour', kind: 'checkpoint', beside }, operations)
    return undefined
  } catch (error) {
    return error instanceof Problem ? error.sentence : String(error)
  }
}

test('a model that was made for in-painting fills masks, and draws nothing from words alone', () => {
  expect(refusal('inpaint', 'mask')).toBeUndefined()
  expect(refusal('inpaint', 'nothing')).toBeUndefined()
  expect(refusal('text-to-image', 'nothing')).toBeUndefined()
  expect(refusal('text-to-image', 'mask')).toBe(
    '"Text to image" cannot use Harbour: it was made for in-painting, and wants a mask and a picture. Choose another model, or "In-paint" or "Draw detail".',
  )
  // Of many others the first are named.
  expect(refusal('instruct', 'nothing')).toMatch(/Choose another model, or "[\w -]+" or "[\w -]+" or "[\w -]+"\.$/)
  expect(refusal('train-lora', 'mask')).toMatch('made for in-painting')
})

test('models can be merged whatever they see', () => {
  for (const beside of besides) expect(refusal('merge-models', beside)).toBeUndefined()
})
