import { Box } from 'lucide-react'
import { defineTool } from './tool.ts'

/** Bodies in space on a control layer: they are taken by the hand where they stand (Bodies). */
export const bodies = defineTool<'idle', undefined>({
  id: 'bodies',
  title: '3D bodies',
  shortcut: 'Shift+P',
  Icon: Box,
  use: 'Drag bodies, with Shift nearer or away; their handles turn and scale. Arrow keys move, with Alt they turn, with Ctrl they go nearer or away.',
  cursor: 'default',
  options: [],
  initial: { to: 'idle', data: undefined },
  on: { idle: {} },
})
