import { createHash } from 'node:crypto'
import { fromImages, type RgbImage, toImages } from '../tensor/images.ts'
import { boxAround, maskedBox } from '../tensor/masks.ts'
import { resample } from '../tensor/resample.ts'
import { tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from './data.ts'

/** How far a value, 0 to 255, must be from the background's. */
const UNLIKE = 24
/** Share of a side that what stands before the background has at most in a close-up. */
const FILLED = 0.75

/** Beside each picture the same from closer, so that what stands before its background is large. Of a thing that is here and there in a few
 *  pictures, small and large, what is learned first is what they agree in; seen from closer its parts lie at like places. Where it
 *  fills as much already the picture is there twice. */
export function withCloseUps({ examples, read }: TrainingSet): TrainingSet {
  const views = [...examples.keys()].flatMap(index => [false, true].map(isNear => ({ index, isNear })))
  return {
    examples: views.map(({ index, isNear }) => {
      const example = examples[index]
      if (!isNear) return example
      const contentHash = createHash('sha256').update(`${example.contentHash} from closer`).digest('hex')
      return { ...example, contentHash }
    }),
    async read(place) {
      const { index, isNear } = views[place]
      const { shape, data } = await read(index)
      if (!isNear) return { shape, data }
      const [whole] = toImages(tensor([1, ...shape], data))
      const near = fromImages([closeUp(whole)])
      return tensor(near.shape.slice(1), near.data)
    },
  }
}

/** A picture of the same size, of the part around what stands before its background; all of it where that is large. */
export function closeUp(picture: RgbImage): RgbImage {
  const subject = maskedBox(unlikeBackground(picture))
  if (subject === undefined) return picture
  const longer = Math.max(subject.right - subject.left, subject.bottom - subject.top)
  const box = boxAround(picture, subject, picture, Math.round((longer / FILLED - longer) / 2))
  return resample(picture, picture, 'lanczos', { box })
}

/** Marks what has another colour than most of the picture's edge. */
function unlikeBackground({ width, height, data }: RgbImage): RgbImage {
  const isEdge = (k: number) => {
    const [x, y] = [k % width, Math.floor(k / width)]
    return x === 0 || y === 0 || x === width - 1 || y === height - 1
  }
  const edge = Array.from({ length: width * height }, (_, k) => k).filter(isEdge)
  const background = [0, 1, 2].map(channel => {
    const values = edge.map(k => data[3 * k + channel]).sort((a, b) => a - b)
    return values[Math.floor(values.length / 2)]
  })
  const isUnlike = (k: number) => background.some((value, channel) => Math.abs(data[3 * k + channel] - value) > UNLIKE)
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, k) => (isUnlike(k) ? 255 : 0)) }
}
