import { fromGray } from '../tensor/fit.ts'
import type { RgbImage } from '../tensor/images.ts'
import type { Figure, Joint } from '../tensor/pose/figure.ts'
import { resample } from '../tensor/resample.ts'
import { type DepthNetwork, openDepthNetwork, openPoseNetwork, type PoseNetwork } from '../weights/estimator.ts'
import type { PictureInput } from '../weights/segmenter.ts'
import { OnnxSession, type Values } from './onnx-session.ts'
import { feedOf, type Placed, placedIn } from './shown-picture.ts'

/** Sides that every network of these kinds takes, where it takes any: patches of 14 and halvings to a 32nd alike. */
const STEP = 224
const LONGEST = 3 * STEP
/** Joints that are said less surely are hidden. */
const LEAST_SURE = 0.2

/** How near each place of a picture is, as a picture of its size: near is bright, from black to white.
 *  @throws Problem ESTIMATOR_KIND, ONNX_*, FILE_* */
export async function depthPicture(path: string, picture: RgbImage, threads: number): Promise<RgbImage> {
  const network = openDepthNetwork(path)
  const shown = atItsSize(network, picture)
  const { image } = placedIn(shown, picture, true)
  const { [network.depth]: depth } = await answered(network, shown, image, threads)
  return resample(grayOf(depth), picture, 'bicubic')
}

/** The figure in a picture, in its pixels; joints that are not found are hidden. @throws Problem ESTIMATOR_KIND, ONNX_*, FILE_* */
export async function findFigure(path: string, picture: RgbImage, threads: number): Promise<Figure> {
  const network = openPoseNetwork(path)
  const shown = atItsSize(network, picture)
  const placed = placedIn(shown, picture, false)
  const answers = await answered(network, shown, placed.image, threads)
  return figureOf(jointsOf(network, answers), placed, shown)
}

interface Sized {
  readonly width: number
  readonly height: number
}

/** The network's sides, where it has some of its own; else the picture's, as far as it takes them. */
function atItsSize({ picture: input }: DepthNetwork | PoseNetwork, { width, height }: RgbImage) {
  const scale = LONGEST / Math.max(width, height)
  const side = (pixels: number) => Math.max(1, Math.round((pixels * scale) / STEP)) * STEP
  return { ...input, width: input.width ?? side(width), height: input.height ?? side(height) }
}

async function answered(
  { path, input }: DepthNetwork | PoseNetwork,
  shown: PictureInput,
  image: RgbImage,
  threads: number,
) {
  const session = await OnnxSession.open(path, threads)
  try {
    const [, values] = feedOf(shown, image)
    return await session.run([[input, values]])
  } finally {
    await session.release()
  }
}

/** From the farthest, black, to the nearest, white; the same gray where all is equally far. */
function grayOf({ shape, data }: Values): RgbImage {
  const [height, width] = shape.slice(-2)
  const [least, most] = data.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  const near = Float64Array.from(data, value => 255 * (most > least ? (value - least) / (most - least) : 0.5))
  return fromGray({ width, height }, near)
}

/** A joint as a share of what the network saw, and how sure it is. */
interface Found extends Joint {
  readonly sure: number
}

function jointsOf({ answer }: PoseNetwork, answers: Readonly<Record<string, Values>>): Found[] {
  if (answer.form === 'rows') return fromRows(answers[answer.across], answers[answer.down])
  const { shape, data } = answers[answer.name]
  if (answer.form === 'points') {
    return Array.from({ length: shape[2] }, (_, k) => ({ y: data[k * 3], x: data[k * 3 + 1], sure: data[k * 3 + 2] }))
  }
  const [, joints, height, width] = shape
  return Array.from({ length: joints }, (_, k) => {
    const map = data.subarray(k * width * height, (k + 1) * width * height)
    const best = placeOfMost(map)
    const [x, y] = [best % width, Math.floor(best / width)]
    return { x: (x + 0.5) / width, y: (y + 0.5) / height, sure: map[best] }
  })
}

function fromRows(across: Values, down: Values): Found[] {
  const at = ({ shape: [, , places], data }: Values, k: number) => {
    const row = data.subarray(k * places, (k + 1) * places)
    const best = placeOfMost(row)
    return { share: best / places, sure: row[best] }
  }
  return Array.from({ length: across.shape[1] }, (_, k) => {
    const [x, y] = [at(across, k), at(down, k)]
    return { x: x.share, y: y.share, sure: Math.min(x.sure, y.sure) }
  })
}

const placeOfMost = (values: Float32Array): number =>
  values.reduce((best, value, place) => (value > values[best] ? place : best), 0)

/** COCO's joints in OpenPose's order; the neck, which COCO does not have, is between the shoulders. */
const fromCoco = [0, undefined, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3]
const COCO = 17
const SHOULDERS = [5, 6]

function figureOf(found: readonly Found[], placed: Placed, { width, height }: Sized): Figure {
  const { scaleX, scaleY, part } = placed
  // Beside the picture there is nothing to find.
  const joints = found.map(({ x, y, sure }) =>
    sure < LEAST_SURE || x * width > part.width || y * height > part.height
      ? null
      : { x: (x * width) / scaleX, y: (y * height) / scaleY },
  )
  if (joints.length !== COCO) return joints.slice(0, fromCoco.length)
  const [left, right] = SHOULDERS.map(joint => joints[joint])
  const neck = left && right ? { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 } : null
  return fromCoco.map(joint => (joint === undefined ? neck : joints[joint]))
}
