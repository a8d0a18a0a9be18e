import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { targets } from '../graph/targets.ts'
import { Layer } from '../models/layers/layer.ts'
import { feedForward } from '../models/layers/transformer.ts'
import { storedParameters } from '../models/parameters.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { float32ToFloat16 } from '../weights/half.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import { openWeightFile } from '../weights/weight-files.ts'
import { Session } from './session.ts'

test('a feed-forward layer in chunks of rows, the last one shorter: as at once, and each weight is cast once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-feed-forward-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'weights.safetensors')
  const shapes = {
    'net.0.proj.weight': [64, 8],
    'net.0.proj.bias': [64],
    'net.2.weight': [8, 32],
    'net.2.bias': [8],
  }
  const generator = new TorchGenerator(1n)
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    return [name, { dtype: 'F16', shape, data: float32ToFloat16(generator.normal(shape).data) }] as const
  })
  writeSafetensors(path, tensors)
  const weights = openWeightFile(path)
  const x = generator.normal([2, 11, 8])

  const computed = async (rowsAtOnce: number) => {
    const graph = new Graph({ ...targets.cpu, rowsAtOnce })
    const source = storedParameters((key, shape) => {
      const { file, entry } = weights.require(key, shape)
      return { path: file.path, dtype: entry.dtype, offset: entry.offset, length: entry.length }
    })
    graph.output('out', feedForward(new Layer(graph, source), graph.input('x', 'float32', x.shape)))
    const session = await Session.open(graph, { threads: 1 })
    const { out } = await session.run({ x })
    await session.release()
    const count = (op: string) => graph.needed().filter(node => node.op === op).length
    const casts = graph.needed().filter(({ op, outputs }) => op === 'Cast' && outputs[0].type === 'float32').length
    return { out, products: count('Gemm'), casts }
  }
  const atOnce = await computed(22)
  const chunks = await computed(5)
  // Two halves of the gated layer, and the second layer.
  expect(atOnce).toMatchObject({ products: 3, casts: 6 })
  expect(chunks).toMatchObject({ products: 15, casts: 6 })
  expect(chunks.out.shape).toEqual(x.shape)
  chunks.out.data.forEach((value, k) => {
    expect(value).toBeCloseTo(atOnce.out.data[k], 4)
  })
})
