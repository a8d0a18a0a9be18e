import type { TrainingPlan } from '../app/library/datasets/training-plan.ts'
import { fromImages } from '../app/tensor/images.ts'
import { tensor } from '../app/tensor/tensor.ts'
import type { TrainingSet } from '../app/training/data.ts'
import type { PictureReader } from './picture-reader-process.ts'

/** The pictures of a plan as a trainer reads them: resized as Pillow does it, in the picture reader's process, which refuses files that
 *  changed since the plan was made. */
export function openTrainingSet({ background, pictures, classes }: TrainingPlan, reader: PictureReader): TrainingSet {
  return {
    examples: pictures,
    ...(classes && { classes }),
    async read(index) {
      const { path, hash, size, box } = pictures[index]
      const picture = await reader.pixels({ path, background, hash, resized: { size, box } })
      return tensor([3, size.height, size.width], fromImages([picture]).data)
    },
  }
}
