import { Pipette } from 'lucide-react'
import { defineTool } from './tool.ts'

/** Takes a colour from the picture, for as long as it is held. */
export const eyedropper = defineTool<'idle' | 'picking', undefined>({
  id: 'eyedropper',
  title: 'Pick colour',
  shortcut: 'I',
  Icon: Pipette,
  cursor: 'crosshair',
  options: [],
  initial: { to: 'idle', data: undefined },
  on: {
    idle: { down: (data, { point }) => ({ to: 'picking', data, effects: [{ type: 'pick', at: point }] }) },
    picking: {
      move: (data, { point }) => ({ to: 'picking', data, effects: [{ type: 'pick', at: point }] }),
      up: data => ({ to: 'idle', data }),
    },
  },
})
