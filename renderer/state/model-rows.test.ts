import { expect, test } from 'vitest'
import { MODEL } from '../testing/told.ts'
import { originRows } from './model-rows.ts'

test('a model that lacks nothing and was not merged has no such rows', () => {
  expect(originRows(MODEL)).toEqual([])
  expect(originRows({ ...MODEL, lacks: [] })).toEqual([])
})

test('what a model was merged from has a row', () => {
  expect(originRows({ ...MODEL, mergedFrom: 'Ink and Wash' })).toEqual([['Merged from', 'Ink and Wash']])
})

test('each part that is lacking is named with what stands in for it', () => {
  const part = (words: string, isOptional: boolean, files: string[]) => ({ words, isOptional, files })
  const rowOf = (...lacks: ReturnType<typeof part>[]) => originRows({ ...MODEL, lacks })
  expect(rowOf(part('the text encoder T5', false, ['/m/t5.safetensors']))).toEqual([
    ['Lacks', 'the text encoder T5; uses t5.safetensors'],
  ])
  expect(rowOf(part('the autoencoder', false, ['/m/a.safetensors', 'C:\\m\\b.safetensors']))).toEqual([
    ['Lacks', 'the autoencoder; choose one of a.safetensors, b.safetensors'],
  ])
  expect(rowOf(part('T5', true, []), part('the autoencoder', false, []))).toEqual([
    ['Lacks', 'T5; draws without it'],
    ['Lacks', 'the autoencoder; add such a file to Models'],
  ])
})
