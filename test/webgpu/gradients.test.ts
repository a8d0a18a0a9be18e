import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mean, multiply, subtract } from '../../app/graph/ops/index.ts'
import { type Target, targets } from '../../app/graph/targets.ts'
import type { Trained } from '../../app/models/trained.ts'
import { unet2DCondition } from '../../app/models/unet-2d-condition.ts'
import { Network } from '../../app/runtime/network.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { openTrainable, type Recompute } from '../../app/runtime/trainable.ts'
import { type Tensor, tensor } from '../../app/tensor/tensor.ts'
import { openDiffusersFolder } from '../../app/weights/diffusers-folder.ts'
import { layersOf } from '../../app/weights/lora.ts'
import { available, expectAgreement, random } from './agreement.ts'

const folder = join(import.meta.dirname, '../parity/goldens/models/sd1')

/** Loss and gradients of one batch of a tiny UNet, by the name of what is trained. */
async function lossAndGradients(
  target: Target,
  trainedOf: (layers: readonly string[]) => Trained,
  recompute: Recompute,
): Promise<Record<string, Tensor>> {
  const runtime = new Runtime({ target, threads: 2, memoryBudget: 2 ** 32 })
  const component = openDiffusersFolder(folder).component('unet')
  const network = new Network(runtime, unet2DCondition, component)
  const attentions = [...layersOf(component.weights).keys()].filter(path => /attn[12]\.to_/.test(path))
  const trained = trainedOf(attentions)
  const trainable = openTrainable(
    runtime,
    training => {
      const { out_sample } = training.part({
        network,
        graph: 'predict',
        sizes: { batch: 2, height: 8, width: 8, tokens: 7, timesteps: 'each', contextMask: false },
        trained,
      })
      const difference = subtract(out_sample, training.input('target', 'float32', out_sample.shape))
      return { loss: mean(multiply(difference, difference)) }
    },
    { recompute },
  )
  const values = [...trainable.parameters].map(([name, shape], k) => {
    const drawn = random(BigInt(k), ...shape).data.map(value => value / 10)
    return [name, trainable.stored(name) ?? drawn] as const
  })
  const feeds = {
    sample: random(91n, 2, 4, 8, 8),
    timestep: tensor([2], Float32Array.of(37, 421)),
    encoder_hidden_states: random(92n, 2, 7, 24),
    target: random(93n, 2, 4, 8, 8),
  }
  const { loss, gradients } = await trainable.run(feeds, new Map(values))
  await trainable.release()
  const all = gradients.entries().map(([name, data]) => [name, tensor(trainable.parameters.get(name) ?? [], data)])
  return { loss: tensor([], Float32Array.of(loss)), ...Object.fromEntries(all) }
}

const everyWeight = (): Trained => ({ parameters: () => true })
const lowRank = (layers: readonly string[]): Trained => ({
  factors: new Map(layers.map(path => [path, { rank: 2, scale: 0.5 }])),
})

describe.skipIf(!available)('gradients on WebGPU under SwiftShader', () => {
  test.each([
    ['of every weight', everyWeight, 'none', 208],
    ['of low-rank factors', lowRank, 'none', 64],
    ['of low-rank factors, with blocks that are computed again', lowRank, 'all', 64],
  ] as const)('%s', async (_, trained, recompute, count) => {
    const expected = await lossAndGradients(targets.cpu, trained, recompute)
    const found = await lossAndGradients(targets.webgpu, trained, recompute)
    expect(Object.keys(expected).length).toBe(count + 1)
    for (const [name, values] of Object.entries(expected)) expectAgreement(found[name], values, name)
  })
})
