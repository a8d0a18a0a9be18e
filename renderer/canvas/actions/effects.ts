import { setOption, useTools } from '../../state/tools.ts'
import type { Effect, Surroundings, Tool, Values } from '../tools/tool.ts'
import { lookAt, pan, useView, zoomBy } from '../view.ts'
import { useCanvas } from './canvas-state.ts'
import { cropTo } from './document-size.ts'
import { fillAt, gradientBetween, pickAt } from './fill.ts'
import { documentFrame, frameMultiple } from './frame.ts'
import { canDrag, dragLayer } from './layers.ts'
import { selectAt } from './objects.ts'
import { selectOutline } from './selection.ts'
import { chooseShape, cornersNow, drawShape, reshape } from './shaping.ts'
import { documentNow } from './stage.ts'
import { addToStroke, beginStroke, cancelStroke, endStroke, lastPoint } from './strokes.ts'
import { setParts, transformingNow } from './transform.ts'
import { writeAt } from './writing.ts'

/** What a tool may want to know of the canvas. */
export const surroundings = (tool: Pick<Tool, 'id'>): Surroundings => ({
  // Most of it is not asked for at most events, and a stroke has many of them.
  get values() {
    return useTools.getState().values[tool.id] ?? {}
  },
  get scale() {
    return useView.getState().view.scale
  },
  get frame() {
    return documentNow().frame
  },
  get paper() {
    const { width, height } = documentNow()
    return { x: 0, y: 0, width, height }
  },
  get multiple() {
    return frameMultiple()
  },
  get transforming() {
    return transformingNow()
  },
  get corners() {
    return cornersNow()
  },
  get last() {
    return lastPoint()
  },
})

/** Does what a tool asks for. */
export function perform(tool: Pick<Tool, 'id'>, effect: Effect) {
  const values: Values = useTools.getState().values[tool.id] ?? {}
  switch (effect.type) {
    case 'pan':
      return pan(effect.dx, effect.dy)
    case 'zoom':
      return zoomBy(effect.factor, effect.at)
    case 'look-at':
      return lookAt(effect.area)
    case 'stroke-begin':
      return beginStroke(effect.kind, effect.erases, effect.sample, values)
    case 'stroke':
      return addToStroke(effect.sample)
    case 'stroke-end':
      return endStroke()
    case 'stroke-cancel':
      return cancelStroke()
    case 'set':
      return setOption(tool.id, effect.name, effect.value)
    case 'pick':
      return void pickAt(effect.at)
    case 'select':
      return selectOutline(effect.outline, effect.how)
    case 'select-at':
      return void selectAt(effect.at, effect.how, values)
    case 'fill':
      return void fillAt(effect.at, values)
    case 'gradient':
      return gradientBetween(effect.from, effect.to, values)
    case 'crop':
      return cropTo(effect.area)
    case 'frame':
      return documentFrame(effect.frame, effect.isDone)
    case 'move-layer':
      return dragLayer(effect.dx, effect.dy, effect.isDone)
    case 'transform':
      return setParts(effect.parts)
    case 'shape':
      return drawShape(effect.points, effect.isDone)
    case 'choose-shape':
      return void chooseShape(effect.at)
    case 'reshape':
      return reshape(effect.corner, effect.at, effect.isDone)
    case 'write':
      return writeAt(effect.at)
    case 'draft':
      return useCanvas.setState({ draft: effect.draft })
  }
}

/** Where nothing can be moved, the hand moves the canvas. */
export const insteadOf = (tool: Tool, hand: Tool): Tool => (tool.id === 'move' && !canDrag() ? hand : tool)
