import { acceptResult } from '../canvas/actions/accept.ts'
import { deselect } from '../canvas/actions/selection.ts'
import { cancelTransform, confirmTransform, transformingNow } from '../canvas/actions/transform.ts'
import { leaveWriting } from '../canvas/actions/writing.ts'
import { canConfirm, cancelGesture, confirmGesture } from '../canvas/pointing.ts'
import { actualSize, fitView, zoomBy } from '../canvas/view.ts'
import { openExport } from '../files/export.ts'
import { t } from '../language/language.ts'
import { blobUrl, type Image, type Recipe } from './api.ts'
import { canNudge, canvasCommands, nudge } from './canvas-commands.ts'
import type { Command } from './command.ts'
import { useComparison } from './comparison.ts'
import { useDocument } from './document.ts'
import { useEngine } from './engine.ts'
import { focusPrompt, focusRegion, nextRegion } from './focus.ts'
import { useGallery } from './gallery.ts'
import { startGuide } from './guide.ts'
import { nextRedo, nextUndo, redo, undo } from './history.ts'
import { toggleLive } from './live.ts'
import { closeLayer, openGetModels } from './models.ts'
import { promptCommands } from './prompt-commands.ts'
import { copyRecipe, saveCopy } from './recipes.ts'
import { cancelRun, generate, isBusy } from './runs.ts'
import { toggleSeed } from './seed-lock.ts'
import { COMPARES, discard, edit, endEdit, pairOf, shownAs, useStudio } from './studio.ts'
import { say } from './toasts.ts'
import { go, togglePanel, useUi } from './ui.ts'

export type { Command }

const staged = () => useStudio.getState().draft.staged
const hasResults = () => staged().length > 0
const show = (index: number) => useStudio.setState(state => shownAs(state, index))
function walk(step: number): void {
  if (canNudge()) nudge(step, 0)
  else show((useStudio.getState().shown + step + staged().length) % staged().length)
}

/** The arrow keys go from result to result; with the frame tool they move the frame, with the transform tool its layer. */
const hasWalk = () => canNudge() || hasResults()

/** The picture that the Studio or the Gallery shows now. */
export function currentImage(): Image | undefined {
  const { images, cursor } = useGallery.getState()
  return useUi.getState().room === 'gallery'
    ? images.find(image => image.id === cursor)
    : pairOf(useStudio.getState()).picture
}

const currentRecipe = (): Recipe | undefined => currentImage()?.recipe

export function discardResults(): void {
  const count = discard()
  if (count === 0) return
  say(t('{count} results are put away, kept in the Gallery.', { count }), { label: 'Undo', run: undo })
}

export function cycleCompare(): void {
  useStudio.setState(state => {
    const { other } = pairOf(state)
    const next = COMPARES[(COMPARES.indexOf(state.compare) + 1) % COMPARES.length] ?? 'single'
    return { compare: other === undefined ? 'single' : next }
  })
}

/** One step out: what is open closes, what runs stops. Nothing is ever discarded. */
function stepOut(): void {
  if (cancelGesture() || cancelTransform() || leaveWriting()) return
  const { bare, room } = useUi.getState()
  const { stopped, refused } = useStudio.getState()
  if (room === 'studio' && isBusy()) cancelRun()
  else if (stopped !== undefined || refused !== undefined)
    useStudio.setState({ stopped: undefined, refused: undefined })
  else if (room === 'models') closeLayer()
  else if (bare) useUi.setState({ bare: false })
  else if (room === 'studio') deselect()
}

/** Enter on the canvas. */
function confirm(): void {
  if (canConfirm()) confirmGesture()
  else if (transformingNow() !== undefined) confirmTransform()
  else void acceptResult()
}

function goOn(): void {
  useStudio.setState({ goingOn: true })
  void generate()
}

function showDocuments(): void {
  go('studio')
  useUi.setState({ documentsOpen: true })
}

/** Asks for a file, for one of the inputs of DropVeil. */
const ask = (input: string) => (): void => document.querySelector<HTMLInputElement>(input)?.click()
export const openFile = ask('#open-file')

export const commands: readonly Command[] = [
  ...canvasCommands,
  ...promptCommands,
  {
    id: 'generate',
    title: 'Generate',
    keys: ['Ctrl+Enter'],
    room: 'studio',
    whileTyping: true,
    run: () => void generate(),
  },
  {
    id: 'generate-fresh',
    title: 'Generate once with a new seed',
    keys: ['Ctrl+Shift+Enter'],
    room: 'studio',
    whileTyping: true,
    run: () => void generate({ fresh: true }),
  },
  {
    id: 'go-on',
    title: 'Keep generating until stopped',
    keys: ['Ctrl+Alt+Enter'],
    room: 'studio',
    whileTyping: true,
    run: goOn,
  },
  {
    id: 'live',
    title: 'Live: draw again after each stroke',
    keys: ['Ctrl+L'],
    room: 'studio',
    run: toggleLive,
  },
  {
    id: 'compare-over',
    title: 'Compare over parameters',
    keys: ['Ctrl+G'],
    room: 'studio',
    whileTyping: true,
    run: () => useComparison.setState({ open: true }),
  },
  {
    id: 'escape',
    title: 'One step out, cancel',
    keys: ['Escape'],
    whileTyping: true,
    hidden: true,
    fixed: true,
    run: stepOut,
  },
  {
    id: 'accept',
    title: 'Accept the result',
    keys: ['Alt+Enter'],
    room: 'studio',
    whileTyping: true,
    can: hasResults,
    run: () => void acceptResult(),
  },
  {
    id: 'accept-plain',
    title: 'Accept the result',
    keys: ['Enter'],
    room: 'studio',
    hidden: true,
    fixed: true,
    can: () => canConfirm() || transformingNow() !== undefined || hasResults(),
    run: confirm,
  },
  {
    id: 'discard',
    title: 'Discard the results',
    keys: ['Delete'],
    room: 'studio',
    can: hasResults,
    run: discardResults,
  },
  { id: 'next', title: 'Next result', keys: ['ArrowRight'], room: 'studio', can: hasWalk, run: () => walk(1) },
  {
    id: 'previous',
    title: 'Previous result',
    keys: ['ArrowLeft'],
    room: 'studio',
    can: hasWalk,
    run: () => walk(-1),
  },
  ...Array.from({ length: 9 }, (_, k) => ({
    id: `result-${k + 1}`,
    title: 'A result by its number',
    keys: [String(k + 1)],
    room: 'studio' as const,
    hidden: true,
    fixed: true,
    can: () => staged().length > k,
    run: () => show(k),
  })),
  { id: 'compare', title: 'Compare: next way', keys: ['C'], room: 'studio', can: hasResults, run: cycleCompare },
  {
    id: 'results',
    title: 'Go to the results',
    keys: ['Alt+R'],
    room: 'studio',
    whileTyping: true,
    can: hasResults,
    run: () => focusRegion('results'),
  },
  { id: 'prompt', title: 'Go to the prompt', keys: ['/'], room: 'studio', run: focusPrompt },
  { id: 'keep-seed', title: 'Keep the seed', keys: ['Alt+S'], room: 'studio', whileTyping: true, run: toggleSeed },
  {
    id: 'undo',
    title: 'Undo',
    keys: ['Ctrl+Z'],
    room: 'studio',
    can: () => nextUndo().length > 0,
    run: undo,
  },
  {
    id: 'redo',
    title: 'Redo',
    keys: ['Ctrl+Shift+Z', 'Ctrl+Y'],
    room: 'studio',
    can: () => nextRedo().length > 0,
    run: redo,
  },
  { id: 'fit', title: 'Fit the picture', keys: ['Shift+1', 'Shift+2'], room: 'studio', run: fitView },
  { id: 'actual-size', title: 'Show at 100 %', keys: ['Shift+0'], room: 'studio', run: actualSize },
  { id: 'zoom-in', title: 'Zoom in', keys: ['+', '='], room: 'studio', run: () => zoomBy(1.1) },
  { id: 'zoom-out', title: 'Zoom out', keys: ['-'], room: 'studio', run: () => zoomBy(1 / 1.1) },
  {
    id: 'bare',
    title: 'Only the picture',
    keys: ['Ctrl+.'],
    room: 'studio',
    whileTyping: true,
    run: () => useUi.setState(({ bare }) => ({ bare: !bare })),
  },
  {
    id: 'reset',
    title: 'Reset all settings to the model’s own',
    keys: [],
    room: 'studio',
    run: () => {
      endEdit()
      edit('reset', { values: {} })
      endEdit()
    },
  },
  { id: 'documents', title: 'Documents', keys: ['Ctrl+O'], whileTyping: true, run: showDocuments },
  { id: 'open', title: 'Open a picture or document…', keys: ['Ctrl+Shift+O'], whileTyping: true, run: openFile },
  { id: 'open-recipe', title: 'Read a picture’s recipe…', keys: [], run: ask('#open-recipe') },
  { id: 'place', title: 'Place pictures as layers…', keys: [], room: 'studio', run: ask('#open-layers') },
  {
    id: 'export',
    title: 'Export…',
    keys: ['Ctrl+E'],
    room: 'studio',
    whileTyping: true,
    can: () => (useDocument.getState().document?.layers.length ?? 0) > 0,
    run: () => void openExport(),
  },
  {
    id: 'save-copy',
    title: 'Save a copy of the picture…',
    keys: ['Ctrl+Shift+S'],
    whileTyping: true,
    can: () => currentImage() !== undefined,
    run: () => {
      const image = currentImage()
      if (image !== undefined) saveCopy(image, blobUrl(image.hash))
    },
  },
  {
    id: 'copy-recipe',
    title: 'Copy the recipe',
    keys: ['Ctrl+Shift+C'],
    whileTyping: true,
    can: () => currentRecipe() !== undefined,
    run: () => {
      const recipe = currentRecipe()
      if (recipe !== undefined) void copyRecipe(recipe)
    },
  },
  { id: 'studio', title: 'Studio', keys: ['Alt+1'], whileTyping: true, run: () => go('studio') },
  { id: 'gallery', title: 'Gallery', keys: ['Alt+2'], whileTyping: true, run: () => go('gallery') },
  { id: 'teach', title: 'Teach', keys: ['Alt+3'], whileTyping: true, run: () => go('teach') },
  { id: 'models', title: 'Models', keys: ['Alt+4'], whileTyping: true, run: () => go('models') },
  { id: 'get-models', title: 'Get models…', keys: [], run: openGetModels },
  { id: 'preferences', title: 'Settings of the app', keys: ['Ctrl+,'], whileTyping: true, run: () => go('settings') },
  { id: 'settings-panel', title: 'Settings panel', keys: [], room: 'studio', run: () => togglePanel('settings') },
  { id: 'history-panel', title: 'History panel', keys: [], room: 'studio', run: () => togglePanel('history') },
  {
    id: 'queue',
    title: 'Queue',
    keys: [],
    can: () => Object.values(useEngine.getState().jobs).length > 0,
    run: () => useUi.setState({ queueOpen: true }),
  },
  {
    id: 'palette',
    title: 'Find anything',
    keys: ['Ctrl+K'],
    whileTyping: true,
    hidden: true,
    run: () => useUi.setState(({ paletteOpen }) => ({ paletteOpen: !paletteOpen })),
  },
  {
    id: 'help',
    title: 'Keys and help',
    keys: ['F1'],
    whileTyping: true,
    run: () => useUi.setState(({ helpOpen }) => ({ helpOpen: !helpOpen })),
  },
  { id: 'guide', title: 'Guide of a minute', keys: [], run: startGuide },
  {
    id: 'region',
    title: 'Next part of the window',
    keys: ['F6'],
    whileTyping: true,
    hidden: true,
    run: () => nextRegion(),
  },
  {
    id: 'region-back',
    title: 'Previous part of the window',
    keys: ['Shift+F6'],
    whileTyping: true,
    hidden: true,
    run: () => nextRegion(true),
  },
]
