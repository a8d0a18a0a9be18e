import { join } from 'node:path'
import { z } from 'zod'
import { type T2IAdapterConfig, type T2IAdapterSizes, t2iAdapter } from '../../../app/models/t2i-adapter.ts'
import { type UNetConfig, type UNetSizes, unet2DCondition } from '../../../app/models/unet-2d-condition.ts'
import { mix } from '../../../app/tensor/arithmetic.ts'
import type { Tensor } from '../../../app/tensor/tensor.ts'
import type { Variant } from '../goldens.ts'
import { withNetwork } from '../models.ts'
import type { LeftOut, Replay, Replayer } from './replayer.ts'
import { feedsOf, sizesOf } from './unet.ts'

const parameters = z.strictObject({ adapter: z.string(), unet: z.string(), scale: z.number().default(1) })

/** What a T2I-Adapter gives, and the UNet with it. */
export const replayT2IAdapter: Replayer = async variant => {
  const { adapter, unet, scale } = parameters.parse(variant.params)
  const features = await featuresOf(variant, adapter)
  if ('leftOut' in features) return features
  const names = features.values.map((value, k) => [`feature_${k}`, value])
  const scaled = features.values.map((value, k) => [`down_intrablock_additional_residuals.${k}`, mix([scale, value])])
  const { inputs, root } = variant
  return withNetwork<UNetConfig, UNetSizes, Replay>(unet2DCondition, join(root, unet), async network => {
    const session = await network.session('predict', { ...sizesOf(inputs), features: scaled.length })
    const feeds = { ...feedsOf(inputs, network.config), ...Object.fromEntries(scaled) }
    const { out_sample: unet_sample } = await session.run(feeds)
    return { outputs: { ...Object.fromEntries(names), unet_sample } }
  })
}

function featuresOf({ inputs, root }: Variant, model: string): Promise<{ values: Tensor[] } | LeftOut> {
  return withNetwork<T2IAdapterConfig, T2IAdapterSizes, { values: Tensor[] }>(
    t2iAdapter,
    join(root, model),
    async network => {
      const image = inputs.tensor('cond')
      const [batch, , height, width] = image.shape
      const session = await network.session('control', { batch, height, width })
      return { values: Object.values(await session.run({ image })) }
    },
  )
}
