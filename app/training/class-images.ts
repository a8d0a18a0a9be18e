import { createHash } from 'node:crypto'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from './data.ts'

/** Pictures that the model drew of a class, as a training set for prior preservation (Ruiz et al. 2022, arXiv:2208.12242, section 3.2).
 *  @param drawn pictures of one size, each with the words that it was drawn from */
export function classImageSet(drawn: readonly { readonly image: RgbImage; readonly caption: string }[]): TrainingSet {
  return {
    examples: drawn.map(({ image: { width, height, data }, caption }) => ({
      ...{ caption, size: { width, height }, isClassImage: true, mayFlip: false },
      contentHash: createHash('sha256').update(`${width} ${height} `).update(data).digest('hex'),
    })),
    async read(index) {
      const { shape, data } = fromImages([drawn[index].image])
      return tensor(shape.slice(1), data)
    },
  }
}

/** What a class image is drawn from: a caption of the concept without its identifier, so that it differs from that in nothing else.
 *  @param identifier one or several words */
export const classCaption = (caption: string, identifier: string): string =>
  identifier === '' ? caption : ` ${caption} `.replaceAll(` ${identifier} `, ' ').trim()
