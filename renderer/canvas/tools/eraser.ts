import { Eraser } from 'lucide-react'
import { OPACITY, PRESSURE, paintTool, SIZE, SMOOTHING, SOFTNESS } from './painting.ts'

/** Makes what is painted transparent again. */
export const eraser = paintTool({
  id: 'eraser',
  title: 'Eraser',
  shortcut: 'E',
  Icon: Eraser,
  options: [SIZE, SOFTNESS, OPACITY, SMOOTHING, PRESSURE],
  kind: 'eraser',
  erases: () => true,
  altClick: at => [{ type: 'pick', at }],
})
