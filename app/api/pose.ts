/** Figures and what moves them, for the page too: data and functions without input or output. */

export { type ControlMode, controlModes } from '../tensor/control-modes.ts'
export { type ControlResize, controlPicture, controlResizes, misproportion } from '../tensor/control-picture.ts'
export type { RgbImage } from '../tensor/images.ts'
export { boneWidth, drawSkeletons } from '../tensor/pose/draw-skeleton.ts'
export {
  bones,
  colours as jointColours,
  type Figure,
  isVisible as isFigureVisible,
  type Joint,
  jointAt,
  jointNames,
} from '../tensor/pose/figure.ts'
export { type MovingRules, mirroredFigure, moveJoint, shifted } from '../tensor/pose/move-joint.ts'
export { readOpenPose, writeOpenPose } from '../tensor/pose/open-pose-json.ts'
export { between, figureIn, postures } from '../tensor/pose/presets.ts'
export {
  isByNetwork,
  type NetworkPreparation,
  ownFinder,
  type Preparation,
  preparationNames,
  prepared,
} from '../tensor/preparations.ts'
