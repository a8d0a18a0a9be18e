import { join } from 'node:path'
import { z } from 'zod'
import { clipModel } from '../../../app/models/clip-model.ts'
import { endPlaces } from '../../../app/models/clip-text-with-projection.ts'
import { withNetwork } from '../models.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({ model: z.string() })

/** Texts and pictures to one space, and how well each fits each. */
export const replayClipModel: Replayer = ({ params, inputs, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  return withNetwork(clipModel, join(root, parsed.data.model), async network => {
    const [texts, tokens] = inputs.shape('input_ids')
    const [images] = inputs.shape('pixel_values')
    const mask = inputs.has('attention_mask')
    const sizes = { texts, images, tokens, mask }
    const ids = inputs.integers('input_ids')
    const text = await (await network.session('text', sizes)).run({
      input_ids: { shape: [texts, tokens], integers: ids },
      end_places: { shape: [texts], integers: endPlaces(ids, tokens, network.config.text_config) },
      ...(mask && { attention_mask: inputs.tensor('attention_mask') }),
    })
    const image = await (await network.session('image', sizes)).run({ pixel_values: inputs.tensor('pixel_values') })
    const compared = await (await network.session('compare', sizes)).run({ ...text, ...image })
    return { outputs: { ...text, ...image, ...compared } }
  })
}
