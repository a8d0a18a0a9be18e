import { expect, test } from 'vitest'
import { MODEL } from '../testing/told.ts'
import type { ModelInfo } from './api.ts'
import { lacking, type MergingState, madeBy, mergeRequest, partnersOf } from './merging.ts'

const state: MergingState = {
  ...{ open: true, method: 'weighted sum', weight: 0.25, loras: [], name: ' Half ', asking: false },
  ...{ first: 'a', second: 'b', third: 'c' },
}
const model = (id: string, family: string, change: Partial<ModelInfo> = {}): ModelInfo => ({
  ...{ ...MODEL, id, family },
  ...change,
})

test('what is asked for is what the method needs', () => {
  expect(mergeRequest(state)).toEqual({
    operation: 'merge-models',
    model: 'a',
    parameters: { method: 'weighted sum', second: 'b', weight: 0.25, name: 'Half' },
  })
  expect(mergeRequest({ ...state, method: 'add difference' }).parameters).toMatchObject({ third: 'c' })
  const loras = [{ model: '/x.safetensors', strength: 0.5 }]
  expect(mergeRequest({ ...state, method: 'LoRAs', loras })).toEqual({
    operation: 'merge-loras',
    model: 'a',
    parameters: { loras, name: 'Half' },
  })
})

test('what is missing is said, one thing after the other', () => {
  expect(lacking(state)).toBeUndefined()
  expect(lacking({ ...state, first: undefined })).toBe('Choose the model to merge into.')
  expect(lacking({ ...state, second: undefined })).toBe('Choose a second model.')
  expect(lacking({ ...state, method: 'add difference', third: undefined })).toBe('Choose a third model.')
  expect(lacking({ ...state, method: 'LoRAs' })).toBe('Choose at least one LoRA.')
  expect(lacking({ ...state, name: '  ' })).toBe('Give the new model a name.')
})

test('only models of one kind that can be used are offered', () => {
  const models = [
    model('a', 'sd1'),
    model('b', 'sd1'),
    model('xl', 'sdxl'),
    model('odd', 'unknown'),
    model('gone', 'sd1', { problem: 'It is gone.' }),
    model('pixels', 'sd1', { kind: 'unconditional' }),
  ]
  expect(partnersOf(models[0], models).map(({ id }) => id)).toEqual(['b', 'odd'])
})

test('the new model is found by its name, as file or folder', () => {
  const job = {
    ...{ id: 'j', operation: 'merge-models', model: 'a', parameters: { name: 'Half' }, state: 'done' as const },
    ...{ position: 1, createdAt: 1, images: [] },
  }
  const [file, folder] = ['/m/Half.safetensors', 'C:\\m\\Half'].map(path => model('x', 'sd1', { path }))
  expect([madeBy(job, [file]), madeBy(job, [folder]), madeBy(job, [MODEL])]).toEqual([file, folder, undefined])
})
