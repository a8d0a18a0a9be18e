import { Problem } from '../problem.ts'
import { type OnnxFile, type OnnxValue, openOnnx } from './onnx-file.ts'
import { type PictureInput, pictureOf } from './segmenter.ts'

/* Networks in ONNX files that people bring to make control pictures: of depth (the shapes of MiDaS and Depth Anything) and of poses (heat maps of
 * joints; the two rows of RTMPose; the list of MoveNet). What they take and give tells what they are; the name of the file plays no part. */

/** Says how near each place of a picture is. */
export interface DepthNetwork {
  readonly kind: 'depth'
  readonly path: string
  readonly input: OnnxValue
  readonly picture: PictureInput
  /** What it gives: [1, height, width] or [1, 1, height, width], larger where it is nearer. */
  readonly depth: string
}

/** Finds the joints of the figure in a picture: 17 in COCO's order, or OpenPose's 18. */
export interface PoseNetwork {
  readonly kind: 'pose'
  readonly path: string
  readonly input: OnnxValue
  readonly picture: PictureInput
  /** maps: [1, joints, height, width]; rows: [1, joints, places across] and [1, joints, places down] (SimCC, Li et al. 2022, arXiv:2107.03332);
   *  points: [1, 1, 17, 3] of y, x and how sure it is, as shares of the sides. */
  readonly answer:
    | { readonly form: 'maps' | 'points'; readonly name: string }
    | { readonly form: 'rows'; readonly across: string; readonly down: string }
}

const JOINTS = [17, 18, 19]
const depthName = /depth|dispar/i
const mapsName = /heat_?map|keypoint|joint/i

/** What a file says it is by the names of what it gives, or by shapes that nothing else has; undefined: something else. */
export function saidEstimator(file: OnnxFile): 'depth' | 'pose' | undefined {
  const pose = poseOf(file)
  if (pose && (pose.answer.form !== 'maps' || mapsName.test(pose.answer.name))) return 'pose'
  const depth = depthOf(file)
  return depth && depthName.test(depth.depth) ? 'depth' : undefined
}

/** A file that shall be used for depth, as its shapes allow. @throws Problem ESTIMATOR_KIND, ONNX_FILE, FILE_* */
export function openDepthNetwork(path: string): DepthNetwork {
  const file = openOnnx(path)
  const found = depthOf(file)
  if (found !== undefined) return found
  throw new Problem('ESTIMATOR_KIND', `${path} does not say how near things are: ${takesAndGives(file)}.`, {
    hint: 'Bring MiDaS or Depth Anything as ONNX: it takes a picture [1, 3, height, width] and gives [1, height, width].',
    details: { field: 'controls' },
  })
}

/** A file that shall be used for poses, as its shapes allow. @throws Problem ESTIMATOR_KIND, ONNX_FILE, FILE_* */
export function openPoseNetwork(path: string): PoseNetwork {
  const file = openOnnx(path)
  const found = poseOf(file)
  if (found !== undefined) return found
  throw new Problem('ESTIMATOR_KIND', `${path} finds no joints of figures: ${takesAndGives(file)}.`, {
    hint: 'Bring RTMPose, MoveNet or another network for one figure of 17 or 18 joints as ONNX.',
    details: { field: 'controls' },
  })
}

function shownTo({ inputs }: OnnxFile): { readonly input: OnnxValue; readonly picture: PictureInput } | undefined {
  const [input, ...rest] = inputs
  const picture = input !== undefined && rest.length === 0 ? pictureOf(input) : undefined
  const isFed = input !== undefined && ['float32', 'uint8', 'int32'].includes(input.type)
  if (!isFed || picture === undefined || picture.layout === 'hwc') return undefined
  // Whole numbers are the bytes of the picture.
  return { input, picture: { ...picture, type: input.type === 'float32' ? 'float32' : 'uint8' } }
}

function depthOf(file: OnnxFile): DepthNetwork | undefined {
  const shown = shownTo(file)
  const plane = ({ shape }: OnnxValue) =>
    (shape.length === 3 && (shape[0] ?? 1) === 1) || (shape.length === 4 && (shape[1] ?? 1) === 1)
  const planes = file.outputs.filter(plane)
  const depth = planes.find(({ name }) => depthName.test(name)) ?? planes.at(0)
  return shown && depth && { kind: 'depth', path: file.path, ...shown, depth: depth.name }
}

function poseOf(file: OnnxFile): PoseNetwork | undefined {
  const shown = shownTo(file)
  if (shown === undefined) return undefined
  const of = (answer: PoseNetwork['answer']): PoseNetwork => ({ kind: 'pose', path: file.path, ...shown, answer })
  const { outputs } = file
  const row = (letter: string) =>
    outputs.find(
      ({ name, shape }) => new RegExp(`simcc_?${letter}$`, 'i').test(name) && shape.length === 3 && hasJoints(shape[1]),
    )
  const [across, down] = [row('x'), row('y')]
  if (across && down) return of({ form: 'rows', across: across.name, down: down.name })
  const points = outputs.find(({ shape: [, one, joints, three, ...rest] }) => {
    return rest.length === 0 && one === 1 && joints === JOINTS[0] && three === 3
  })
  if (points) {
    // MoveNet takes the bytes of the picture, also as float32.
    const raw = of({ form: 'points', name: points.name })
    return { ...raw, picture: { ...raw.picture, type: 'uint8' } }
  }
  const maps = outputs.find(({ shape }) => shape.length === 4 && hasJoints(shape[1]))
  return maps && of({ form: 'maps', name: maps.name })
}

const hasJoints = (count: number | undefined): boolean => count !== undefined && JOINTS.includes(count)

const takesAndGives = ({ inputs, outputs }: OnnxFile): string =>
  `it takes ${listed(inputs)} and gives ${listed(outputs)}`

const listed = (values: readonly OnnxValue[]): string =>
  values.length === 0
    ? 'nothing'
    : values
        .slice(0, 4)
        .map(({ name, shape }) => `${name} [${shape.map(side => side ?? '?').join(', ')}]`)
        .join(', ')
