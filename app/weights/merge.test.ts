import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Problem } from '../problem.ts'
import type { Shape } from '../tensor/tensor.ts'
import { sizeOf } from '../tensor/tensor.ts'
import { MERGE_RECORD, mergeAddDifference, mergeWeightedSum } from './merge.ts'
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

test('sums, what is kept, and the record', () => {
  const [a, b, c] = [
    model('a', { 'x.weight': [[2], 1], 'own.weight': [[1], 9] }),
    model('b', { 'x.weight': [[2], 3] }),
    model('c', { 'x.weight': [[2], 2] }),
  ]
  const out = join(folder, 'out.safetensors')
  expect(mergeWeightedSum(out, a, b, 0.25)).toEqual({ merged: 1, kept: ['step', 'own.weight'] })
  const file = openSafetensors(out)
  expect([...readTensor(file, 'x.weight'), ...readTensor(file, 'own.weight')]).toEqual([1.5, 1.5, 9])
  expect(readIntegers(file, 'step')).toEqual([7])
  const { method, parts } = JSON.parse(file.metadata[MERGE_RECORD])
  expect([method, parts.map(({ name, factor }: { name: string; factor: number }) => [name, factor])]).toEqual([
    'weighted sum',
    [
      ['a.safetensors', 0.75],
      ['b.safetensors', 0.25],
    ],
  ])
  mergeAddDifference(out, a, b, c, 2)
  expect([...readTensor(openSafetensors(out), 'x.weight')]).toEqual([3, 3])
})

test('models of different kinds are refused, and nothing is left behind', () => {
  const out = join(folder, 'out.safetensors')
  const [a, wide, foreign] = [
    model('a', { 'x.weight': [[2], 1] }),
    model('wide', { 'x.weight': [[3], 1] }),
    model('foreign', { 'y.weight': [[2], 1] }),
  ]
  expect(() => mergeWeightedSum(out, a, wide, 0.5)).toThrow(expect.objectContaining({ code: 'MERGE_SHAPE' }))
  expect(() => mergeWeightedSum(out, a, foreign, 0.5)).toThrow(expect.objectContaining({ code: 'MERGE_BASE' }))
  expect(readdirSync(folder).sort()).toEqual(['a.safetensors', 'foreign.safetensors', 'wide.safetensors'])
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
  await expect(writeMadeSafetensors(path, [made('a', 1), made('b', Number.NaN)])).rejects.toThrow('It failed.')
  expect(readdirSync(folder)).toEqual([])
  await writeMadeSafetensors(path, [made('b', 2), made('a', 1)], { format: 'pt' })
  const file = openSafetensors(path)
  expect([readTensor(file, 'a')[0], readTensor(file, 'b')[0], file.metadata.format]).toEqual([1, 2, 'pt'])
  expect(order).toEqual(['a', 'b', 'a', 'b'])
  const short = { dtype: 'F32', shape: [2], make: async () => Float32Array.of(1) } as const
  await expect(writeMadeSafetensors(join(folder, 'short.safetensors'), [['a', short]])).rejects.toThrow(
    expect.objectContaining({ code: 'SAFETENSORS_WRITE' }),
  )
})
