import { expect, test } from 'vitest'
import { addition, MODEL, OPERATION } from '../testing/told.ts'
import { familyWords, hasWord, suits, withWord, wordOf } from './additions.ts'
import type { ModelInfo, Recipe } from './api.ts'
import { draftOfRecipe, emptyDraft, readKept, requestOf, writeKept } from './draft.ts'
import { fieldsOf, fittingValues, isChanged } from './form.ts'

const fields = fieldsOf(OPERATION)
const model: ModelInfo = { ...MODEL, family: 'sd1' }
const cat = addition('lora', '/models/cat.safetensors', { family: 'sd1', hash: 'c' })
const harbour = addition('lora', '/models/harbour.safetensors', { family: 'sdxl' })
const bad = addition('embedding', '/models/bad.safetensors', { triggerWords: ['<bad>'] })
const library = [cat, harbour, bad]
const asked = (values: Record<string, unknown>) =>
  requestOf(OPERATION.id, model, fields, { ...emptyDraft, values }, undefined, library).parameters

test('what is switched off, or made for another kind of model, is not asked for', () => {
  const loras = [
    { model: cat.path, strength: 0.8 },
    { model: harbour.path, strength: 1 },
    { model: '/elsewhere/x.safetensors', strength: 1, off: true },
    { model: '/elsewhere/y.safetensors', strength: -0.5 },
  ]
  expect(asked({ loras }).loras).toEqual([loras[0], loras[3]])
  expect(asked({ vae: harbour.path }).vae).toBe(harbour.path)
  const vae = addition('vae', '/models/v.safetensors', { family: 'flux' })
  const { parameters } = requestOf(OPERATION.id, model, fields, { ...emptyDraft, values: { vae: vae.path } }, '1', [
    vae,
  ])
  expect(parameters.vae).toBe('')
})

test('an empty list is no change', () => {
  const field = fields.find(({ name }) => name === 'loras')
  expect(field?.takes).toBe('lora')
  if (field === undefined) return
  expect(isChanged(field, { loras: [] }, model)).toBe(false)
  expect(isChanged(field, { loras: [{ model: 'a' }] }, model)).toBe(true)
})

test('values of files survive a restart and a recipe; what makes no sense in them does not', () => {
  const values = {
    loras: [{ model: 'a', strength: 0.5, off: true as const }],
    embeddings: [{ model: 'b', word: 'w' }],
    vae: 'v',
  }
  expect(readKept(writeKept({ draft: { ...emptyDraft, values }, pending: [] })).draft.values).toEqual(values)
  expect(fittingValues(fields, values)).toEqual(values)
  const spoiled = { loras: [3, { model: '' }, { model: 'a', strength: 99 }], embeddings: 'b', vae: 4 }
  expect(fittingValues(fields, spoiled)).toEqual({ loras: [{ model: 'a' }] })
})

test('a recipe finds a LoRA that lies elsewhere here by its hash', () => {
  const recipe: Recipe = {
    operation: OPERATION.id,
    operationVersion: 1,
    parameters: { prompt: 'x', loras: [{ model: '/their/kitten.safetensors', strength: 0.8 }, { model: '/gone' }] },
    seed: '1',
    model: { name: MODEL.name, hash: '' },
    provider: 'cpu',
    additions: [{ model: '/their/kitten.safetensors', hash: 'c' }],
    app: '',
    parents: [],
  }
  const { draft } = draftOfRecipe(emptyDraft, recipe, fields, [model], library)
  expect(draft.values.loras).toEqual([{ model: cat.path, strength: 0.8 }, { model: '/gone' }])
})

test('what suits a model: what both say; an autoencoder of four channels suits all that have them', () => {
  const families = (kind: ModelInfo['kind'], family?: string) =>
    ['sd1', 'sdxl', 'flux', 'unknown'].map(of => suits({ kind, family }, { family: of }))
  expect(families('lora', 'sdxl')).toEqual([false, true, false, true])
  expect(families('lora', 'unknown')).toEqual([true, true, true, true])
  expect(families('vae', 'sd1')).toEqual([true, true, false, true])
  expect(suits(cat, undefined)).toBe(true)
  expect(familyWords({ kind: 'lora', family: 'unknown' })).toBeUndefined()
})

test('an embedding is called by the chosen word, its own, or the name of its file; it goes to the end of the prompt', () => {
  expect(wordOf({ model: bad.path, word: 'w' }, bad)).toBe('w')
  expect(wordOf({ model: bad.path }, bad)).toBe('<bad>')
  expect(wordOf({ model: 'C:\\models\\gloom.v2.safetensors' }, undefined)).toBe('gloom.v2')
  expect(withWord('', '<bad>')).toBe('<bad>')
  expect(withWord('a cat,  ', '<bad>')).toBe('a cat, <bad>')
  expect(hasWord('A <BAD> cat', '<bad>')).toBe(true)
})
