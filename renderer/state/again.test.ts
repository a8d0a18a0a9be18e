import { expect, test } from 'vitest'
import { MODEL, OPERATION } from '../testing/told.ts'
import { rerunOf, upscaleOf, variationsOf } from './again.ts'
import type { Image } from './api.ts'

const rework = { ...OPERATION, id: 'image-to-image' }
const known = { models: [MODEL], operations: [OPERATION, rework] }
const parameters = { prompt: 'a fox', steps: 12, seed: '7', count: 1, odd: 3, width: 64, height: 64 }
const image: Image = {
  ...{ id: 'one', hash: 'ab', width: 128, height: 96, createdAt: 1, starred: false, index: 0 },
  recipe: {
    ...{
      operation: 'text-to-image',
      operationVersion: 1,
      parameters,
      seed: '7',
      provider: 'cpu',
      app: '',
      parents: [],
    },
    model: { name: MODEL.name, hash: '' },
  },
}

test('a picture is drawn again by all that its recipe says', () => {
  expect(rerunOf(image, known)).toEqual({ operation: 'text-to-image', model: MODEL.id, parameters })
})

test('variations keep words and settings that reworking takes, and begin from the picture at its size', () => {
  expect(variationsOf(image, known, () => 9n)).toEqual({
    operation: 'image-to-image',
    model: MODEL.id,
    parameters: {
      ...{ prompt: 'a fox', steps: 12, width: 128, height: 96 },
      ...{ image: 'ab', strength: 0.3, count: 4, seed: '9' },
    },
  })
})

test('nothing is offered without recipe, model or way of drawing', () => {
  const { recipe: _, ...bare } = image
  expect([rerunOf(bare, known), variationsOf(bare, known)]).toEqual([undefined, undefined])
  expect([rerunOf(image, { ...known, models: [] }), variationsOf(image, { ...known, models: [] })]).toEqual([
    undefined,
    undefined,
  ])
  expect(rerunOf(image, { ...known, operations: [rework] })).toBeUndefined()
  expect(variationsOf(image, { ...known, operations: [OPERATION] })).toBeUndefined()
  const wordless = { ...MODEL, kind: 'unconditional' as const }
  expect(variationsOf(image, { ...known, models: [wordless] })).toBeUndefined()
})

test('a picture is made larger by the first network that can, as much as that was made for', () => {
  const upscaler = { ...MODEL, id: 'big', kind: 'upscaler' as const }
  const enlarge = { ...OPERATION, id: 'enlarge' }
  expect(upscaleOf(image, { models: [MODEL], operations: [enlarge] })).toBeUndefined()
  expect(upscaleOf(image, { models: [MODEL, upscaler], operations: [enlarge] })).toEqual({
    ...{ operation: 'enlarge', model: 'big', parameters: { image: 'ab' } },
  })
})
