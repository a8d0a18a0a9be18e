import { z } from 'zod'
import { clipPixels, parseClipImageConfig } from '../../../app/models/clip-image-processor.ts'
import { picture } from './image-processor.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({ config: z.record(z.string(), z.unknown()) })

/** A picture as CLIP's vision model reads it. */
export const replayClipPreprocess: Replayer = ({ params, inputs, id }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const config = parseClipImageConfig(parsed.data.config, id)
  return { outputs: { pixel_values: clipPixels([picture(inputs, 'image_u8')], config) } }
}
