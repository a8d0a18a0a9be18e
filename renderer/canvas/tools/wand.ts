import { WandSparkles } from 'lucide-react'
import { combiningOf, defineTool } from './tool.ts'

/** Selects what looks like the pixel that is clicked. */
export const wand = defineTool<'idle', undefined>({
  id: 'wand',
  title: 'Wand',
  shortcut: 'W',
  Icon: WandSparkles,
  use: 'Click on a colour; Shift adds, Alt takes away.',
  cursor: 'crosshair',
  options: [
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
  commands: [
    'selection-invert',
    'selection-grow',
    'selection-shrink',
    'selection-feather',
    'selection-to-mask',
    'deselect',
  ],
  initial: { to: 'idle', data: undefined },
  on: {
    idle: {
      down: (data, event) => ({
        to: 'idle',
        data,
        effects: [{ type: 'select-like', at: event.point, how: combiningOf(event) }],
      }),
    },
  },
})
