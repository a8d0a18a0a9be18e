import { join } from 'node:path'
import { z } from 'zod'
import { type ClipSegConfig, type ClipSegSizes, clipSeg } from '../../../app/models/clip-seg.ts'
import { endPlaces } from '../../../app/models/clip-text-with-projection.ts'
import { enlargement, rrdbNet } from '../../../app/models/rrdb-net.ts'
import { Network } from '../../../app/runtime/network.ts'
import { openUpscaler } from '../../../app/weights/upscaler.ts'
import { withModelFolder, withNetwork } from '../models.ts'
import { type Replay, type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({ model: z.string() })

/** A picture to a larger one. */
export const replayRrdb: Replayer = ({ params, inputs, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  return withModelFolder({}, async (_, runtime) => {
    const network = new Network(runtime, rrdbNet, openUpscaler(join(root, parsed.data.model)))
    const pixels = inputs.tensor('pixels')
    const [batch, , height, width] = pixels.shape
    const session = await network.session('enlarge', { batch, height, width })
    const { enlarged } = await session.run({ pixels })
    return { outputs: { enlarged }, expected: { scale: enlargement(network.config) } }
  })
}

/** Pictures and a text each to where in them that is. */
export const replayClipSeg: Replayer = ({ params, inputs, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  return withNetwork<ClipSegConfig, ClipSegSizes, Replay>(clipSeg, join(root, parsed.data.model), async network => {
    const pixels = inputs.tensor('pixel_values')
    const [batch, , side] = pixels.shape
    const [, tokens] = inputs.shape('input_ids')
    const ids = [...inputs.integers('input_ids')]
    const sizes = { batch, tokens, side }
    const reading = await network.session('text', sizes)
    const { text_embeds: conditions } = await reading.run({
      input_ids: { shape: [batch, tokens], integers: ids },
      end_places: { shape: [batch], integers: endPlaces(ids, tokens, network.config.text_config) },
    })
    const finding = await network.session('mask', sizes)
    const { logits } = await finding.run({ pixel_values: pixels, conditional_embeddings: conditions })
    return { outputs: { logits, conditional_embeddings: conditions } }
  })
}
