import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { constant, Graph } from '../../app/graph/graph.ts'
import { add, cast, multiply } from '../../app/graph/ops/index.ts'
import { halfTarget, type Target, targets } from '../../app/graph/targets.ts'
import { type AutoencoderKLConfig, type AutoencoderSizes, autoencoderKL } from '../../app/models/autoencoder-kl.ts'
import { clipText } from '../../app/models/clip-text.ts'
import { ditTransformer2D } from '../../app/models/dit-transformer-2d.ts'
import type { Family } from '../../app/models/family.ts'
import { fluxRotation, fluxTransformer2D } from '../../app/models/flux-transformer-2d.ts'
import { sd3Transformer2D } from '../../app/models/sd3-transformer-2d.ts'
import { t5Encoder } from '../../app/models/t5-encoder.ts'
import { unet2DCondition } from '../../app/models/unet-2d-condition.ts'
import { footprintOf } from '../../app/runtime/footprint.ts'
import { Network } from '../../app/runtime/network.ts'
import { halfOnCpu, openRounded } from '../../app/runtime/rounded.ts'
import { Runtime, type RuntimeOptions } from '../../app/runtime/runtime.ts'
import { HALF_TOLERANCE, selfTest } from '../../app/runtime/self-test.ts'
import type { Feeds } from '../../app/runtime/session.ts'
import { TorchGenerator } from '../../app/tensor/random.ts'
import { type Tensor, tensor } from '../../app/tensor/tensor.ts'
import { openDiffusersFolder } from '../../app/weights/diffusers-folder.ts'
import { readVariants } from './goldens.ts'
import { withModelFolder } from './models.ts'
import { parameters, runAdaptedUnet } from './replayers/adapted-unet.ts'

/* Half precision with its sensitive parts in single: the graphs are valid, and near single precision. */

const goldens = join(import.meta.dirname, 'goldens')
const random = (seed: bigint, ...shape: number[]) => new TorchGenerator(seed).normal(shape)
const one = (value: number) => tensor([1], Float32Array.of(value))
const picture = { batch: 2, height: 8, width: 8, tokens: 6, timesteps: 'one', contextMask: false } as const
const ids = { shape: [1, 16], integers: Array.from({ length: 16 }, (_, k) => k * 3) }

/** Largest difference, divided by the largest value. */
function relativeError(found: Tensor, { data }: Tensor): number {
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return data.reduce((worst, value, k) => Math.max(worst, Math.abs(found.data[k] - value)), 0) / largest
}

type Way = Pick<RuntimeOptions, 'target' | 'open' | 'onNote'>
const half: Way = { target: halfOnCpu }
const everyRounding: Way = { target: halfOnCpu, open: openRounded }

/** One graph of a family, computed in some ways. */
interface Call<Config, Sizes> {
  readonly family: Family<Config, Sizes>
  readonly graph: string
  readonly sizes: Sizes
  readonly feeds: (config: Config) => Feeds
  readonly output: string
}
interface Case {
  readonly name: string
  readonly folder: string
  run(way: Way): Promise<Tensor>
}

function caseOf<Config, Sizes>(name: string, folder: string, call: Call<Config, Sizes>): Case {
  const run = (way: Way) =>
    withModelFolder({ network: { folder: join(goldens, 'models', folder) } }, async model => {
      const runtime = new Runtime({ threads: 1, memoryBudget: 2 ** 32, ...way })
      const network = new Network(runtime, call.family, openDiffusersFolder(model).component('network'))
      const session = await network.session(call.graph, call.sizes)
      const results = await session.run(call.feeds(network.config))
      await runtime.release()
      return results[call.output]
    })
  return { name, folder, run }
}

const unetCall = {
  ...{ family: unet2DCondition, graph: 'predict', sizes: picture, output: 'out_sample' },
  feeds: (config: Parameters<(typeof unet2DCondition.graphs)[string]>[1]) => ({
    sample: random(1n, 2, config.in_channels, 8, 8),
    timestep: one(421),
    encoder_hidden_states: random(2n, 2, 6, [config.cross_attention_dim].flat()[0]),
    text_embeds: random(3n, 2, 20),
    time_ids: random(4n, 2, 6),
  }),
}

/** Autoencoders that do not ask for single precision. */
const narrowAutoencoder = { ...autoencoderKL, computesInFull: () => false }

const decoding = (family: typeof autoencoderKL): Call<AutoencoderKLConfig, AutoencoderSizes> => ({
  ...{ family, graph: 'decode', sizes: { batch: 1, height: 8, width: 8 }, output: 'out_sample' },
  feeds: config => ({ latents: random(3n, 1, config.latent_channels, 8, 8) }),
})

const cases: readonly Case[] = [
  caseOf('UNet of SD 1', 'sd1/unet', unetCall),
  caseOf('UNet of SDXL', 'sdxl/unet', unetCall),
  caseOf('Stable Diffusion 3.5', 'sd3_dual', {
    ...{ family: sd3Transformer2D, graph: 'predict', sizes: picture, output: 'out_sample' },
    feeds: config => ({
      hidden_states: random(1n, 2, config.in_channels, 8, 8),
      encoder_hidden_states: random(2n, 2, 6, config.joint_attention_dim),
      pooled_projections: random(3n, 2, config.pooled_projection_dim),
      timestep: one(421),
    }),
  }),
  caseOf('Flux', 'flux_dev', {
    ...{ family: fluxTransformer2D, graph: 'predict', output: 'out_sample' },
    sizes: { batch: 2, places: 9, tokens: 6, timesteps: 'one' },
    feeds: config => ({
      hidden_states: random(1n, 2, 9, config.in_channels),
      encoder_hidden_states: random(2n, 2, 6, config.joint_attention_dim),
      pooled_projections: random(3n, 2, config.pooled_projection_dim),
      timestep: one(0.4),
      guidance: one(3.5),
      ...fluxRotation(
        config,
        Array.from({ length: 15 }, (_, k) => [0, Math.floor(k / 4), k % 4]),
      ),
    }),
  }),
  caseOf('DiT', 'dit', {
    ...{ family: ditTransformer2D, graph: 'predict', output: 'out_sample' },
    sizes: { batch: 2, height: 8, width: 8, timesteps: 'one' },
    feeds: () => ({
      hidden_states: random(1n, 2, 4, 8, 8),
      timestep: one(421),
      class_labels: { shape: [2], integers: [7, 1000] },
    }),
  }),
  caseOf('autoencoder, decoding', 'sd1/vae', decoding(narrowAutoencoder)),
  caseOf('autoencoder, encoding', 'sd1/vae', {
    ...{ family: narrowAutoencoder, graph: 'encode', sizes: { batch: 1, height: 32, width: 32 }, output: 'moments' },
    feeds: () => ({ sample: random(4n, 1, 3, 32, 32) }),
  }),
  caseOf('CLIP', 'sd1/text_encoder', {
    ...{ family: clipText, graph: 'encode', output: 'last_hidden_state' },
    sizes: { batch: 1, tokens: 16, mask: false, skip: 0 },
    feeds: () => ({ input_ids: ids }),
  }),
  caseOf('T5', 't5_gated', {
    ...{ family: t5Encoder, graph: 'encode', output: 'last_hidden_state' },
    sizes: { batch: 1, tokens: 16, mask: true },
    feeds: () => ({
      input_ids: ids,
      attention_mask: tensor(
        [1, 16],
        Float32Array.from({ length: 16 }, (_, k) => Number(k < 12)),
      ),
    }),
  }),
]

describe('graphs in half precision', () => {
  test.each(cases)('$name: valid, and near single precision', async ({ name, run }) => {
    const expected = await run({ target: targets.cpu })
    const [asItIs, roundings] = [await run(half), await run(everyRounding)].map(found => relativeError(found, expected))
    if (process.env.REPORT) console.log(`${name}: ${asItIs.toExponential(1)}, ${roundings.toExponential(1)}`)
    expect(asItIs).toBeLessThan(HALF_TOLERANCE)
    expect(roundings).toBeLessThan(HALF_TOLERANCE)
    // It rounds at all.
    expect(roundings).toBeGreaterThan(2 ** -14)
  })

  const adapted = readVariants(goldens).filter(({ id }) => id.startsWith('08_lora/adapted_unet/'))
  test.each(adapted)('adapter $id', async variant => {
    const found = await runAdaptedUnet(variant, parameters.parse(variant.params), halfOnCpu)
    expect(relativeError(found, variant.outputs.tensor('sample'))).toBeLessThan(HALF_TOLERANCE)
  })

  test('the known-answer network passes its self-test with the layers’ own roundings', async () => {
    const { passed, worstError } = await selfTest(halfOnCpu, 1)
    expect(passed).toBe(true)
    expect(worstError).toBeLessThan(HALF_TOLERANCE / 4)
  })
})

describe('a graph that rounds', () => {
  /** [x] -> what `build` makes of it. */
  async function computed(x: number, build: (value: ReturnType<typeof cast>) => ReturnType<typeof cast>) {
    const graph = new Graph(halfOnCpu)
    graph.output('out', build(cast(graph.input('x', 'float32', [1]), 'float16')))
    const session = await openRounded(graph, { threads: 1 })
    const { out } = await session.run({ x: one(x) })
    await session.release()
    return out.data[0]
  }

  test('each value is rounded to half precision where it stands', async () => {
    // IEEE 754 binary16 of 1/3 is 1365 / 4096.
    expect(await computed(1 / 3, x => x)).toBe(1365 / 4096)
    // 2048 + 1 is half-way between two numbers, and goes to the even one: the second sum starts from there again.
    expect(await computed(2048, x => add(add(x, 1), 1))).toBe(2048)
    expect(await computed(300, x => multiply(x, x))).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('what half precision cannot hold', () => {
  test('is computed in single precision from there on, and a sentence says so', async () => {
    const overflowing: Family<Record<string, unknown>, { readonly rows: number }> = {
      ...{ className: 'AutoencoderKL', config: autoencoderKL.config },
      graphs: {
        square({ graph }, _, { rows }) {
          const x = cast(graph.input('x', 'float32', [rows]), graph.target.compute)
          graph.output('out', multiply(x, x))
        },
      },
    }
    const notes: string[] = []
    const runtime = new Runtime({
      ...everyRounding,
      threads: 1,
      memoryBudget: 2 ** 32,
      onNote: note => notes.push(note),
    })
    await withModelFolder({ network: { folder: join(goldens, 'models', 'sd1/vae') } }, async model => {
      const network = new Network(runtime, overflowing, openDiffusersFolder(model).component('network'))
      const session = await network.session('square', { rows: 1 })
      expect((await session.run({ x: one(1.5) })).out.data[0]).toBe(2.25)
      expect(notes).toEqual([])
      expect((await session.run({ x: one(300) })).out.data[0]).toBe(90000)
      expect((await session.run({ x: one(400) })).out.data[0]).toBe(160000)
      const again = await network.session('square', { rows: 1 })
      expect((await again.run({ x: one(1 / 3) })).out.data[0]).toBe(Math.fround(Math.fround(1 / 3) ** 2))
    })
    await runtime.release()
    expect(notes).toEqual([expect.stringMatching(/numbers that half precision cannot hold: .* single precision/)])
  })

  test('an autoencoder whose config asks for it is computed in single precision', async () => {
    const { run } = caseOf('', 'sd1/vae', decoding(autoencoderKL))
    // The golden's config says force_upcast: what is left is another order of sums.
    expect(relativeError(await run(everyRounding), await run({ target: targets.cpu }))).toBeLessThan(1e-5)
  })
})

test('a provider that holds weights holds two bytes of each in half precision, four of those that stay single', () => {
  const weightsOf = (target: Target) => {
    const graph = new Graph(target)
    const x = graph.input('x', 'float32', [100])
    const weight = constant(graph, 'float32', [100], new Float32Array(100).fill(1))
    graph.output('out', add(multiply(cast(x, target.compute), cast(weight, target.compute)), 0))
    return footprintOf(graph).weights
  }
  expect(weightsOf(targets.webgpu)).toBe(4 * 101)
  expect(weightsOf(halfTarget)).toBe(2 * 101)
})
