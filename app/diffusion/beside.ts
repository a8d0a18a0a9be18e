import type { Checkpoint } from '../runtime/checkpoint.ts'
import { ddpm } from '../schedulers/ddpm.ts'
import type { NoiseSource } from '../schedulers/scheduler.ts'
import { mix } from '../tensor/arithmetic.ts'
import { joinChannels, repeatEach } from '../tensor/batches.ts'
import { interpolate } from '../tensor/interpolate.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

/* What networks see beside the latents, made of pictures as the reference's pipelines make it. */

/** Depth as a depth model sees it: at the size of the latents, the farthest -1 and the nearest 1 (StableDiffusionDepth2ImgPipeline).
 *  @param depth [pictures, 1, height, width] in any unit; larger is nearer  @param size of the latents */
export function depthBeside(depth: Tensor, size: { readonly width: number; readonly height: number }): Tensor {
  const { shape, data } = interpolate(depth, size, 'bicubic')
  const plane = data.length / shape[0]
  const scaled = tensor(shape)
  for (let member = 0; member < shape[0]; member++) {
    const own = data.subarray(member * plane, (member + 1) * plane)
    const [least, most] = [own.reduce(lower), own.reduce(higher)]
    const span = Math.fround(most - least)
    // A depth without any difference says nothing: it lies in the middle.
    if (span === 0) continue
    for (const [k, value] of own.entries()) {
      scaled.data[member * plane + k] = Math.fround(Math.fround(2 * Math.fround(value - least)) / span) - 1
    }
  }
  return scaled
}

const lower = (one: number, other: number) => Math.min(one, other)
const higher = (one: number, other: number) => Math.max(one, other)

/** Picture and mask as a model that paints by example sees them (PaintByExamplePipeline): the mask last, 1 where the picture stays.
 *  @param without latents of the picture without what is marked [pictures, channels, height, width]
 *  @param mask 1 where it is painted [1 or pictures, 1, height, width] of the latents */
export function exampleBeside(without: Tensor, mask: Tensor): Tensor {
  const [pictures] = without.shape
  const stays = mask.data.map(value => 1 - value)
  return joinChannels([without, repeatEach(tensor(mask.shape, stays), pictures / mask.shape[0])])
}

/** A small picture as the upscaler sees it: with noise on it, of which the network is told how much (StableDiffusionUpscalePipeline; cascaded
 *  diffusion's noise conditioning augmentation, Ho et al. 2022, arXiv:2106.15282, section 4.2).
 *  @param pixels [pictures, 3, height, width] in [-1, 1]  @param level a timestep of the small picture's own schedule, from 0 */
export function noisedSmall(
  { noiseOfSmall }: Pick<Checkpoint, 'noiseOfSmall'>,
  pixels: Tensor,
  level: number,
  noise: NoiseSource,
): Tensor {
  const { alpha, sigma } = ddpm.create(noiseOfSmall ?? {}, 1).noiseLevel(level)
  return mix([alpha, pixels], [sigma, noise(pixels.shape)])
}
