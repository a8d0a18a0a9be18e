import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Problem } from '../problem.ts'
import type { Shape } from '../tensor/tensor.ts'
import { sizeOf } from '../tensor/tensor.ts'
import { writeChangedFile } from './changed-copy.ts'
import { addedDifference, mergeMetadata, type WeightSum, weightedSum } from './merge.ts'
import { openSafetensors, readIntegers, readTensor, writeMadeSafetensors, writeSafetensors } from './safetensors.ts'
import { openWeightFile, type WeightFiles } from './weight-files.ts'

/* Sums of many tensors are held to torch's by test/parity (08_lora/merge). */

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sfumato-merge-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function model(name: string, tensors: Record<string, readonly [Shape, number]>): WeightFiles {
  const path = join(folder, `${name}.safetensors`)
  const entries = Object.entries(tensors).map(([key, [shape, value]]) => {
    return [key, { dtype: 'F32', shape, data: new Float32Array(sizeOf(shape)).fill(value) }] as const
  })
  writeSafetensors(path, [...entries, ['step', { dtype: 'I64', shape: [1], data: BigInt64Array.of(7n) }]])
  return openWeightFile(path)
}

async function write(path: string, { files }: WeightFiles, { changed }: WeightSum, metadata = {}) {
  for await (const _ of writeChangedFile(path, files, { changed }, metadata));
  return openSafetensors(path)
}

test('sums, what is kept, and the record', async () => {
  const [a, b, c] = [
    model('a', { 'x.weight': [[2], 1], 'own.weight': [[1], 9] }),
    model('b', { 'x.weight': [[2], 3] }),
    model('c', { 'x.weight': [[2], 2] }),
  ]
  const out = join(folder, 'out.safetensors')
  const sum = weightedSum(a, b, 0.25)
  expect(sum.kept).toEqual(['own.weight'])
  const record = { method: 'weighted sum', parts: [{ name: 'a', sha256: '00', factor: 0.75 }] }
  const file = await write(out, a, sum, mergeMetadata(record))
  expect([...readTensor(file, 'x.weight'), ...readTensor(file, 'own.weight')]).toEqual([1.5, 1.5, 9])
  expect(readIntegers(file, 'step')).toEqual([7])
  expect(JSON.parse(file.metadata.sfumato_merge)).toEqual(record)
  const added = await write(out, a, addedDifference(a, b, c, 2))
  expect([...readTensor(added, 'x.weight')]).toEqual([3, 3])
})

test('models of different kinds are refused', () => {
  const [a, wide, foreign] = [
    model('a', { 'x.weight': [[2], 1] }),
    model('wide', { 'x.weight': [[3], 1] }),
    openWeightFile(otherKeys()),
  ]
  expect(() => weightedSum(a, wide, 0.5)).toThrow(expect.objectContaining({ code: 'MERGE_SHAPE' }))
  expect(() => weightedSum(a, foreign, 0.5)).toThrow(expect.objectContaining({ code: 'MERGE_BASE' }))
})

function otherKeys(): string {
  const path = join(folder, 'foreign.safetensors')
  writeSafetensors(path, [['y.weight', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }]])
  return path
}

test('a change of a part of a tensor, and of one that is kept transposed, reaches the right numbers', async () => {
  const path = join(folder, 'fused.safetensors')
  const numbers = (count: number) => Float32Array.from({ length: count }, (_, k) => k)
  writeSafetensors(path, [
    ['qkv', { dtype: 'F32', shape: [4, 2], data: numbers(8) }],
    ['proj', { dtype: 'F32', shape: [2, 3], data: numbers(6) }],
  ])
  const file = openSafetensors(path)
  const [qkv, proj] = ['qkv', 'proj'].map(name => file.tensors.get(name))
  if (qkv === undefined || proj === undefined) throw new Error('they were just written')
  const second = { ...qkv, name: 'k', shape: [2, 2], offset: qkv.offset + 16, length: 16 }
  const turned = { ...proj, name: 'p', shape: [3, 2], arrangement: 'transposed' } as const
  const changed = [
    { found: { file, entry: second }, values: () => Float32Array.of(10, 11, 12, 13) },
    // Its transpose [[0, 3], [1, 4], [2, 5]] plus 100.
    { found: { file, entry: turned }, values: () => Float32Array.of(100, 103, 101, 104, 102, 105) },
  ]
  const copy = join(folder, 'copy.safetensors')
  for await (const _ of writeChangedFile(copy, [file], { changed }, {}));
  expect([...readTensor(openSafetensors(copy), 'qkv')]).toEqual([0, 1, 2, 3, 10, 11, 12, 13])
  expect([...readTensor(openSafetensors(copy), 'proj')]).toEqual([100, 101, 102, 103, 104, 105])
})

test('a file whose tensors are made one after the other is whole or not there', async () => {
  const path = join(folder, 'made.safetensors')
  const order: string[] = []
  const made = (name: string, value: number) => {
    const make = async () => {
      order.push(name)
      if (Number.isNaN(value)) throw new Problem('MADE', 'It failed.')
      return Float32Array.of(value)
    }
    return [name, { dtype: 'F32', shape: [1], make }] as const
  }
  const all = async (names: AsyncGenerator<string, void>) => {
    for await (const _ of names);
  }
  await expect(all(writeMadeSafetensors(path, [made('a', 1), made('b', Number.NaN)]))).rejects.toThrow('It failed.')
  expect(readdirSync(folder)).toEqual([])
  await all(writeMadeSafetensors(path, [made('b', 2), made('a', 1)], { format: 'pt' }))
  const file = openSafetensors(path)
  expect([readTensor(file, 'a')[0], readTensor(file, 'b')[0], file.metadata.format]).toEqual([1, 2, 'pt'])
  expect(order).toEqual(['a', 'b', 'a', 'b'])
  const short = { dtype: 'F32', shape: [2], make: async () => Float32Array.of(1) } as const
  await expect(all(writeMadeSafetensors(join(folder, 'short.safetensors'), [['a', short]]))).rejects.toThrow(
    expect.objectContaining({ code: 'SAFETENSORS_WRITE' }),
  )
})
