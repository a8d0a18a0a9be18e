import { basename } from 'node:path'
import type { z } from 'zod'
import type { Control } from '../diffusion/control.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { controlPicture, resizeWords } from '../tensor/control-picture.ts'
import type { RgbImage } from '../tensor/images.ts'
import { isByNetwork } from '../tensor/preparations.ts'
import { controlTensor } from '../training/control-pictures.ts'
import { depthFound, skeletonFound } from './found-in-pictures.ts'
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
  const fitted = controlPicture(picture, { prepare: 'none', ...how }, size)
  return prepare === 'depth'
    ? depthFound(runtime, finder, fitted, 'controls')
    : skeletonFound(runtime, finder, fitted, name)
}

const details = { field: 'controls' }
