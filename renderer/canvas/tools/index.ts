import { bodies } from './bodies.ts'
import { brush } from './brush.ts'
import { crop } from './crop.ts'
import { eraser } from './eraser.ts'
import { eyedropper } from './eyedropper.ts'
import { fill } from './fill.ts'
import { frame } from './frame.ts'
import { gradient } from './gradient.ts'
import { hand } from './hand.ts'
import { lasso } from './lasso.ts'
import { maskBrush } from './mask-brush.ts'
import { move } from './move.ts'
import { pose } from './pose.ts'
import { select } from './select.ts'
import { shape } from './shape.ts'
import { text } from './text.ts'
import type { Tool } from './tool.ts'
import { transform } from './transform.ts'
import { wand } from './wand.ts'
import { zoom } from './zoom.ts'

/** All tools, in the groups and the order in which they stand in the column. */
export const toolGroups: readonly (readonly Tool[])[] = [
  [move, transform, frame, crop],
  [brush, eraser, fill, gradient, eyedropper, text, shape],
  [maskBrush, lasso, select, wand],
  [pose, bodies],
  [hand, zoom],
]

export const tools: readonly Tool[] = toolGroups.flat()
export const toolOf = (id: string): Tool => tools.find(tool => tool.id === id) ?? move
