import { PaintBucket } from 'lucide-react'
import { OPACITY } from './painting.ts'
import { defineTool } from './tool.ts'

/** Fills what looks like the pixel that is clicked with the colour that is chosen. */
export const fill = defineTool<'idle', undefined>({
  id: 'fill',
  title: 'Fill',
  shortcut: 'G',
  Icon: PaintBucket,
  use: 'Click on what shall be filled with the colour.',
  cursor: 'crosshair',
  options: [
    OPACITY,
    {
      kind: 'number',
      name: 'tolerance',
      title: 'Tolerance',
      minimum: 0,
      maximum: 255,
      softMaximum: 100,
      step: 1,
      value: 24,
    },
    {
      kind: 'choice',
      name: 'reach',
      title: 'Reach',
      choices: [
        { value: 'connected', label: 'Connected' },
        { value: 'all', label: 'Everywhere' },
      ],
      value: 'connected',
    },
  ],
  initial: { to: 'idle', data: undefined },
  on: {
    idle: { down: (data, { point }) => ({ to: 'idle', data, effects: [{ type: 'fill', at: point }] }) },
  },
})
