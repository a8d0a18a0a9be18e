import { Brush } from 'lucide-react'
import { OPACITY, PRESSURE, paintTool, SIZE, SMOOTHING, SOFTNESS } from './painting.ts'

/** Paints in the colour that is chosen. */
export const brush = paintTool({
  id: 'brush',
  title: 'Brush',
  shortcut: 'B',
  Icon: Brush,
  use: 'Shift+click draws a straight line, Alt+drag sets the size, Alt+click picks a colour.',
  options: [SIZE, SOFTNESS, OPACITY, SMOOTHING, PRESSURE],
  kind: 'brush',
  erases: () => false,
  altClick: at => [{ type: 'pick', at }],
})
