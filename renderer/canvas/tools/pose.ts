import { PersonStanding } from 'lucide-react'
import { defineTool } from './tool.ts'

/** Figures of a control layer: their joints are taken by the hand where they stand (PoseFigures). */
export const pose = defineTool<'idle', undefined>({
  id: 'pose',
  title: 'Pose',
  shortcut: 'P',
  Icon: PersonStanding,
  use: 'Drag joints; a double click hides one. Page Up and Page Down walk the joints, arrow keys move them.',
  cursor: 'default',
  options: [
    {
      kind: 'choice',
      name: 'limbs',
      title: 'Limbs',
      choices: [
        { value: 'one', label: 'One limb' },
        { value: 'both', label: 'Mirror limbs' },
      ],
      value: 'one',
    },
    {
      kind: 'choice',
      name: 'bones',
      title: 'Bones',
      choices: [
        { value: 'kept', label: 'Keep bone lengths' },
        { value: 'free', label: 'Free' },
      ],
      value: 'kept',
    },
  ],
  initial: { to: 'idle', data: undefined },
  on: { idle: {} },
})
