import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { describeCheckpoint } from '../models/describe.ts'
import { fluxTransformer2D } from '../models/flux-transformer-2d.ts'
import { sizeOf } from '../tensor/tensor.ts'
import { identify } from '../weights/identify.ts'
import { openModel } from '../weights/open-model.ts'
import { Network } from './network.ts'
import { Runtime } from './runtime.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-flux-memory-'))
afterAll(() => rmSync(folder, { recursive: true }))

const width = 3072
const linear = (name: string, out: number, inputs: number): [string, number[]][] => [
  [`${name}.weight`, [out, inputs]],
  [`${name}.bias`, [out]],
]
const norms = (path: string): [string, number[]][] => [
  [`${path}.query_norm.scale`, [128]],
  [`${path}.key_norm.scale`, [128]],
]
const stream = (path: string): [string, number[]][] => [
  ...linear(`${path}_mod.lin`, 6 * width, width),
  ...linear(`${path}_attn.qkv`, 3 * width, width),
  ...linear(`${path}_attn.proj`, width, width),
  ...norms(`${path}_attn.norm`),
  ...linear(`${path}_mlp.0`, 4 * width, width),
  ...linear(`${path}_mlp.2`, width, 4 * width),
]
const single = (path: string): [string, number[]][] => [
  ...linear(`${path}.linear1`, 7 * width, width),
  ...linear(`${path}.linear2`, width, 5 * width),
  ...linear(`${path}.modulation.lin`, 3 * width, width),
  ...norms(`${path}.norm`),
]

/** The tensors of Flux-dev's transformer, with some of its 19 and 38 blocks. */
const flux = (doubles: number, singles: number): [string, number[]][] => [
  ...linear('img_in', width, 64),
  ...linear('txt_in', width, 4096),
  ...Object.entries({ time_in: 256, vector_in: 768, guidance_in: 256 }).flatMap(([name, inputs]) => [
    ...linear(`${name}.in_layer`, width, inputs),
    ...linear(`${name}.out_layer`, width, width),
  ]),
  ...Array.from({ length: doubles }, (_, k) =>
    ['img', 'txt'].flatMap(side => stream(`double_blocks.${k}.${side}`)),
  ).flat(),
  ...Array.from({ length: singles }, (_, k) => single(`single_blocks.${k}`)).flat(),
  ...linear('final_layer.linear', 64, width),
  ...linear('final_layer.adaLN_modulation.1', 2 * width, width),
]

/** A file in fp8 whose weights are a hole: it takes no room on the disk. @returns bytes of its weights */
function sparseFile(path: string, tensors: readonly [string, number[]][]): number {
  let bytes = 0
  const header = Object.fromEntries(
    tensors.map(([name, shape]) => {
      const start = bytes
      bytes += sizeOf(shape)
      return [name, { dtype: 'F8_E4M3', shape, data_offsets: [start, bytes] }]
    }),
  )
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const file = openSync(path, 'w')
  writeSync(file, length)
  writeSync(file, json)
  ftruncateSync(file, 8 + json.length + bytes)
  closeSync(file)
  return bytes
}

test('Flux in fp8 is known from its header, and refused with numbers before anything is loaded', async () => {
  const path = join(folder, 'flux.safetensors')
  const bytes = sparseFile(path, flux(2, 3))
  const start = performance.now()
  expect(identify(path)).toMatchObject({ kind: 'checkpoint', family: 'flux', precision: 'fp8_e4m3' })
  expect(describeCheckpoint(path)).toMatchObject({ defaults: { width: 1024, steps: 28 }, bytes })
  expect(performance.now() - start).toBeLessThan(2000)
  const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 40, memory: bytes / 2 })
  const network = new Network(runtime, fluxTransformer2D, openModel(path).component('transformer'))
  const before = process.memoryUsage().rss
  const refused = network.session('predict', { batch: 1, places: 1024, tokens: 512, timesteps: 'one' })
  await expect(refused).rejects.toMatchObject({
    code: 'MEMORY',
    message: expect.stringMatching(
      /^This needs about [\d.]+ GB of memory \([\d.]+ GB of weights, .*; this computer has/,
    ),
  })
  expect(process.memoryUsage().rss - before).toBeLessThan(bytes / 4)
})
