import { expect } from 'vitest'
import { type Target, targets } from '../../app/graph/targets.ts'
import type { Family } from '../../app/models/family.ts'
import { Network } from '../../app/runtime/network.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import type { Feeds } from '../../app/runtime/session.ts'
import { TorchGenerator } from '../../app/tensor/random.ts'
import type { Tensor } from '../../app/tensor/tensor.ts'
import { openDiffusersFolder } from '../../app/weights/diffusers-folder.ts'
import { enableSwiftShader } from './swiftshader.ts'

/** Whether WebGPU can be tried on this machine. */
export const available = enableSwiftShader()
if (!available && process.env.CI === 'true') throw new Error('SwiftShader is missing: install chromium')

/** Providers sum in another order; real mistakes are a hundred times larger. Relative to the largest value. */
const TOLERANCE = 1e-3

/** One graph of a family and what it is fed. */
export interface Call<Config, Sizes> {
  readonly graph: string
  readonly sizes: Sizes
  readonly feeds: (config: Config) => Feeds
}

/** Runs one graph of a component on a provider. */
async function run<Config, Sizes>(
  target: Target,
  folder: string,
  name: string,
  family: Family<Config, Sizes>,
  call: Call<Config, Sizes>,
) {
  const runtime = new Runtime({ target, threads: 2, memoryBudget: 2 ** 32 })
  const network = new Network(runtime, family, openDiffusersFolder(folder).component(name, [family.className]))
  const session = await network.session(call.graph, call.sizes)
  const outputs = await session.run(call.feeds(network.config))
  await runtime.release()
  return outputs
}

/** Expects one graph of a component to give the same on WebGPU as on the CPU. */
export async function agrees<Config, Sizes>(
  folder: string,
  name: string,
  family: Family<Config, Sizes>,
  call: Call<Config, Sizes>,
): Promise<void> {
  const expected = await run(targets.cpu, folder, name, family, call)
  const found = await run(targets.webgpu, folder, name, family, call)
  for (const [output, values] of Object.entries(expected)) expectAgreement(found[output], values, output)
}

/** Expects the same numbers, to what another order of sums makes of them. */
export function expectAgreement(found: Tensor, { data }: Tensor, name: string): void {
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const error = data.reduce((worst, value, k) => Math.max(worst, Math.abs(found.data[k] - value)), 0)
  expect(error / largest, name).toBeLessThan(TOLERANCE)
}

/** Normal numbers of a seed. */
export const random = (seed: bigint, ...shape: number[]) => new TorchGenerator(seed).normal(shape)
