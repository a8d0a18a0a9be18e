import { join } from 'node:path'
import { z } from 'zod'
import { constant, type Value } from '../../../app/graph/graph.ts'
import {
  add,
  asin,
  clip,
  divide,
  multiply,
  reduceSum,
  reshape,
  sqrt,
  subtract,
  sum,
} from '../../../app/graph/ops/index.ts'
import { autoencoderKL } from '../../../app/models/autoencoder-kl.ts'
import { clipModel } from '../../../app/models/clip-model.ts'
import { resizeBilinear } from '../../../app/models/layers/filters.ts'
import { type Objective, openTrainable, type Training } from '../../../app/runtime/trainable.ts'
import { tensor } from '../../../app/tensor/tensor.ts'
import { withNetwork } from '../models.ts'
import { type Replay, type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({})

/** What CLIP normalises pixels with. */
const MEAN = [0.48145466, 0.4578275, 0.40821073]
const DEVIATION = [0.26862954, 0.26130258, 0.27577711]

/** How far a picture is from a text, and which way its latents should go, through the autoencoder and CLIP's vision tower. */
export const replayClipGuidance: Replayer = ({ params, inputs, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const models = join(root, 'models')
  return withNetwork(autoencoderKL, join(models, 'sd1/vae'), (autoencoder, runtime) =>
    withNetwork(clipModel, join(models, 'clip_full'), async (clipNetwork): Promise<Replay> => {
      const latents = inputs.tensor('latents')
      const said = inputs.tensor('text_embeds')
      const [batch, , height, width] = latents.shape
      const { image_size: side } = clipNetwork.config.vision_config
      const build =
        (lossOf: (cosine: Value, distance: Value) => Value) =>
        (training: Training): Objective => {
          const { graph } = training
          const scaled = divide(training.parameter('latents', latents.shape), autoencoder.config.scaling_factor)
          const decoded = training.part({
            network: autoencoder,
            graph: 'decode',
            sizes: { batch, height, width },
            inputs: { latents: scaled },
          })
          const image = clip(add(multiply(decoded.out_sample, 0.5), 0.5), 0, 1)
          const perChannel = (values: readonly number[]) => constant(graph, 'float32', [1, 3, 1, 1], values)
          const seen = divide(subtract(resizeBilinear(image, side, side), perChannel(MEAN)), perChannel(DEVIATION))
          const { image_embeds } = training.part({
            network: clipNetwork,
            graph: 'image',
            sizes: { images: batch, texts: 0, tokens: 0, mask: false },
            inputs: { pixel_values: seen },
          })
          const fed = training.input('text_embeds', 'float32', said.shape)
          const text = divide(fed, sqrt(reduceSum(multiply(fed, fed), [1])))
          const cosine = reshape(reduceSum(multiply(image_embeds, text), [1]), [batch])
          const gap = subtract(image_embeds, text)
          const angle = asin(multiply(sqrt(reduceSum(multiply(gap, gap), [1])), 0.5))
          const loss = lossOf(cosine, multiply(multiply(angle, angle), 2))
          return { loss, outputs: { image, image_embeds, cosine } }
        }
      const run = async (lossOf: (cosine: Value, distance: Value) => Value) => {
        const trainable = openTrainable(runtime, build(lossOf))
        const result = await trainable.run({ text_embeds: said }, new Map([['latents', latents.data]]))
        await trainable.release()
        return result
      }
      const spherical = await run((_, distance) => sum(distance))
      const byCosine = await run(cosine => sum(multiply(subtract(cosine, 1), -1)))
      return {
        outputs: {
          ...spherical.outputs,
          spherical_loss: tensor([], Float32Array.of(spherical.loss)),
          grad_spherical: tensor(latents.shape, spherical.gradients.get('latents')),
          grad_one_minus_cos: tensor(latents.shape, byCosine.gradients.get('latents')),
        },
      }
    }),
  )
}
