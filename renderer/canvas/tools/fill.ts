import { PaintBucket } from 'lucide-react'
import { REACH, TOLERANCE } from './choosing.ts'
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
  options: [OPACITY, TOLERANCE, REACH],
  initial: { to: 'idle', data: undefined },
  on: {
    idle: { down: (data, { point }) => ({ to: 'idle', data, effects: [{ type: 'fill', at: point }] }) },
  },
})
