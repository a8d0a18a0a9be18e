import { join } from 'node:path'
import { z } from 'zod'
import { autoencoderTiny, latentsFromUnit, latentsToUnit } from '../../../app/models/autoencoder-tiny.ts'
import type { Tensor } from '../../../app/tensor/tensor.ts'
import { withNetwork } from '../models.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({ model: z.string() })

/** A picture to latents, latents to a picture, and latents as a picture of bytes would hold them. */
export const replayAutoencoderTiny: Replayer = ({ params, inputs, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  return withNetwork(autoencoderTiny, join(root, parsed.data.model), async network => {
    const image = inputs.tensor('image')
    const [batch, , height, width] = image.shape
    const encoder = await network.session('encode', { batch, height, width })
    const { latents } = await encoder.run({ sample: image })
    const decode = async (latents: Tensor): Promise<Tensor> => {
      const [batch, , height, width] = latents.shape
      const decoder = await network.session('decode', { batch, height, width })
      return (await decoder.run({ latents })).out_sample
    }
    const scaled = latentsToUnit(latents, network.config)
    return {
      outputs: {
        latents,
        scaled,
        unscaled: latentsFromUnit(scaled, network.config),
        reconstruction: await decode(latents),
        decoded: await decode(inputs.tensor('latents')),
      },
    }
  })
}
