import { denoise } from '../diffusion/denoise.ts'
import { FollowedShape, toldObjects } from '../diffusion/followed-shape.ts'
import { guidedNetwork } from '../diffusion/guided-network.ts'
import { latentSchedule } from '../diffusion/latent-schedule.ts'
import { plainWords } from '../models/prompt/schedule.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { mix } from '../tensor/arithmetic.ts'
import { coarseMask } from '../tensor/coarse-mask.ts'
import { type RgbImage, toImages } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { TrainingExample } from './data.ts'
import { type BetweenSteps, finished } from './draw.ts'
import { SHAPE_LEVELS } from './smart-brush.ts'

/** A thing that is drawn into a picture's own mask, to watch a run by. */
export interface ShapeSight {
  readonly prompt: string
  readonly seed: bigint
  readonly size: TrainingExample['size']
  /** [3, height, width] in [-1, 1] */
  readonly pixels: () => Promise<Tensor>
  /** m: [1, 1, height, width], in latents. */
  readonly object: () => Promise<Tensor>
  /** s */
  readonly level: number
}

/** Draws things into masks with the model's own settings, through the studio's denoising loop. Only the latents are put together: what lies around may be
 *  a little other than in the picture.  @throws as `Checkpoint.condition` and `denoise` */
export async function drawShapeSights(
  checkpoint: Checkpoint,
  sights: readonly ShapeSight[],
  between: BetweenSteps,
): Promise<RgbImage[]> {
  const { steps, guidance: scale, sampler } = checkpoint.description.defaults
  const images: RgbImage[] = []
  for (const { prompt, seed, size, pixels, object, level } of sights) {
    const [words] = await checkpoint.condition([{ prompt: { sections: plainWords(prompt) }, size }], 'cut')
    const random = new TorchGenerator(seed)
    const picture = await pixels()
    const clean = await checkpoint.encodeLatents(tensor([1, ...picture.shape], picture.data), own => random.normal(own))
    const noise = random.normal(clean.shape)
    const schedule = latentSchedule(checkpoint, clean.shape, { sampler, steps })
    const mask = coarseMask(await object(), level, SHAPE_LEVELS - 1)
    const shape = new FollowedShape({ schedule, mask, clean, noise, level })
    const network = {
      guidance: checkpoint.guidance,
      predictor: toldObjects(checkpoint, shape.onObjectMask).predictor,
    }
    const told = shape.told(words)
    const scales = { scale, trueScale: 1, rescale: 0 }
    const predictor = await guidedNetwork(network, clean.shape, told, scales, shape.beside)
    const run = denoise({
      ...{ schedule, latents: mix([schedule.initialNoiseScale, noise]), noise: own => random.normal(own) },
      ...{ predict: shape.around(predictor(told)), after: shape.after, signal: between.signal },
    })
    images.push(...toImages(await checkpoint.decode(await finished(run, between))))
    await between.rest()
  }
  return images
}
