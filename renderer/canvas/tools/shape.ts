import { Shapes } from 'lucide-react'
import { inDirection } from '../painting/shape-corners.ts'
import type { Point } from '../viewport.ts'
import { spanned } from './shapes.ts'
import { defineTool, type Effect, type HandEvent, hasMoved, type Step, type Surroundings } from './tool.ts'

type Name = 'idle' | 'pressed' | 'drawing' | 'corners' | 'reshaping'

interface Data {
  readonly from?: HandEvent
  /** Corners of a polygon that are set. */
  readonly points: readonly Point[]
  /** The corner that is taken hold of. */
  readonly corner?: number
}

const idle = { to: 'idle', data: { points: [] } } as const

/** CSS pixels around a corner in which a press takes hold of it. */
const NEAR = 12

function cornerAt({ point }: HandEvent, { corners = [], scale }: Surroundings): number {
  const distances = corners.map(({ x, y }) => Math.hypot(x - point.x, y - point.y) * scale)
  const nearest = distances.reduce(
    (best, each, k) => (each < (distances[best] ?? Number.POSITIVE_INFINITY) ? k : best),
    0,
  )
  return (distances[nearest] ?? NEAR) < NEAR ? nearest : -1
}

/** The points of what a drag draws. */
function drawn(from: HandEvent, event: HandEvent, { values }: Surroundings): readonly Point[] {
  if (values.shape === 'line') return [from.point, event.shift ? inDirection(from.point, event.point) : event.point]
  const { x, y, width, height } = spanned(from, event, event.shift, event.alt)
  return [
    { x, y },
    { x: x + width, y: y + height },
  ]
}

const shown = (points: readonly Point[], isDone = false): Effect => ({ type: 'shape', points, isDone })
const gone: Effect = { type: 'shape', points: [], isDone: false }

const done = ({ points }: Data): Step<Name, Data> => ({
  ...idle,
  effects: [points.length < 3 ? gone : shown(points, true)],
})
const cancelled = (): Step<Name, Data> => ({ ...idle, effects: [gone] })

/** Draws shapes, which stay shapes: a click on one chooses it, its corners can be moved. */
export const shape = defineTool<Name, Data>({
  id: 'shape',
  title: 'Shape',
  shortcut: 'U',
  Icon: Shapes,
  use: 'Drag a shape; Shift makes it even. A polygon is set corner by corner and closed with a double click.',
  cursor: 'crosshair',
  options: [
    {
      kind: 'choice',
      name: 'shape',
      title: 'Shape',
      choices: [
        { value: 'rectangle', label: 'Rectangle' },
        { value: 'ellipse', label: 'Ellipse' },
        { value: 'line', label: 'Line' },
        { value: 'polygon', label: 'Polygon' },
      ],
      value: 'rectangle',
    },
  ],
  initial: idle,
  on: {
    idle: {
      down: (_, event, around) => {
        const corner = cornerAt(event, around)
        if (corner >= 0) return { to: 'reshaping', data: { points: [], corner, from: event } }
        return { to: 'pressed', data: { points: [], from: event } }
      },
    },
    pressed: {
      move: (data, event, { values }) =>
        data.from && values.shape !== 'polygon' && hasMoved(data.from, event) ? { to: 'drawing', data } : undefined,
      up: ({ from }, event, { values }) => {
        if (values.shape === 'polygon') return { to: 'corners', data: { points: [event.point] } }
        return { ...idle, effects: from === undefined ? [] : [{ type: 'choose-shape', at: from.point }] }
      },
    },
    drawing: {
      move: (data, event, around) =>
        data.from && { to: 'drawing', data, effects: [shown(drawn(data.from, event, around))] },
      up: ({ from }, event, around) => from && { ...idle, effects: [shown(drawn(from, event, around), true)] },
      cancel: cancelled,
    },
    corners: {
      move: (data, { point }) => ({ to: 'corners', data, effects: [shown([...data.points, point])] }),
      down: (data, { point }) => {
        const points = [...data.points, point]
        return { to: 'corners', data: { points }, effects: [shown(points)] }
      },
      double: done,
      confirm: done,
      cancel: cancelled,
    },
    reshaping: {
      move: (data, { point }) => ({
        to: 'reshaping',
        data,
        effects: [{ type: 'reshape', corner: data.corner ?? 0, at: point, isDone: false }],
      }),
      up: ({ corner = 0 }, { point }) => ({
        ...idle,
        effects: [{ type: 'reshape', corner, at: point, isDone: true }],
      }),
      cancel: () => ({ ...idle, effects: [{ type: 'reshape', corner: -1, at: { x: 0, y: 0 }, isDone: false }] }),
    },
  },
})
