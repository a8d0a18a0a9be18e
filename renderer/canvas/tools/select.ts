import { SquareDashed } from 'lucide-react'
import { ellipseOutline } from '../painting/coverage.ts'
import type { Point } from '../viewport.ts'
import { SELECTION_COMMANDS } from './choosing.ts'
import { outlineOf, spanned } from './shapes.ts'
import { combiningOf, defineTool, type HandEvent, hasMoved, type Surroundings } from './tool.ts'

function outline(from: HandEvent, event: HandEvent, { values }: Surroundings): readonly Point[] {
  // The modifiers at the press say how it is combined; those that are pressed later, what shape it has.
  const area = spanned(from, event, event.shift && !from.shift, event.alt && !from.alt)
  return values.shape === 'ellipse' ? ellipseOutline(area) : outlineOf(area)
}

/** Selects a rectangle or an ellipse. A click drops the selection. */
export const select = defineTool<'idle' | 'pressed' | 'dragging', HandEvent | undefined>({
  id: 'select',
  title: 'Select',
  shortcut: 'R',
  Icon: SquareDashed,
  use: 'Shift adds, Alt takes away; while dragging, Shift makes it even and Alt goes out from the middle.',
  cursor: 'crosshair',
  options: [
    {
      kind: 'choice',
      name: 'shape',
      title: 'Shape',
      choices: [
        { value: 'rectangle', label: 'Rectangle' },
        { value: 'ellipse', label: 'Ellipse' },
      ],
      value: 'rectangle',
    },
  ],
  commands: SELECTION_COMMANDS,
  initial: { to: 'idle', data: undefined },
  on: {
    idle: { down: (_, event) => ({ to: 'pressed', data: event }) },
    pressed: {
      move: (from, event) => (from && hasMoved(from, event) ? { to: 'dragging', data: from } : undefined),
      up: from => ({
        to: 'idle',
        data: undefined,
        effects: from && combiningOf(from) === 'replace' ? [{ type: 'select', outline: [], how: 'replace' }] : [],
      }),
    },
    dragging: {
      move: (from, event, around) =>
        from && {
          to: 'dragging',
          data: from,
          effects: [{ type: 'draft', draft: { type: 'line', points: outline(from, event, around), isClosed: true } }],
        },
      up: (from, event, around) =>
        from && {
          to: 'idle',
          data: undefined,
          effects: [
            { type: 'draft', draft: undefined },
            { type: 'select', outline: outline(from, event, around), how: combiningOf(from) },
          ],
        },
    },
  },
})
