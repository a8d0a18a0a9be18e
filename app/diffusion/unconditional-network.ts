import type { PixelModel } from '../runtime/pixel-model.ts'
import { karrasVe } from '../schedulers/karras-ve.ts'
import { scoreSdeVe } from '../schedulers/score-sde-ve.ts'
import { mix } from '../tensor/arithmetic.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'

/** A network of pixels, asked as a sampler's answers are meant. Karras VE was made for networks that see pictures in [0, 1]: they are
 *  fed (x + 1) / 2, told sigma / 2, and their answer counts sigma / 2 times (Karras et al. 2022, arXiv:2206.00364, eq. 213).
 *  @param pictures their shape  @param sampler the scheduler's class name */
export async function unconditionalNetwork(model: PixelModel, pictures: Shape, sampler: string): Promise<Predict> {
  const network = await model.predictor(pictures)
  if (sampler !== karrasVe.className) return network
  return async (input, sigma) => {
    const half = Math.fround(sigma / 2)
    return mix([half, await network(toUnit(input), half)])
  }
}

const toUnit = ({ shape, data }: Tensor): Tensor =>
  tensor(
    shape,
    data.map(value => Math.fround(value + 1) / 2),
  )

/** What a sampler leaves, as pixels in about [-1, 1]: the networks of the variance-exploding score SDE draw in [0, 1].
 *  @param sampler the scheduler's class name */
export function sampledPixels(sampler: string, { shape, data }: Tensor): Tensor {
  return sampler === scoreSdeVe.className
    ? tensor(
        shape,
        data.map(value => value * 2 - 1),
      )
    : { shape, data }
}
