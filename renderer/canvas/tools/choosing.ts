import type { Option } from './tool.ts'

/** What tools have in common that select, or find pixels that look alike. */

/** How far the colours of pixels that are alike may differ. */
export const TOLERANCE = {
  kind: 'number',
  name: 'tolerance',
  title: 'Tolerance',
  minimum: 0,
  maximum: 255,
  softMaximum: 100,
  step: 1,
  value: 24,
} as const satisfies Option

export const REACH = {
  kind: 'choice',
  name: 'reach',
  title: 'Reach',
  choices: [
    { value: 'connected', label: 'Connected' },
    { value: 'all', label: 'Everywhere' },
  ],
  value: 'connected',
} as const satisfies Option

/** What can be done with a selection, in the option bar. */
export const SELECTION_COMMANDS = [
  'selection-invert',
  'selection-grow',
  'selection-shrink',
  'selection-feather',
  'selection-to-mask',
  'deselect',
] as const
