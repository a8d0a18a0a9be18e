import { join } from 'node:path'
import { z } from 'zod'
import { vqModel } from '../../../app/models/vq-model.ts'
import { combine } from '../../../app/tensor/arithmetic.ts'
import { withNetwork } from '../models.ts'
import { type Replayer, scalar, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({ model: z.string() })

/** A picture to latents, to the nearest entries of the codebook, and back; and entries to a picture. */
export const replayVQModel: Replayer = ({ params, inputs, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  return withNetwork(vqModel, join(root, parsed.data.model), async network => {
    const image = inputs.tensor('image')
    const [batch, , height, width] = image.shape
    const encoder = await network.session('encode', { batch, height, width })
    const { latents } = await encoder.run({ sample: image })
    const [, , rows, columns] = latents.shape
    const sizes = { batch, height: rows, width: columns }
    const { indices, quantized } = await (await network.session('quantize', sizes)).run({ latents })
    const ids = { shape: inputs.shape('ids'), integers: inputs.integers('ids') }
    const lookUp = await network.session('decode_indices', {
      batch: ids.shape[0],
      height: ids.shape[1],
      width: ids.shape[2],
    })
    // The reference's commitment: once for the latents and, with its beta of 0.25, once for the codebook.
    const squares = combine(quantized, latents, (entry, latent) => (entry - latent) ** 2).data
    const commitment = (1.25 * squares.reduce((sum, value) => sum + value, 0)) / squares.length
    return {
      outputs: {
        latents,
        quantized,
        indices,
        commit_loss: scalar(commitment),
        decoded: (await (await network.session('decode', sizes)).run({ latents })).out_sample,
        decoded_from_ids: (await lookUp.run({ indices: ids })).out_sample,
      },
    }
  })
}
