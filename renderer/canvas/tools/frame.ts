import { Frame } from 'lucide-react'
import type { Rectangle } from '../raster/rectangle.ts'
import type { Point } from '../viewport.ts'
import { defineTool, type HandEvent, type Surroundings } from './tool.ts'

/** -1, 0, 1 in each direction: which sides a handle moves. Both 0: all of the frame. */
export interface Grip {
  readonly across: -1 | 0 | 1
  readonly down: -1 | 0 | 1
}

/** Hit margin around a handle and an edge, in CSS pixels. */
const REACH = 12
const SNAP = 8

const side = (value: number, low: number, high: number, reach: number): -1 | 0 | 1 | undefined =>
  Math.abs(value - low) <= reach
    ? -1
    : Math.abs(value - high) <= reach
      ? 1
      : value > low && value < high
        ? 0
        : undefined

/** What of the frame is under a point; nothing outside of it. */
export function gripAt(frame: Rectangle, point: Point, scale: number): Grip | undefined {
  // In a small frame the handles leave room for its middle.
  const reach = Math.min(REACH / scale, frame.width / 4, frame.height / 4)
  const across = side(point.x, frame.x, frame.x + frame.width, reach)
  const down = side(point.y, frame.y, frame.y + frame.height, reach)
  return across === undefined || down === undefined ? undefined : { across, down }
}

const nearest = (value: number, lines: readonly number[], reach: number): number | undefined =>
  lines.filter(line => Math.abs(line - value) <= reach).sort((a, b) => Math.abs(a - value) - Math.abs(b - value))[0]

/** The frame moved by the hand; its edges snap to those of the picture, unless Ctrl is held. */
export function movedFrame(
  frame: Rectangle,
  from: HandEvent,
  to: HandEvent,
  { paper, scale }: Surroundings,
): Rectangle {
  const snapped = (start: number, length: number, low: number, high: number): number => {
    const place = Math.round(start)
    if (to.ctrl) return place
    const reach = SNAP / scale
    const first = nearest(start, [low, high], reach)
    const last = nearest(start + length, [low, high], reach)
    return first ?? (last === undefined ? place : last - length)
  }
  return {
    ...frame,
    x: snapped(frame.x + to.point.x - from.point.x, frame.width, paper.x, paper.x + paper.width),
    y: snapped(frame.y + to.point.y - from.point.y, frame.height, paper.y, paper.y + paper.height),
  }
}

/** The frame resized by a handle: sides in multiples of what the model can draw. It keeps its proportion where a corner is drawn
 *  (Shift lets it go) and its middle with Alt. */
export function resizedFrame(
  frame: Rectangle,
  grip: Grip,
  from: HandEvent,
  to: HandEvent,
  around: Surroundings,
): Rectangle {
  const { multiple } = around
  const factor = to.alt ? 2 : 1
  const whole = (length: number) => Math.max(multiple, Math.round(length / multiple) * multiple)
  let width = whole(frame.width + grip.across * (to.point.x - from.point.x) * factor)
  let height = whole(frame.height + grip.down * (to.point.y - from.point.y) * factor)
  if (grip.across !== 0 && grip.down !== 0 && !to.shift) {
    const share = Math.max(width / frame.width, height / frame.height)
    width = whole(frame.width * share)
    height = whole(frame.height * share)
  }
  const place = (start: number, before: number, after: number, way: number): number =>
    Math.round(
      to.alt || way === 0
        ? start + (before - after) / (way === 0 && !to.alt ? Number.POSITIVE_INFINITY : 2)
        : way < 0
          ? start + before - after
          : start,
    )
  return {
    x: place(frame.x, frame.width, width, grip.across),
    y: place(frame.y, frame.height, height, grip.down),
    width,
    height,
  }
}

interface Data {
  readonly from: HandEvent
  readonly frame: Rectangle
  readonly grip: Grip
}

const after = ({ from, frame, grip }: Data, event: HandEvent, around: Surroundings): Rectangle =>
  grip.across === 0 && grip.down === 0
    ? movedFrame(frame, from, event, around)
    : resizedFrame(frame, grip, from, event, around)

/** Moves and resizes what is generated into. */
export const frame = defineTool<'idle' | 'dragging', Data | undefined>({
  id: 'frame',
  title: 'Frame',
  shortcut: 'F',
  Icon: Frame,
  use: 'Drag inside to move it, at its edges to resize it; Ctrl lets it go from the edges of the picture.',
  cursor: 'move',
  options: [],
  commands: ['frame-to-picture', 'frame-to-mask'],
  initial: { to: 'idle', data: undefined },
  on: {
    idle: {
      down: (_, event, { frame, scale }) => {
        const grip = gripAt(frame, event.point, scale)
        return grip && { to: 'dragging', data: { from: event, frame, grip } }
      },
    },
    dragging: {
      move: (data, event, around) =>
        data && {
          to: 'dragging',
          data,
          effects: [{ type: 'frame', frame: after(data, event, around), isDone: false }],
        },
      up: (data, event, around) =>
        data && {
          to: 'idle',
          data: undefined,
          effects: [{ type: 'frame', frame: after(data, event, around), isDone: true }],
        },
      cancel: data =>
        data && { to: 'idle', data: undefined, effects: [{ type: 'frame', frame: data.frame, isDone: true }] },
    },
  },
})
