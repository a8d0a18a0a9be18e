/** Bodies in space and how they are seen, for the page too: data and functions without input or output. */

export {
  angleFor,
  type Body,
  type BodyShape,
  bodyShapes,
  distanceFor,
  emptyScene,
  movedScene,
  newBody,
  type Scene,
  seenAt,
  usualAngle,
  type Vector,
} from '../tensor/bodies/body.ts'
export { drawBodies } from '../tensor/bodies/depth.ts'
export { hullOf, outlinesOf } from '../tensor/bodies/outlines.ts'
