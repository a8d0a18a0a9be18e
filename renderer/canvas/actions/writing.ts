import {
  type Edit,
  firstSettings,
  isOfKind,
  type Layer,
  newLayer,
  type SettingsByKind,
} from '../../../app/api/documents.ts'
import { say } from '../../state/toasts.ts'
import { useTools } from '../../state/tools.ts'
import { shortName } from '../../state/words.ts'
import { applied, inverse, translation } from '../raster/affine.ts'
import { grown } from '../raster/rectangle.ts'
import { vectorBounds } from '../raster/vector.ts'
import type { Point } from '../viewport.ts'
import { useCanvas } from './canvas-state.ts'
import { change, keptDocument } from './edits.ts'
import { choose, scrubLayer } from './layers.ts'
import { activeNow, documentNow } from './stage.ts'
import { refusal } from './strokes.ts'
import { firstChanges } from './tiles.ts'

/** Writing on the canvas: what is typed is seen at once, and one edit when the writing ends. */

export type TextSettings = SettingsByKind['text']
export type TextLayer = Layer & { readonly kind: 'text'; readonly settings: TextSettings }

/** How the next text looks: as the last one that was set. */
let nextLook: TextSettings = { ...firstSettings.text, font: 'Inter' }
let isSizeChosen = false

/** The size of letters that suits a document, until another one is chosen. */
const SHARE = 0.1
const SMALLEST = 8

function nextSize(): number {
  const { width, height } = documentNow()
  return isSizeChosen ? nextLook.size : Math.max(SMALLEST, Math.round(Math.min(width, height) * SHARE))
}

const next = (): TextSettings => ({ ...nextLook, size: nextSize(), colour: useTools.getState().colour })

/** The text that is written or chosen. */
export function textNow(): TextLayer | undefined {
  const { writing } = useCanvas.getState()
  const layer = writing === undefined ? activeNow() : documentNow().layers.find(({ id }) => id === writing)
  return layer !== undefined && isOfKind(layer, 'text') ? layer : undefined
}

export const lookNow = (): TextSettings => textNow()?.settings ?? next()

/** The topmost text under a point of the document. */
function textAt(at: Point): TextLayer | undefined {
  return documentNow().layers.findLast((layer): layer is TextLayer => {
    if (!isOfKind(layer, 'text') || !layer.isVisible) return false
    const { x, y } = applied(inverse(layer.transform), at)
    const box = grown(vectorBounds(layer), layer.settings.size / 4)
    return x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height
  })
}

/** Goes on with a text. */
export function write(layer: Layer) {
  endWriting()
  const why = refusal(layer)
  if (why !== undefined) return say(why)
  choose(layer.id)
  useCanvas.setState({ writing: layer.id })
}

/** A press of the text tool: ends the text before, goes on with the one that is there, else begins one. */
export function writeAt(at: Point) {
  const found = textAt(at)
  if (found !== undefined) return write(found)
  const wasWriting = useCanvas.getState().writing !== undefined
  endWriting()
  // A press beside a text ends it; the next one begins another.
  if (wasWriting) return
  const settings = { ...next(), text: '' }
  const top = (settings.size * settings.lineHeight) / 2
  const layer = newLayer({
    kind: 'text',
    name: 'Text',
    settings,
    transform: translation(Math.round(at.x), Math.round(at.y - top)),
  })
  const { layers } = documentNow()
  useCanvas.setState({ pending: { layer, index: layers.length }, active: layer.id, writing: layer.id })
}

/** Begins to change the text at a point; returns whether there is one. */
export function writeOn(at: Point): boolean {
  const found = textAt(at)
  if (found !== undefined) write(found)
  return found !== undefined
}

/** Changes the words or the look of the text that is written, else of the chosen one, else of the next one. */
export function setText(change: Partial<TextSettings>): void {
  const layer = textNow()
  if (change.size !== undefined) isSizeChosen = true
  const settings = { ...(layer?.settings ?? next()), ...change }
  nextLook = { ...settings, text: '' }
  if (change.colour !== undefined) useTools.setState({ colour: change.colour.slice(0, 7) })
  if (layer === undefined) return
  const { writing, pending } = useCanvas.getState()
  if (writing === undefined) scrubLayer(layer.id, { settings }, `Text ${layer.name}`)
  else if (pending?.layer.id === writing)
    useCanvas.setState({ pending: { ...pending, layer: { ...pending.layer, settings } } })
  else useCanvas.setState({ preview: { id: writing, fields: { settings } } })
}

/** Nothing of a writing is left beside the document. */
const free = (id: string): void =>
  useCanvas.setState(state => ({
    preview: undefined,
    ...(state.pending?.layer.id === id && { pending: undefined }),
  }))

/** Keeps what was written as one edit; a text without words goes. */
export function endWriting(): void {
  const layer = textNow()
  const { writing, pending } = useCanvas.getState()
  if (writing === undefined) return
  useCanvas.setState({ writing: undefined })
  const edit = layer && editOf(layer, pending?.index)
  if (edit === undefined) free(writing)
  // The edit is applied after what waits before it; until then what was written is seen all the same.
  else void change(edit).finally(() => free(writing))
}

/** What makes the document hold a text as it is written; nothing where it does. @param index of a new one */
function editOf(layer: TextLayer, index: number | undefined): Edit | undefined {
  const { id, settings } = layer
  const { layers } = keptDocument()
  const kept = layers.find(each => each.id === id)
  const name = shortName(settings.text.trim().replace(/\s+/g, ' '))
  if (name === '') return kept && { label: `Delete ${kept.name}`, changes: [{ type: 'remove-layer', id }] }
  if (kept === undefined) {
    const added = { type: 'add-layer', layer: { ...layer, name }, index: index ?? layers.length } as const
    return { label: 'Text', changes: [...firstChanges(), added] }
  }
  if (kept.settings === settings) return undefined
  return { label: 'Text', changes: [{ type: 'set-layer', id, fields: { settings, name } }] }
}

/** Esc: ends the writing. Returns whether anything was written on. */
export function leaveWriting(): boolean {
  const isWriting = useCanvas.getState().writing !== undefined
  endWriting()
  return isWriting
}

useTools.subscribe(({ tool }, { tool: before }) => {
  if (tool !== before) endWriting()
})
useCanvas.subscribe(({ active, writing }, { active: before }) => {
  if (writing !== undefined && active !== before && active !== writing) endWriting()
})
