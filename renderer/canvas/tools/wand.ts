import { WandSparkles } from 'lucide-react'
import { REACH, SELECTION_COMMANDS, TOLERANCE } from './choosing.ts'
import { combiningOf, defineTool } from './tool.ts'

const BY_COLOUR = { name: 'way', is: 'colour' } as const

/** Selects what is clicked: what looks like the pixel there, or the object that it belongs to. */
export const wand = defineTool<'idle', undefined>({
  id: 'wand',
  title: 'Wand',
  shortcut: 'W',
  Icon: WandSparkles,
  use: 'Click on a colour or an object; Shift adds, Alt takes away.',
  cursor: 'crosshair',
  options: [
    {
      kind: 'choice',
      name: 'way',
      title: 'What a click selects',
      choices: [
        { value: 'colour', label: 'Colour' },
        { value: 'object', label: 'Object' },
        { value: 'network', label: 'Network' },
      ],
      value: 'colour',
    },
    { ...TOLERANCE, when: BY_COLOUR },
    { ...REACH, when: BY_COLOUR },
    {
      kind: 'number',
      name: 'extent',
      title: 'Extent',
      unit: '%',
      minimum: 0,
      maximum: 100,
      step: 1,
      value: 50,
      when: { name: 'way', is: 'object' },
    },
  ],
  commands: SELECTION_COMMANDS,
  initial: { to: 'idle', data: undefined },
  on: {
    idle: {
      down: (data, event) => ({
        to: 'idle',
        data,
        effects: [{ type: 'select-at', at: event.point, how: combiningOf(event) }],
      }),
    },
  },
})
