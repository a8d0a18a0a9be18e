import { describe, expect, test } from 'vitest'
import { type Target, targets } from '../../app/graph/targets.ts'
import { autoencoderKL } from '../../app/models/autoencoder-kl.ts'
import { clipText } from '../../app/models/clip-text.ts'
import type { Family } from '../../app/models/family.ts'
import { unet2DCondition } from '../../app/models/unet-2d-condition.ts'
import { Network } from '../../app/runtime/network.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { selfTest } from '../../app/runtime/self-test.ts'
import type { Feeds } from '../../app/runtime/session.ts'
import { TorchGenerator } from '../../app/tensor/random.ts'
import { tensor } from '../../app/tensor/tensor.ts'
import { openDiffusersFolder } from '../../app/weights/diffusers-folder.ts'
import { enableSwiftShader } from './swiftshader.ts'

const available = enableSwiftShader()
if (!available && process.env.CI === 'true') throw new Error('SwiftShader is missing: install chromium')

/** Providers sum in another order; real mistakes are a hundred times larger. Relative to the largest value. */
const TOLERANCE = 1e-3

/** Runs one graph of a component on a provider. */
async function run<Config, Sizes>(
  target: Target,
  folder: string,
  name: string,
  family: Family<Config, Sizes>,
  call: { readonly graph: string; readonly sizes: Sizes; readonly feeds: (config: Config) => Feeds },
) {
  const runtime = new Runtime({ target, threads: 2, memoryBudget: 2 ** 32 })
  const network = new Network(runtime, family, openDiffusersFolder(folder).component(name, [family.className]))
  const session = await network.session(call.graph, call.sizes)
  const outputs = await session.run(call.feeds(network.config))
  await runtime.release()
  return outputs
}

async function agrees<Config, Sizes>(...[folder, name, family, call]: TailOf<typeof run<Config, Sizes>>) {
  const expected = await run(targets.cpu, folder, name, family, call)
  const found = await run(targets.webgpu, folder, name, family, call)
  for (const [output, { data }] of Object.entries(expected)) {
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const error = data.reduce((worst, value, k) => Math.max(worst, Math.abs(found[output].data[k] - value)), 0)
    expect(error / largest, output).toBeLessThan(TOLERANCE)
  }
}
type TailOf<F extends (...all: never[]) => unknown> = Parameters<F> extends [unknown, ...infer Rest] ? Rest : never

const random = (seed: bigint, ...shape: number[]) => new TorchGenerator(seed).normal(shape)

describe.skipIf(!available)('WebGPU under SwiftShader', () => {
  describe.each([
    ['native-models/sticker-world', 4],
    ['test/parity/goldens/models/sd1', 8],
  ])('%s', (folder, side) => {
    test('text encoder', async () => {
      const ids = Array.from({ length: 16 }, (_, k) => k * 3)
      await agrees(folder, 'text_encoder', clipText, {
        graph: 'encode',
        sizes: { batch: 1, tokens: 16, mask: false, skip: 0 },
        feeds: () => ({ input_ids: { shape: [1, 16], integers: ids } }),
      })
    })

    test('UNet', async () => {
      await agrees(folder, 'unet', unet2DCondition, {
        graph: 'predict',
        sizes: { batch: 2, height: side, width: side, tokens: 16, timesteps: 'one', contextMask: false },
        feeds: config => ({
          sample: random(1n, 2, config.in_channels, side, side),
          timestep: tensor([1], Float32Array.of(421)),
          encoder_hidden_states: random(2n, 2, 16, [config.cross_attention_dim].flat()[0]),
        }),
      })
    })

    test('autoencoder, both ways', async () => {
      await agrees(folder, 'vae', autoencoderKL, {
        graph: 'decode',
        sizes: { batch: 1, height: side, width: side },
        feeds: config => ({ latents: random(3n, 1, config.latent_channels, side, side) }),
      })
      await agrees(folder, 'vae', autoencoderKL, {
        graph: 'encode',
        sizes: { batch: 1, height: 64, width: 64 },
        feeds: () => ({ sample: new TorchGenerator(4n).uniform([1, 3, 64, 64], { low: -1, high: 1 }) }),
      })
    })
  })

  test('the self-test passes the forms that are used, and catches the fused attention, which is wrong there', async () => {
    expect(await selfTest(targets.webgpu, 2)).toMatchObject({ passed: true })
    const caught = await selfTest({ ...targets.webgpu, attention: 'fused' }, 2)
    expect(caught.passed).toBe(false)
    expect(caught.worstError).toBeGreaterThan(0.01)
  })
})
