import { ZoomIn } from 'lucide-react'
import { outlineOf, spanned } from './shapes.ts'
import { defineTool, type HandEvent, hasMoved } from './tool.ts'

const FACTOR = 1.5

/** A click goes nearer, with Alt away; a drag shows what it goes around. */
export const zoom = defineTool<'idle' | 'pressed' | 'dragging', HandEvent | undefined>({
  id: 'zoom',
  title: 'Zoom',
  shortcut: 'Z',
  Icon: ZoomIn,
  use: 'Click to go nearer, Alt+click to go away, drag around what shall fill the window.',
  cursor: 'zoom-in',
  options: [],
  initial: { to: 'idle', data: undefined },
  on: {
    idle: { down: (_, event) => ({ to: 'pressed', data: event }) },
    pressed: {
      move: (from, event) => (from && hasMoved(from, event) ? { to: 'dragging', data: from } : undefined),
      up: (_, { screen, alt }) => ({
        to: 'idle',
        data: undefined,
        effects: [{ type: 'zoom', factor: alt ? 1 / FACTOR : FACTOR, at: screen }],
      }),
    },
    dragging: {
      move: (from, event) =>
        from && {
          to: 'dragging',
          data: from,
          effects: [
            { type: 'draft', draft: { type: 'line', points: outlineOf(spanned(from, event)), isClosed: true } },
          ],
        },
      up: (from, event) =>
        from && {
          to: 'idle',
          data: undefined,
          effects: [
            { type: 'draft', draft: undefined },
            { type: 'look-at', area: spanned(from, event) },
          ],
        },
    },
  },
})
