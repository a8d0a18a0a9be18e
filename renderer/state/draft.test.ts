import { expect, test } from 'vitest'
import { MODEL, OPERATION } from '../testing/told.ts'
import type { Image, Recipe } from './api.ts'
import { draftOfRecipe, emptyDraft, frameSize, modelOf, nextSeed, readKept, requestOf, writeKept } from './draft.ts'
import { fieldsOf } from './form.ts'
import { paintedMask, regionPlace } from './where.ts'

const fields = fieldsOf(OPERATION)
const recipe: Recipe = {
  operation: OPERATION.id,
  operationVersion: 1,
  parameters: {
    prompt: 'a cat',
    negative: 'dogs',
    steps: 12,
    guidance: 5,
    width: 128,
    height: 128,
    count: 4,
    karras: true,
  },
  seed: '18446744073709551615',
  model: { name: MODEL.name, hash: 'abc' },
  provider: 'cpu',
  app: '0.1.0',
  parents: [],
}
const image: Image = { id: 'i', hash: 'h', width: 1, height: 1, createdAt: 1, starred: false, index: 0 }

test('only what differs from the model’s own values is asked for', () => {
  const draft = { ...emptyDraft, prompt: 'a cat', values: { steps: 12, guidance: MODEL.defaults.guidance } }
  expect(requestOf(OPERATION.id, MODEL, fields, draft, '7')).toEqual({
    operation: OPERATION.id,
    model: MODEL.id,
    parameters: { prompt: 'a cat', steps: 12, seed: '7' },
  })
})

test('a kept seed is used exactly; otherwise a new one is rolled, and so it is when a fresh one is asked for', () => {
  const kept = { ...emptyDraft, seed: '9007199254740993', seedKept: true }
  const roll = () => 5n
  expect(nextSeed(kept, false, roll)).toBe('9007199254740993')
  expect(nextSeed(kept, true, roll)).toBe('5')
  expect(nextSeed({ ...kept, seedKept: false }, false, roll)).toBe('5')
  expect(nextSeed({ ...kept, seed: '' }, false, roll)).toBe('5')
})

test('a recipe restores prompt, exact seed and what differs from the model, for one picture', () => {
  const { draft, missingModel } = draftOfRecipe(emptyDraft, recipe, fields, [MODEL])
  expect(draft).toMatchObject({
    model: MODEL.id,
    prompt: 'a cat',
    values: { negative: 'dogs', steps: 12, karras: true },
    seed: '18446744073709551615',
    seedKept: true,
  })
  expect(missingModel).toBeUndefined()
})

test('a recipe of a model that is not here keeps the chosen model and names the other', () => {
  const foreign = { ...recipe, model: { name: 'Harbour 1.5', hash: 'x' } }
  const { draft, missingModel } = draftOfRecipe({ ...emptyDraft, model: MODEL.id }, foreign, fields, [MODEL])
  expect(missingModel).toBe('Harbour 1.5')
  expect(draft.model).toBe(MODEL.id)
})

test('the model in force is the chosen one, else the first that can be used', () => {
  const broken = { ...MODEL, id: 'broken', problem: 'Its file is gone.' }
  expect(modelOf({ model: 'broken' }, [broken, MODEL])).toBe(broken)
  expect(modelOf({ model: 'unknown' }, [broken, MODEL])).toBe(MODEL)
  expect(modelOf({}, [])).toBeUndefined()
})

test('the frame has the size that was set, else the model’s', () => {
  expect(frameSize(fields, emptyDraft, MODEL)).toEqual({ width: 128, height: 128 })
  expect(frameSize(fields, { ...emptyDraft, values: { width: 256 } }, MODEL)).toEqual({ width: 256, height: 128 })
  expect(frameSize(fields, emptyDraft, undefined)).toBeUndefined()
})

test('what is kept comes back as it was', () => {
  const draft = {
    ...emptyDraft,
    prompt: 'ä "quoted" prompt',
    values: { steps: 3 },
    seed: '1',
    seedKept: true,
    staged: [image],
  }
  expect(readKept(writeKept({ draft, pending: ['j'] }))).toEqual({ draft, pending: ['j'] })
})

for (const damaged of [null, '', '{', '[]', '7', '{"staged":[{"id":1}],"prompt":7,"values":null,"pending":[1]}'])
  test(`what is kept as ${damaged} is an empty draft`, () =>
    expect(readKept(damaged)).toEqual({ draft: emptyDraft, pending: [] }))

test('a form without words asks for none, and for the first class until another is chosen', () => {
  const parameters = { properties: { classLabel: { type: 'integer', widget: 'class', minimum: 0, maximum: 9 } } }
  const classes = fieldsOf({ ...OPERATION, parameters })
  const asked = (values: Record<string, unknown>) =>
    requestOf('draw-a-class', MODEL, classes, { ...emptyDraft, prompt: 'left over', values }, '7').parameters
  expect([asked({}), asked({ classLabel: 4 })]).toEqual([
    { classLabel: 0, seed: '7' },
    { classLabel: 4, seed: '7' },
  ])
  expect(frameSize(classes, emptyDraft, MODEL)).toMatchObject({ width: MODEL.defaults.width })
})

test('a part that the canvas says is no parameter: the run is given its pixels; a picture is', () => {
  const parameters = { properties: { guideMask: { type: 'string', widget: 'where', default: '' } } }
  const fields = fieldsOf({ ...OPERATION, parameters })
  const asked = (guideMask: string) =>
    requestOf('text-to-image', MODEL, fields, { ...emptyDraft, values: { guideMask } }, undefined).parameters
  expect([paintedMask, regionPlace('r'), 'ab12'].map(asked)).toEqual([{}, {}, { guideMask: 'ab12' }])
})
