import { useCanvas } from '../canvas/actions/canvas-state.ts'
import { newDocument } from '../canvas/actions/edits.ts'
import { frameToMask, frameToPicture, nudgeFrame } from '../canvas/actions/frame.ts'
import {
  addLayer,
  duplicateLayer,
  groupLayer,
  mergeDown,
  mergePartner,
  removeLayer,
  shiftLayer,
} from '../canvas/actions/layers.ts'
import { clearMask, invertMask, maskFromSelection, maskNow, selectMask } from '../canvas/actions/masks.ts'
import {
  deselect,
  featherSelection,
  growSelection,
  hasSelection,
  invertSelection,
  selectAll,
} from '../canvas/actions/selection.ts'
import { activeNow } from '../canvas/actions/stage.ts'
import { nudgeTransform, transformingNow } from '../canvas/actions/transform.ts'
import { tools } from '../canvas/tools/index.ts'
import type { Command } from './command.ts'
import { useDocument } from './document.ts'
import { changeSize, changeSoftness, DEFAULT_COLOURS, hasOption, swap, takeTool, toolNow, useTools } from './tools.ts'
import { togglePanel, useUi } from './ui.ts'

const studio = { room: 'studio' } as const
const hasLayer = () => activeNow() !== undefined
const hasMask = () => maskNow() !== undefined
const hasSize = () => hasOption('size')
/** The frame tool is in the hand, or a layer is transformed: arrow keys are theirs. */
export const canNudge = () => toolNow().id === 'frame' || transformingNow() !== undefined
export const nudge = (dx: number, dy: number): void => (toolNow().id === 'frame' ? nudgeFrame : nudgeTransform)(dx, dy)
const isSelecting = () => hasSelection() && toolNow().id !== 'mask'

const nudges: readonly Command[] = (
  [
    ['ArrowUp', 0, -1],
    ['ArrowDown', 0, 1],
    ['Shift+ArrowLeft', -10, 0],
    ['Shift+ArrowRight', 10, 0],
    ['Shift+ArrowUp', 0, -10],
    ['Shift+ArrowDown', 0, 10],
  ] as const
).map(([key, x, y]) => ({
  id: `frame-${key}`,
  title: 'Move the frame or what is transformed',
  keys: [key],
  ...studio,
  hidden: true,
  fixed: true,
  can: canNudge,
  run: () => nudge(x, y),
}))

/** What keys and the palette do at the canvas. */
export const canvasCommands: readonly Command[] = [
  ...tools.map(({ id, title, shortcut }) => ({
    id: `tool-${id}`,
    title,
    keys: [shortcut],
    ...studio,
    run: () => takeTool(id),
  })),
  ...nudges,
  { id: 'brush-smaller', title: 'Smaller brush', keys: ['['], ...studio, can: hasSize, run: () => changeSize(-1) },
  { id: 'brush-larger', title: 'Larger brush', keys: [']'], ...studio, can: hasSize, run: () => changeSize(1) },
  { id: 'brush-harder', title: 'Harder brush', keys: ['{'], ...studio, can: hasSize, run: () => changeSoftness(-1) },
  { id: 'brush-softer', title: 'Softer brush', keys: ['}'], ...studio, can: hasSize, run: () => changeSoftness(1) },
  { id: 'swap', title: 'Swap add and remove, or the colours', keys: ['X'], ...studio, run: swap },
  {
    id: 'default-colours',
    title: 'Default colours',
    keys: ['D'],
    ...studio,
    run: () => useTools.setState(DEFAULT_COLOURS),
  },
  { id: 'select-all', title: 'Select all', keys: ['Ctrl+A'], ...studio, can: hasLayer, run: selectAll },
  { id: 'deselect', title: 'Drop the selection', keys: ['Ctrl+D'], ...studio, can: hasSelection, run: deselect },
  {
    id: 'selection-invert',
    title: 'Invert the selection',
    keys: [],
    ...studio,
    can: hasSelection,
    run: invertSelection,
  },
  { id: 'mask-invert', title: 'Invert the mask', keys: [], ...studio, can: hasMask, run: invertMask },
  {
    id: 'invert',
    title: 'Invert the selection or the mask',
    keys: ['Ctrl+I'],
    ...studio,
    can: () => isSelecting() || hasMask(),
    run: () => (isSelecting() ? invertSelection() : invertMask()),
  },
  { id: 'mask-clear', title: 'Clear the mask', keys: [], ...studio, can: hasMask, run: clearMask },
  {
    id: 'mask-from-selection',
    title: 'Mask from the selection',
    keys: [],
    ...studio,
    can: hasSelection,
    run: maskFromSelection,
  },
  { id: 'select-mask', title: 'Select what the mask covers', keys: [], ...studio, can: hasMask, run: selectMask },
  {
    id: 'selection-grow',
    title: 'Grow the selection',
    keys: [],
    ...studio,
    can: hasSelection,
    run: () => growSelection(4),
  },
  {
    id: 'selection-shrink',
    title: 'Shrink the selection',
    keys: [],
    ...studio,
    can: hasSelection,
    run: () => growSelection(-4),
  },
  {
    id: 'selection-feather',
    title: 'Feather the selection',
    keys: [],
    ...studio,
    can: hasSelection,
    run: () => featherSelection(4),
  },
  {
    id: 'frame-to-picture',
    title: 'Frame around the picture',
    keys: [],
    ...studio,
    can: hasLayer,
    run: frameToPicture,
  },
  { id: 'frame-to-mask', title: 'Frame around the mask', keys: [], ...studio, can: hasMask, run: frameToMask },
  {
    id: 'new-document',
    title: 'New document',
    keys: ['Ctrl+N'],
    ...studio,
    whileTyping: true,
    can: () => useDocument.getState().document !== undefined,
    run: () => void newDocument(),
  },
  {
    id: 'document-size',
    title: 'Size of the document',
    keys: ['Ctrl+Alt+I'],
    ...studio,
    can: () => (useDocument.getState().document?.layers.length ?? 0) > 0,
    run: () => useUi.setState({ documentsOpen: true, sizeOpen: true }),
  },
  { id: 'layers-panel', title: 'Layers panel', keys: [], ...studio, run: () => togglePanel('layers') },
  { id: 'add-layer', title: 'Add a paint layer', keys: ['Ctrl+Shift+N'], ...studio, run: () => addLayer('paint') },
  { id: 'add-mask', title: 'Add a mask', keys: [], ...studio, run: () => addLayer('mask') },
  { id: 'group-layer', title: 'Group the layer', keys: [], ...studio, can: hasLayer, run: groupLayer },
  {
    id: 'duplicate-layer',
    title: 'Duplicate the layer',
    keys: ['Ctrl+J'],
    ...studio,
    can: hasLayer,
    run: () => duplicateLayer(),
  },
  {
    id: 'merge-down',
    title: 'Merge the layer down',
    keys: ['Ctrl+Shift+E'],
    ...studio,
    can: () => mergePartner() !== undefined,
    run: () => mergeDown(),
  },
  { id: 'delete-layer', title: 'Delete the layer', keys: [], ...studio, can: hasLayer, run: () => removeLayer() },
  {
    id: 'layer-up',
    title: 'Move the layer up',
    keys: ['Ctrl+]'],
    ...studio,
    can: hasLayer,
    run: () => shiftLayer(activeNow()?.id ?? '', 1),
  },
  {
    id: 'layer-down',
    title: 'Move the layer down',
    keys: ['Ctrl+['],
    ...studio,
    can: hasLayer,
    run: () => shiftLayer(activeNow()?.id ?? '', -1),
  },
]

/** The command with this id, for buttons that do the same. */
export const canvasCommand = (id: string): Command | undefined => canvasCommands.find(command => command.id === id)

/** Whether a command can do anything, followed by a component. */
export function useCan(command: Command): boolean {
  useCanvas()
  return command.can?.() ?? true
}
