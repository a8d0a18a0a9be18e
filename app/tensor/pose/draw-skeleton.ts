import type { RgbImage } from '../images.ts'
import { bones, colours, type Figure, jointAt } from './figure.ts'

/** How wide bones are drawn in a picture: 3.2 pixels at 128 as the embedded model's control was trained with, 8 at 512 as OpenPose's own. */
export const boneWidth = ({ width, height }: { readonly width: number; readonly height: number }): number => {
  const side = Math.min(width, height)
  return side <= 128 ? side * 0.025 : 3.2 + (side - 128) * 0.0125
}

/** Bones are drawn darker than joints. */
const DIMMED = 0.8
/** Of a joint's radius, in widths of a bone. */
const JOINT = 0.62

/** Draws figures in OpenPose's colours on black, as ControlNets of poses are shown them: bones with round ends in their order, joints over them.
 *  @param figures in pixels of the picture */
export function drawSkeletons(
  figures: readonly Figure[],
  size: { readonly width: number; readonly height: number },
  width: number = boneWidth(size),
): RgbImage {
  const { width: columns, height: rows } = size
  const image = { width: columns, height: rows, data: new Uint8Array(columns * rows * 3) }
  for (const figure of figures) {
    for (const [place, [from, to]] of bones.entries()) {
      const [start, end] = [jointAt(figure, from), jointAt(figure, to)]
      if (start === undefined || end === undefined) continue
      stroke(
        image,
        [start.x, start.y, end.x, end.y],
        width / 2,
        colours[place].map(part => part * DIMMED),
      )
    }
    for (const [place, joint] of figure.entries()) {
      if (joint !== null) stroke(image, [joint.x, joint.y, joint.x, joint.y], width * JOINT, colours[place])
    }
  }
  return image
}

/** Covers all pixels near a line, those at its edge in part. */
function stroke(
  { width, height, data }: RgbImage,
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  radius: number,
  colour: readonly number[],
): void {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const squared = dx * dx + dy * dy
  const reach = radius + 1
  const [left, right] = [
    Math.max(0, Math.floor(Math.min(x1, x2) - reach)),
    Math.min(width - 1, Math.ceil(Math.max(x1, x2) + reach)),
  ]
  const [top, bottom] = [
    Math.max(0, Math.floor(Math.min(y1, y2) - reach)),
    Math.min(height - 1, Math.ceil(Math.max(y1, y2) + reach)),
  ]
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const [x, y] = [column + 0.5 - x1, row + 0.5 - y1]
      const along = squared === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / squared))
      const covered = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x - along * dx, y - along * dy)))
      if (covered === 0) continue
      const at = (row * width + column) * 3
      for (let k = 0; k < 3; k++) data[at + k] = Math.round(data[at + k] * (1 - covered) + colour[k] * covered)
    }
  }
}
