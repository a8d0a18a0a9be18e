import {
  type BlendMode,
  type Change,
  hasTiles,
  type Layer,
  type LayerFields,
  type LayerKind,
  newLayer,
} from '../../../app/api/documents.ts'
import { t } from '../../language/language.ts'
import { undo } from '../../state/history.ts'
import { say } from '../../state/toasts.ts'
import { followed, inverse, translation } from '../raster/affine.ts'
import { useCanvas } from './canvas-state.ts'
import { drawInto } from './draw-into.ts'
import { change, keptDocument } from './edits.ts'
import { activeNow, stage, withPixels } from './stage.ts'
import { freeName } from './strokes.ts'
import { firstChanges, keepTiles } from './tiles.ts'

const layersNow = (): readonly Layer[] => keptDocument().layers
const find = (id: string): Layer | undefined => layersNow().find(layer => layer.id === id)

export const choose = (id: string): void => useCanvas.setState({ active: id })

const KIND_NAMES: Partial<Record<LayerKind, string>> = {
  ...{ paint: 'Paint', mask: 'Mask', group: 'Group' },
  ...{ region: 'Region', control: 'Control' },
}

/** Adds an empty layer above the chosen one. */
export function addLayer(kind: 'paint' | 'mask' | 'group' | 'region' | 'control'): void {
  const layers = layersNow()
  const active = activeNow()
  const layer = newLayer({
    kind,
    name: freeName(t(KIND_NAMES[kind] ?? 'Layer'), layers),
    parent: active?.parent ?? null,
  })
  const index = active === undefined ? layers.length : layers.findIndex(({ id }) => id === active.id) + 1
  void change({ label: `Add ${layer.name}`, changes: [...firstChanges(), { type: 'add-layer', layer, index }] })
  choose(layer.id)
}

/** Puts the chosen layer into a new group. */
export function groupLayer() {
  const active = activeNow()
  if (active === undefined) return addLayer('group')
  const layers = layersNow()
  const group = newLayer({ kind: 'group', name: freeName('Group', layers), parent: active.parent })
  const index = layers.findIndex(({ id }) => id === active.id)
  void change({
    label: `Group ${active.name}`,
    changes: [
      { type: 'add-layer', layer: group, index },
      { type: 'move-layer', id: active.id, index: index + 1, parent: group.id },
    ],
  })
}

export function setLayer(id: string, fields: LayerFields, label: string): void {
  if (find(id) !== undefined) void change({ label, changes: [{ type: 'set-layer', id, fields }] })
}

let committing: ReturnType<typeof setTimeout> | undefined
const AFTER = 300

/** Changes a layer under the hand: it is seen at once, and becomes one edit when the hand rests. */
export function scrubLayer(id: string, fields: LayerFields, label: string): void {
  clearTimeout(committing)
  useCanvas.setState({ preview: { id, fields } })
  committing = setTimeout(() => {
    setLayer(id, fields, label)
    // The edit is applied after what waits before it; until then the preview stands.
    void Promise.resolve().then(() => useCanvas.setState({ preview: undefined }))
  }, AFTER)
}

export const setBlend = (id: string, blend: BlendMode): void => setLayer(id, { blend }, 'Blend mode')

export function toggle(layer: Layer, field: 'isVisible' | 'isLocked'): void {
  const label =
    field === 'isVisible'
      ? `${layer.isVisible ? 'Hide' : 'Show'} ${layer.name}`
      : `${layer.isLocked ? 'Unlock' : 'Lock'} ${layer.name}`
  setLayer(layer.id, { [field]: !layer[field] }, label)
}

/** Shows this layer alone; all of them again when it is alone already. */
export function solo(id: string): void {
  const layers = layersNow()
  const isAlone = layers.every(layer => layer.isVisible === (layer.id === id || layer.kind === 'group'))
  const changes: Change[] = layers
    .map(layer => ({ layer, isVisible: isAlone || layer.id === id || layer.kind === 'group' }))
    .filter(({ layer, isVisible }) => layer.isVisible !== isVisible)
    .map(({ layer, isVisible }) => ({ type: 'set-layer', id: layer.id, fields: { isVisible } }))
  if (changes.length > 0) void change({ label: isAlone ? 'Show all layers' : 'Show one layer', changes })
}

export function removeLayer(id: string | undefined = activeNow()?.id) {
  const layer = layersNow().find(each => each.id === id)
  if (layer === undefined) return
  if (layer.isLocked) return say(t('“{name}” is locked.', { name: layer.name }))
  const index = layersNow().indexOf(layer)
  const next = layersNow()[index - 1] ?? layersNow()[index + 1]
  void change({ label: `Delete ${layer.name}`, changes: [{ type: 'remove-layer', id: layer.id }] })
  useCanvas.setState({ active: next?.id })
  say(t('“{name}” is deleted.', { name: layer.name }), { label: 'Undo', run: undo })
}

export function duplicateLayer(id: string | undefined = activeNow()?.id): void {
  const layers = layersNow()
  const layer = layers.find(each => each.id === id)
  if (layer === undefined || layer.kind === 'group') return
  const copy = { ...layer, id: crypto.randomUUID(), name: `${layer.name} copy` }
  void change({
    label: `Duplicate ${layer.name}`,
    changes: [{ type: 'add-layer', layer: copy, index: layers.indexOf(layer) + 1 }],
  })
  choose(copy.id)
}

/** Layers beside a layer in the same group, lowest first. */
const siblings = (layer: Layer): readonly Layer[] => layersNow().filter(({ parent }) => parent === layer.parent)

/** Moves a layer up or down among its siblings; past the last of a group it leaves the group. */
export function shiftLayer(id: string, direction: 1 | -1): void {
  const layer = find(id)
  if (layer === undefined) return
  const row = siblings(layer)
  const next = row[row.indexOf(layer) + direction]
  if (next !== undefined) moveLayer(id, next.id, direction > 0 ? 'above' : 'below')
  else if (layer.parent !== null) moveLayer(id, layer.parent, direction > 0 ? 'above' : 'below')
}

/** Puts a layer right above or below another one, or into a group, on top. */
export function moveLayer(id: string, target: string, where: 'above' | 'below' | 'into'): void {
  const [layer, at] = [find(id), find(target)]
  if (layer === undefined || at === undefined || layer === at) return
  const others = layersNow().filter(each => each.id !== id)
  const place = others.indexOf(at)
  const parent = where === 'into' ? at.id : at.parent
  if (isInside(parent, id)) return
  const index = where === 'below' ? place : where === 'above' ? place + 1 : others.length
  void change({ label: `Move ${layer.name}`, changes: [{ type: 'move-layer', id, index, parent }] })
}

function isInside(group: string | null, id: string): boolean {
  for (let each = group; each !== null; each = find(each)?.parent ?? null) if (each === id) return true
  return false
}

/** Whether a layer can be merged with the one below it. */
export function mergePartner(id: string | undefined = activeNow()?.id): Layer | undefined {
  const layer = layersNow().find(each => each.id === id)
  if (layer === undefined || !hasTiles(layer.kind)) return undefined
  const row = siblings(layer)
  const below = row[row.indexOf(layer) - 1]
  const isAlike = (layer.kind === 'mask') === (below?.kind === 'mask')
  return below !== undefined && hasTiles(below.kind) && isAlike && !below.isLocked ? below : undefined
}

/** Draws the chosen layer into the one below it. */
export function mergeDown(id: string | undefined = activeNow()?.id): void {
  const [layer, below] = [layersNow().find(each => each.id === id), mergePartner(id)]
  if (layer === undefined || below === undefined) return
  withPixels([layer, below], () => drawDown(layer, below))
  choose(below.id)
}

function drawDown(layer: Layer, below: Layer): void {
  const tiles = stage().store.get(layer.id)
  if (tiles === undefined) return
  const toBelow = followed(layer.transform, inverse(below.transform))
  const keys = drawInto(
    below,
    tiles.bounds(),
    toBelow,
    { opacity: layer.opacity, blend: layer.blend },
    (context, part) => tiles.draw(context, part, 0),
  )
  void keepTiles(`Merge ${layer.name} down`, below.id, keys, [{ type: 'remove-layer', id: layer.id }])
}

/** Moves the chosen layer under the hand, and for good when the hand leaves. */
export function dragLayer(dx: number, dy: number, isDone: boolean): void {
  const layer = activeNow()
  const kept = layer && find(layer.id)
  if (kept === undefined) return
  if (kept.isLocked) return
  const transform = followed(kept.transform, translation(dx, dy))
  if (!isDone) useCanvas.setState({ preview: { id: kept.id, fields: { transform } } })
  else {
    useCanvas.setState({ preview: undefined })
    if (dx !== 0 || dy !== 0) setLayer(kept.id, { transform }, `Move ${kept.name}`)
  }
}

/** Whether a drag would move a layer: there is one that may be moved and has extent. */
export const canDrag = (): boolean => {
  const layer = activeNow()
  return (
    layer !== undefined && !layer.isLocked && layer.isVisible && layer.kind !== 'group' && find(layer.id) !== undefined
  )
}

/** What a layer is, in words. */
export function kindWords(layer: Layer): string {
  const kinds: Record<LayerKind, string> = {
    image: 'Picture',
    paint: 'Paint',
    mask: 'In-paint mask',
    control: 'Control',
    region: 'Region',
    text: 'Text',
    shape: 'Shape',
    group: 'Group',
  }
  const parts = [t(kinds[layer.kind])]
  if (layer.blend !== 'normal') parts.push(blendName(layer.blend))
  if (layer.opacity < 1 && layer.kind !== 'mask') parts.push(`${Math.round(layer.opacity * 100)} %`)
  if (!layer.isVisible) parts.push(t('hidden'))
  if (layer.isLocked) parts.push(t('locked'))
  return parts.join(' · ')
}

export const blendName = (blend: BlendMode): string => {
  const words = blend.replace('-', ' ')
  return t(words[0]?.toUpperCase() + words.slice(1))
}
