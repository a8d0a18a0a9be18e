import { Problem } from '../problem.ts'
import { depthPicture, findFigure } from '../runtime/estimating.ts'
import { PoseModel } from '../runtime/pose-model.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { drawSkeletons } from '../tensor/pose/draw-skeleton.ts'
import { isVisible } from '../tensor/pose/figure.ts'
import { isFile } from '../weights/model-source.ts'

/** How near each place of a picture is: near is bright. @param finder the ONNX file of a network; '' where there is none
 *  @param field the parameter that asks for it  @throws Problem DEPTH_FINDER, ESTIMATOR_KIND, ONNX_*, FILE_* */
export function depthFound({ threads }: Runtime, finder: string, picture: RgbImage, field: string): Promise<RgbImage> {
  if (finder !== '') return depthPicture(finder, picture, threads)
  throw new Problem('DEPTH_FINDER', 'There is no network here that says how near things are.', {
    hint: 'Add MiDaS or Depth Anything as an ONNX file in Models, or give a depth picture.',
    details: { field },
  })
}

/** The skeleton of the figure in a picture. @param finder the ONNX file of a network, or the folder of the one that comes with the app
 *  @param name of the picture  @throws Problem POSE_FINDER where nothing can look, POSE_NONE where no figure is found, ESTIMATOR_KIND, ONNX_*, FILE_* */
export async function skeletonFound(
  runtime: Runtime,
  finder: string,
  picture: RgbImage,
  name: string,
): Promise<RgbImage> {
  const details = { field: 'controls' }
  if (finder === '') {
    throw new Problem('POSE_FINDER', 'There is no network here that finds poses in pictures.', {
      hint: 'Give a skeleton, or place a figure with the pose tool.',
      details,
    })
  }
  const figure = isFile(finder)
    ? await findFigure(finder, picture, runtime.threads)
    : await new PoseModel(runtime, finder).find(picture)
  if (isVisible(figure)) return drawSkeletons([figure], picture)
  const hint = 'Place a figure with the pose tool instead.'
  throw new Problem('POSE_NONE', `No figure was found in ${name}.`, { hint, details })
}
