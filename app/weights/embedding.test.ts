import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import { openEmbedding, vectorsFor } from './embedding.ts'
import { writeSafetensors } from './safetensors.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-embedding-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, tensors: Record<string, Shape>, value = 1): string {
  const path = join(folder, `${name}.safetensors`)
  const entries = Object.entries(tensors).map(([key, shape]) => {
    return [key, { dtype: 'F32', shape, data: new Float32Array(sizeOf(shape)).fill(value) }] as const
  })
  writeSafetensors(path, entries)
  return path
}

test('words and vectors of the three layouts', () => {
  const shapes = (path: string, word?: string) => {
    const { word: found, vectors } = openEmbedding(path, word)
    return [found, ...Object.entries(vectors).map(([name, { rows, width }]) => `${name} ${rows} x ${width}`)]
  }
  expect(shapes(file('style', { emb_params: [2, 24] }))).toEqual(['style', 'text_encoder 2 x 24'])
  expect(shapes(file('learned', { '<cat>': [24] }))).toEqual(['<cat>', 'text_encoder 1 x 24'])
  expect(shapes(file('learned', { '<cat>': [3, 24] }), 'dog')).toEqual(['dog', 'text_encoder 3 x 24'])
  const both = ['xl', 'text_encoder 2 x 24', 'text_encoder_2 2 x 32']
  expect(shapes(file('xl', { clip_g: [2, 32], clip_l: [2, 24] }))).toEqual(both)
})

test('vectors stand in the order of the embeddings', () => {
  const [one, two] = [file('one', { a: [2, 3] }, 4), file('two', { b: [3] }, 5)].map(path => openEmbedding(path))
  const { rows, values } = vectorsFor([one, two], 'text_encoder', ['text_encoder'], 3)
  expect([rows, [...values]]).toEqual([3, [4, 4, 4, 4, 4, 4, 5, 5, 5]])
})

test.each<[string, Record<string, Shape>, string]>([
  ['two tensors', { a: [24], b: [24] }, 'EMBEDDING_FILE'],
  ['a convolution', { a: [2, 24, 3, 3] }, 'EMBEDDING_FILE'],
  ['unequal encoders', { clip_l: [2, 24], clip_g: [3, 32] }, 'EMBEDDING_FILE'],
  ['another width', { emb_params: [1, 768] }, 'EMBEDDING_BASE'],
  ['two encoders', { clip_l: [1, 24], clip_g: [1, 32] }, 'EMBEDDING_BASE'],
])('refused: %s', (name, tensors, code) => {
  const open = () => vectorsFor([openEmbedding(file(name, tensors))], 'text_encoder', ['text_encoder'], 24)
  expect(open).toThrow(expect.objectContaining({ code }))
})
