import { createHash } from 'node:crypto'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from './data.ts'

/** Pictures that the model drew of a class, as a training set for prior preservation (Ruiz et al. 2022, arXiv:2208.12242, section 3.2).
 *  @param images of one size  @param caption the words that they were drawn from */
export function classImageSet(images: readonly RgbImage[], caption: string): TrainingSet {
  return {
    examples: images.map(({ width, height, data }) => ({
      ...{ caption, size: { width, height }, isClassImage: true, mayFlip: false },
      contentHash: createHash('sha256').update(`${width} ${height} `).update(data).digest('hex'),
    })),
    async read(index) {
      const { shape, data } = fromImages([images[index]])
      return tensor(shape.slice(1), data)
    },
  }
}
