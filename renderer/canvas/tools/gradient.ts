import { Blend } from 'lucide-react'
import { OPACITY } from './painting.ts'
import { defineTool, type HandEvent, hasMoved } from './tool.ts'

/** Draws a gradient from where a drag begins to where it ends. */
export const gradient = defineTool<'idle' | 'pressed' | 'drawing', HandEvent | undefined>({
  id: 'gradient',
  title: 'Gradient',
  shortcut: 'Shift+G',
  Icon: Blend,
  use: 'Drag from the colour to where it ends.',
  cursor: 'crosshair',
  options: [
    OPACITY,
    {
      kind: 'choice',
      name: 'shape',
      title: 'Shape',
      choices: [
        { value: 'linear', label: 'Linear' },
        { value: 'radial', label: 'Radial' },
      ],
      value: 'linear',
    },
    {
      kind: 'choice',
      name: 'end',
      title: 'Where it ends',
      choices: [
        { value: 'transparent', label: 'Transparent' },
        { value: 'background', label: 'Other colour' },
      ],
      value: 'transparent',
    },
  ],
  initial: { to: 'idle', data: undefined },
  on: {
    idle: { down: (_, event) => ({ to: 'pressed', data: event }) },
    pressed: {
      move: (from, event) => (from && hasMoved(from, event) ? { to: 'drawing', data: from } : undefined),
      up: () => ({ to: 'idle', data: undefined }),
    },
    drawing: {
      move: (from, { point }) =>
        from && {
          to: 'drawing',
          data: from,
          effects: [{ type: 'draft', draft: { type: 'arrow', from: from.point, to: point } }],
        },
      up: (from, { point }) =>
        from && {
          to: 'idle',
          data: undefined,
          effects: [
            { type: 'draft', draft: undefined },
            { type: 'gradient', from: from.point, to: point },
          ],
        },
    },
  },
})
