import { MousePointer2 } from 'lucide-react'
import { defineTool, type HandEvent, hasMoved } from './tool.ts'

const shift = (from: HandEvent, event: HandEvent, isDone: boolean) => {
  let dx = Math.round(event.point.x - from.point.x)
  let dy = Math.round(event.point.y - from.point.y)
  if (event.shift) [dx, dy] = Math.abs(dx) > Math.abs(dy) ? [dx, 0] : [0, dy]
  return { type: 'move-layer', dx, dy, isDone } as const
}

/** Moves the chosen layer. */
export const move = defineTool<'idle' | 'pressed' | 'moving', HandEvent | undefined>({
  id: 'move',
  title: 'Move',
  shortcut: 'V',
  Icon: MousePointer2,
  use: 'Drag to move the chosen layer; Shift keeps it straight.',
  cursor: 'default',
  options: [],
  initial: { to: 'idle', data: undefined },
  on: {
    idle: { down: (_, event) => ({ to: 'pressed', data: event }) },
    pressed: {
      move: (from, event) =>
        from && hasMoved(from, event) ? { to: 'moving', data: from, effects: [shift(from, event, false)] } : undefined,
      up: () => ({ to: 'idle', data: undefined }),
    },
    moving: {
      move: (from, event) => from && { to: 'moving', data: from, effects: [shift(from, event, false)] },
      up: (from, event) => from && { to: 'idle', data: undefined, effects: [shift(from, event, true)] },
      cancel: () => ({ to: 'idle', data: undefined, effects: [{ type: 'move-layer', dx: 0, dy: 0, isDone: true }] }),
    },
  },
})
