import { Hand } from 'lucide-react'
import type { Point } from '../viewport.ts'
import { defineTool } from './tool.ts'

/** Moves the canvas. */
export const hand = defineTool<'idle' | 'panning', Point>({
  id: 'hand',
  title: 'Hand',
  shortcut: 'H',
  Icon: Hand,
  use: 'Drag to move the canvas; hold Space for it with any tool.',
  cursor: 'grab',
  options: [],
  initial: { to: 'idle', data: { x: 0, y: 0 } },
  on: {
    idle: { down: (_, { screen }) => ({ to: 'panning', data: screen }) },
    panning: {
      move: (last, { screen }) => ({
        to: 'panning',
        data: screen,
        effects: [{ type: 'pan', dx: screen.x - last.x, dy: screen.y - last.y }],
      }),
      up: (_, { screen }) => ({ to: 'idle', data: screen }),
    },
  },
})
