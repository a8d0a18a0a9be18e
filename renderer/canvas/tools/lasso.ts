import { Lasso } from 'lucide-react'
import type { Combining } from '../painting/coverage.ts'
import type { Point } from '../viewport.ts'
import { SELECTION_COMMANDS } from './choosing.ts'
import { combiningOf, defineTool, type Effect, type HandEvent, hasMoved } from './tool.ts'

interface Data {
  readonly points: readonly Point[]
  readonly how: Combining
  readonly from?: HandEvent
}

const none: Data = { points: [], how: 'replace' }
const idle = { to: 'idle', data: none } as const
const shown = (points: readonly Point[], isClosed = false): Effect => ({
  type: 'draft',
  draft: { type: 'line', points, isClosed },
})
const done = ({ points, how }: Data) => ({
  ...idle,
  effects: [
    { type: 'draft', draft: undefined } as const,
    ...(points.length < 3 ? [] : [{ type: 'select', outline: points, how } as const]),
  ],
})

/** Selects what a drag goes around; clicks set corners, a double click or Enter closes the line. */
export const lasso = defineTool<'idle' | 'pressed' | 'drawing' | 'corners', Data>({
  id: 'lasso',
  title: 'Lasso',
  shortcut: 'L',
  Icon: Lasso,
  use: 'Drag around it, or click corner by corner and close with a double click.',
  cursor: 'crosshair',
  options: [],
  commands: SELECTION_COMMANDS,
  initial: idle,
  on: {
    idle: {
      down: (_, event) => ({ to: 'pressed', data: { points: [event.point], how: combiningOf(event), from: event } }),
    },
    pressed: {
      move: (data, event) =>
        data.from && hasMoved(data.from, event)
          ? { to: 'drawing', data: { ...data, points: [...data.points, event.point] } }
          : undefined,
      up: data => ({ to: 'corners', data, effects: [shown(data.points)] }),
    },
    drawing: {
      move: (data, { point }) => {
        const points = [...data.points, point]
        return { to: 'drawing', data: { ...data, points }, effects: [shown(points)] }
      },
      up: done,
    },
    corners: {
      move: (data, { point }) => ({ to: 'corners', data, effects: [shown([...data.points, point])] }),
      down: (data, { point }) => {
        const points = [...data.points, point]
        return { to: 'corners', data: { ...data, points }, effects: [shown(points)] }
      },
      double: done,
      confirm: done,
    },
  },
})
