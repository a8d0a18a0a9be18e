import { MaskIcon } from '../../components/icons.tsx'
import { PRESSURE, paintTool, SIZE, SMOOTHING, SOFTNESS } from './painting.ts'

/** Paints where the picture is made again. */
export const maskBrush = paintTool({
  id: 'mask',
  title: 'Mask brush',
  shortcut: 'M',
  Icon: MaskIcon,
  use: 'Paint what shall be made again; X swaps adding and removing.',
  options: [
    {
      kind: 'choice',
      name: 'mode',
      title: 'What strokes do',
      choices: [
        { value: 'add', label: 'Add' },
        { value: 'remove', label: 'Remove' },
      ],
      value: 'add',
    },
    { ...SIZE, value: 48 },
    SOFTNESS,
    SMOOTHING,
    { ...PRESSURE, value: 'nothing' },
  ],
  commands: ['mask-invert', 'mask-from-selection', 'mask-clear', 'mask-look'],
  kind: 'mask',
  erases: ({ mode }) => mode === 'remove',
  altClick: (_, sample) => [{ type: 'stroke-begin', kind: 'mask', erases: true, sample }, { type: 'stroke-end' }],
})
