import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { type Target, targets } from '../graph/targets.ts'
import { linear } from '../models/layers/basic.ts'
import { Layer } from '../models/layers/layer.ts'
import { storedParameters } from '../models/parameters.ts'
import { tensor } from '../tensor/tensor.ts'
import { readTensor, type TensorToWrite, writeSafetensors } from '../weights/safetensors.ts'
import { type KeyTable, mapKeys } from '../weights/single-file/key-table.ts'
import { openWeightFile, WeightFiles } from '../weights/weight-files.ts'
import { Session } from './session.ts'

/** Weights in every form that files keep them in, multiplied by ONNX Runtime: x [1, 3] times the transpose of a weight [2, 3]. */

const folder = mkdtempSync(join(tmpdir(), 'sfumato-stored-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function product(weights: WeightFiles, target: Target): Promise<number[]> {
  const graph = new Graph(target)
  const source = storedParameters((key, shape) => {
    const { file, entry, scale } = weights.require(key, shape)
    const { dtype, offset, length, arrangement } = entry
    return { path: file.path, dtype, offset, length, arrangement, scale: scale?.() }
  })
  const x = graph.input('x', 'float32', [1, 3])
  graph.output('out', linear(new Layer(graph, source).at('layer'), x, 2, { bias: false }))
  const session = await Session.open(graph, { threads: 1 })
  const { out } = await session.run({ x: tensor([1, 3], Float32Array.of(1, 10, 100)) })
  await session.release()
  return [...out.data]
}

let count = 0
function write(tensors: Record<string, TensorToWrite>): WeightFiles {
  const path = join(folder, `${count++}.safetensors`)
  writeSafetensors(path, Object.entries(tensors))
  return openWeightFile(path)
}

const floats = (shape: readonly number[], ...values: number[]): TensorToWrite => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from(values),
})
/** 1 to 6 as E4M3: 1 = 0x38, 2 = 0x40, 3 = 0x44, 4 = 0x48, 5 = 0x4a, 6 = 0x4c. */
const eight: TensorToWrite = {
  dtype: 'F8_E4M3',
  shape: [2, 3],
  data: Uint8Array.of(0x38, 0x40, 0x44, 0x48, 0x4a, 0x4c),
}
/** The same as E5M2; 5 lies between two numbers there, so it is 6. */
const coarse: TensorToWrite = {
  dtype: 'F8_E5M2',
  shape: [2, 3],
  data: Uint8Array.of(0x3c, 0x40, 0x42, 0x44, 0x46, 0x46),
}

for (const [name, target] of [
  ['mapped', targets.cpu],
  ['held', { ...targets.cpu, weights: 'held' }],
] as const) {
  test(`${name}: 8 bits of floating point, with and without scales`, async () => {
    expect(await product(write({ 'layer.weight': eight }), target)).toEqual([321, 654])
    expect(await product(write({ 'layer.weight': coarse }), target)).toEqual([321, 664])
    const one = { 'layer.weight': eight, 'layer.scale_weight': floats([], 0.5), scaled_fp8: { ...eight, shape: [6] } }
    expect(await product(write(one), target)).toEqual([160.5, 327])
    const rows = {
      'layer.weight': eight,
      'layer.weight_scale': floats([2, 1], 2, 10),
      'layer.input_scale': floats([1], 3),
    }
    expect(await product(write(rows), target)).toEqual([642, 6540])
  })

  test(`${name}: views of other layouts: a part, a transposed matrix, swapped halves`, async () => {
    const [view] = write({ stored: floats([2, 3], 1, 2, 3, 4, 5, 6) }).files
    const other = write({ stored: floats([3, 2], 1, 4, 2, 5, 3, 6) }).files[0]
    const long = write({ stored: floats([4, 3], 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6) }).files[0]
    const seen = (file: typeof view, table: KeyTable) => {
      const tensors = new Map(mapKeys(file.tensors, table).map(tensor => [tensor.name, tensor]))
      return new WeightFiles('view', [{ ...file, tensors }])
    }
    const transposed = seen(other, new Map([['stored', { transposed: 'layer.weight' }]]))
    expect(await product(transposed, target)).toEqual([321, 654])
    expect([...readTensor(transposed.files[0], 'layer.weight')]).toEqual([1, 2, 3, 4, 5, 6])
    const swapped = seen(view, new Map([['stored', { swapped: 'layer.weight' }]]))
    expect(await product(swapped, target)).toEqual([654, 321])
    const part = seen(long, new Map([['stored', { parts: ['first.weight', 'layer.weight'] }]]))
    expect(await product(part, target)).toEqual([321, 654])
  })
}

test('scales that are not one for each row are refused', () => {
  const weights = write({ 'layer.weight': eight, 'layer.scale_weight': floats([3], 1, 2, 3) })
  expect(() => weights.require('layer.weight', [2, 3]).scale?.()).toThrow('not one for each of its rows')
})
