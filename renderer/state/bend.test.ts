import { expect, test } from 'vitest'
import type { Image, Job, ModelInfo, OperationInfo } from './api.ts'
import { drawingOf, learnedOf, learningOf, lengthsOf, subjectOf, trainingOf } from './bend.ts'

const hash = 'c'.repeat(64)
const model = { id: 'm', sizeMultiple: 16 }
const file = (name: string, picture: string, method: 'imagic' | 'unitune') =>
  ({ path: `/${name}`, learned: { method, picture } }) as ModelInfo

test('Imagic is learned for words, UniTune without; names tell pictures apart', () => {
  expect(trainingOf({ hash }, { method: 'imagic', words: ' ' }, model)).toBeUndefined()
  expect(trainingOf({ hash }, { method: 'imagic', words: 'a cat ' }, model)).toEqual({
    ...{ operation: 'train-imagic', model: 'm' },
    parameters: { image: hash, words: 'a cat', name: 'a cat cccccc' },
  })
  expect(trainingOf({ hash }, { method: 'unitune', words: '' }, model)?.parameters).not.toHaveProperty('words')
})

test('how long is learned is a part of what is usual', () => {
  const whole = (usual: number) => ({
    type: 'integer',
    default: usual,
    title: 'Steps',
    group: 'training',
    widget: 'slider',
  })
  const properties = { wordSteps: whole(500), steps: whole(400), batch: whole(1) }
  const operation = { id: 'train-imagic', parameters: { properties } } as unknown as OperationInfo
  expect(lengthsOf(operation, 1)).toEqual({})
  expect(lengthsOf(operation, 0.5)).toEqual({ wordSteps: 250, steps: 200 })
  expect(lengthsOf(operation, 0)).toEqual({ wordSteps: 1, steps: 1 })
  expect(trainingOf({ hash }, { method: 'unitune', words: '' }, model, { steps: 3 })?.parameters.steps).toBe(3)
})

test('what was learned of a picture, and what learns it, is found by its hash and way', () => {
  const others = [file('a', hash, 'imagic'), file('b', hash, 'unitune'), file('c', 'd'.repeat(64), 'imagic')]
  expect(learnedOf({ hash }, 'imagic', others).map(({ path }) => path)).toEqual(['/a'])
  const job = { operation: 'train-imagic', state: 'running', parameters: { image: hash } } as unknown as Job
  expect(learningOf({ hash }, 'imagic', { job })).toBe(job)
  expect(learningOf({ hash }, 'unitune', { job })).toBeUndefined()
  expect(learningOf({ hash }, 'imagic', { job: { ...job, state: 'done' } })).toBeUndefined()
})

test('of what was drawn with a learned picture, that picture is the subject', () => {
  const others = [file('a', 'd'.repeat(64), 'imagic')]
  const drawn = (learned: string) => ({ hash, recipe: { parameters: { learned } } }) as unknown as Image
  expect(subjectOf(drawn('/a'), others)).toBe('d'.repeat(64))
  expect(subjectOf(drawn('/gone'), others)).toBe(hash)
  expect(subjectOf({ hash, recipe: undefined }, others)).toBe(hash)
})

test('the slider draws with the seed of the picture, at its size in whole multiples', () => {
  const picture = { hash, width: 100, height: 64, recipe: undefined }
  const bending = { method: 'imagic', words: '', amount: 0.4, effort: 1 } as const
  expect(drawingOf(picture, bending, model, { path: '/a', triggerWords: ['a cat'] })).toEqual({
    ...{ operation: 'imagic', model: 'm' },
    parameters: { learned: '/a', seed: '0', count: 1, width: 96, height: 64, prompt: 'a cat', toward: 0.4 },
  })
  expect(
    drawingOf(picture, { ...bending, method: 'unitune', words: 'a dog' }, model, { path: '/a' }).parameters,
  ).toMatchObject({
    ...{ prompt: 'a dog', image: hash, strength: 0.4 },
  })
})
