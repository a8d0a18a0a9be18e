import { basename } from 'node:path'
import type { z } from 'zod'
import type { Control } from '../diffusion/control.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { depthPicture, findFigure } from '../runtime/estimating.ts'
import { PoseModel } from '../runtime/pose-model.ts'
import { controlPicture, resizeWords } from '../tensor/control-picture.ts'
import type { RgbImage } from '../tensor/images.ts'
import { drawSkeletons } from '../tensor/pose/draw-skeleton.ts'
import { isVisible } from '../tensor/pose/figure.ts'
import { isByNetwork, type NetworkPreparation } from '../tensor/preparations.ts'
import { controlTensor } from '../training/control-pictures.ts'
import { isFile } from '../weights/model-source.ts'
import type { GivenPictures } from './operation.ts'
import type { controls } from './parameters.ts'
import { refuseNever } from './part-of-steps.ts'

/** A ControlNet with its picture, as a person chose it. */
export type ChosenControl = z.output<typeof controls>[number]

/** Controls that can act, and what a person should know of how their pictures were fitted. */
export interface OpenControls {
  readonly controls: readonly Control[]
  readonly notes: readonly string[]
}

/** Reads the pictures of controls and brings them to the size that is drawn. @param checkpoint with the ControlNets beside it
 *  @throws Problem PICTURE_*, FILE_*, CONTROL_EMPTY, STEPS_NONE */
export async function openControls(
  checkpoint: Checkpoint,
  pictures: GivenPictures,
  chosen: readonly ChosenControl[],
  size: { readonly width: number; readonly height: number },
): Promise<OpenControls> {
  const opened: Control[] = []
  const notes: string[] = []
  for (const { model, image, weight, start, end, mode, ...how } of chosen) {
    refuseNever({ start, end }, 'controls')
    const network = checkpoint.control(model)
    // Control pictures are drawn on black, which says nothing.
    const read = await pictures.read(image, how.prepare === 'none' ? '#000000' : '#ffffff')
    const [, , height, width] = checkpoint.latentShape(1, size)
    const whole = { width: width * network.stride, height: height * network.stride }
    if (how.prepare === 'none') refuseEmpty(read, image)
    const note = resizeWords(calledOf(image), read, whole, how.resize)
    if (note !== undefined) notes.push(note)
    const made = await madeOf(checkpoint, read, how, whole, image)
    opened.push({
      network,
      picture: controlTensor(made, network.channels),
      weight,
      start,
      end,
      mode,
    })
  }
  return { controls: opened, notes }
}

/** A picture of the library has no name but its hash. */
const calledOf = (image: string): string =>
  /[0-9a-f]{64}/.test(basename(image)) ? 'The control picture' : basename(image)

/** A picture without a line, a joint or anything near says nothing. @throws Problem CONTROL_EMPTY */
function refuseEmpty({ data }: RgbImage, image: string): void {
  if (data.some(level => level > 0)) return
  throw new Problem(
    'CONTROL_EMPTY',
    `The control picture ${image} is black all over, which says nothing to a control.`,
    {
      hint: 'Draw something on it, place a figure, or leave the control away.',
      details,
    },
  )
}

/** A picture as a control picture of a size; how near things are in it, or the skeleton of its figure, where that is wanted.
 *  @throws Problem POSE_NONE where no figure is found, POSE_FINDER, DEPTH_FINDER where nothing can look; ESTIMATOR_KIND, ONNX_* */
async function madeOf(
  { runtime }: Checkpoint,
  picture: RgbImage,
  { prepare, finder, ...how }: Omit<ChosenControl, 'model' | 'image' | 'weight' | 'start' | 'end' | 'mode'>,
  size: { readonly width: number; readonly height: number },
  name: string,
): Promise<RgbImage> {
  if (!isByNetwork(prepare)) return controlPicture(picture, { prepare, ...how }, size)
  if (finder === '') throw withoutFinder[prepare]()
  const fitted = controlPicture(picture, { prepare: 'none', ...how }, size)
  if (prepare === 'depth') return depthPicture(finder, fitted, runtime.threads)
  const figure = isFile(finder)
    ? await findFigure(finder, fitted, runtime.threads)
    : await new PoseModel(runtime, finder).find(fitted)
  if (isVisible(figure)) return drawSkeletons([figure], size)
  const hint = 'Place a figure with the pose tool instead.'
  throw new Problem('POSE_NONE', `No figure was found in ${name}.`, { hint, details })
}

const details = { field: 'controls' }

/** What is said where no network can look. */
const withoutFinder: Readonly<Record<NetworkPreparation, () => Problem>> = {
  pose: () =>
    new Problem('POSE_FINDER', 'There is no network here that finds poses in pictures.', {
      hint: 'Give a skeleton, or place a figure with the pose tool.',
      details,
    }),
  depth: () =>
    new Problem('DEPTH_FINDER', 'There is no network here that says how near things are.', {
      hint: 'Add MiDaS or Depth Anything as an ONNX file in Models, or give a depth picture.',
      details,
    }),
}
