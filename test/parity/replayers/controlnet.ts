import { join } from 'node:path'
import { z } from 'zod'
import { type ControlNetConfig, type ControlNetSizes, controlNet } from '../../../app/models/controlnet.ts'
import { type UNetConfig, type UNetSizes, unet2DCondition } from '../../../app/models/unet-2d-condition.ts'
import { combine } from '../../../app/tensor/arithmetic.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import type { Variant } from '../goldens.ts'
import { withNetwork } from '../models.ts'
import { type LeftOut, type Replay, type Replayer, unknownParameters } from './replayer.ts'
import { feedsOf, sizesOf } from './unet.ts'

const parameters = z.strictObject({
  unet: z.string(),
  controlnet: z.string(),
  controlnet2: z.string().optional(),
  scale: z.number().default(1),
  scale2: z.number().default(1),
  guess_mode: z.boolean().default(false),
})

/** What ControlNets give, by the names of the UNet's inputs. */
interface Controls {
  readonly values: Readonly<Record<string, Tensor>>
  readonly kind: UNetSizes['control']
}

/** What one or two ControlNets give, summed, and the UNet with it. */
export const replayControlNet: Replayer = async variant => {
  const { data, error } = parameters.safeParse(variant.params)
  if (error) return unknownParameters(error)
  const first = await controls(variant, data.controlnet, 'cond', data.scale, data.guess_mode)
  if ('leftOut' in first || data.controlnet2 === undefined) return withUnet(variant, data.unet, first)
  const second = await controls(variant, data.controlnet2, 'cond2', data.scale2, data.guess_mode)
  if ('leftOut' in second) return second
  const added = Object.entries(first.values).map(([name, one]) => [
    name,
    combine(one, second.values[name], (one, two) => one + two),
  ])
  return withUnet(variant, data.unet, { ...first, values: Object.fromEntries(added) })
}

function controls(
  { inputs, root }: Variant,
  model: string,
  condition: string,
  scale: number,
  guessMode: boolean,
): Promise<Controls | LeftOut> {
  return withNetwork<ControlNetConfig, ControlNetSizes, Controls>(controlNet, join(root, model), async network => {
    const session = await network.session('control', { ...sizesOf(inputs), guessMode })
    const values = await session.run({
      ...feedsOf(inputs, network.config),
      controlnet_cond: inputs.tensor(condition),
      conditioning_scale: tensor([1], Float32Array.of(scale)),
    })
    return { values, kind: network.config.global_pool_conditions ? 'pooled' : 'places' }
  })
}

async function withUnet(
  { inputs, root }: Variant,
  model: string,
  controls: Controls | LeftOut,
): Promise<Replay | LeftOut> {
  if ('leftOut' in controls) return controls
  const { mid_block_additional_residual: mid, ...down } = controls.values
  return withNetwork<UNetConfig, UNetSizes, Replay>(unet2DCondition, join(root, model), async network => {
    const session = await network.session('predict', { ...sizesOf(inputs), control: controls.kind })
    const { out_sample: unet_sample } = await session.run({ ...feedsOf(inputs, network.config), ...controls.values })
    const renamed = Object.values(down).map((value, k) => [`down_${`${k}`.padStart(2, '0')}`, value])
    return { outputs: { ...Object.fromEntries(renamed), mid, unet_sample } }
  })
}
