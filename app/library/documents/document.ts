import { Problem } from '../../problem.ts'
import type { Scene } from '../../tensor/bodies/body.ts'
import type { ControlMode } from '../../tensor/control-modes.ts'
import type { ControlResize } from '../../tensor/control-picture.ts'
import type { Preparation } from '../../tensor/preparations.ts'

/** Documents as data, and what edits make of them: shared by the engine and the page, so nothing here but plain values and functions. */

/** Width and height of a tile, in pixels of its layer's own space. */
export const tileSize = 256

export type LayerKind = 'image' | 'paint' | 'mask' | 'control' | 'region' | 'text' | 'shape' | 'group'

/** Names of CSS's mix-blend-mode and of the canvas's globalCompositeOperation ('source-over' is 'normal'). */
export type BlendMode =
  | 'normal'
  | 'multiply'
  | 'screen'
  | 'overlay'
  | 'darken'
  | 'lighten'
  | 'color-dodge'
  | 'color-burn'
  | 'hard-light'
  | 'soft-light'
  | 'difference'
  | 'exclusion'
  | 'hue'
  | 'saturation'
  | 'color'
  | 'luminosity'

/** a, b, c, d, e, f of the canvas's setTransform: from the layer's own pixels to the document's. */
export type Affine = readonly [number, number, number, number, number, number]

/** Key: `${column},${row}`, which may be negative, for layers have no edge; value: SHA-256 of the tile's PNG. Absent: empty (transparent). */
export type Tiles = Readonly<Record<string, string>>

/** What layers of each kind have beside what all layers have. Lengths in pixels, shares 0 to 1, colours `#rrggbb` or `#rrggbbaa`. */
export interface SettingsByKind {
  /** The picture of the library that it came from. */
  readonly image: { readonly source: string | null }
  readonly paint: Readonly<Record<string, never>>
  /** `grow` may be negative: the mask shrinks. */
  readonly mask: { readonly strength: number; readonly blur: number; readonly grow: number }
  /** Id of the model that reads it; `start` and `end` are shares of the steps. */
  readonly control: {
    readonly model: string
    readonly weight: number
    readonly start: number
    readonly end: number
    /** Who decides; absent: balanced. */
    readonly mode?: ControlMode | undefined
    /** Of poses: figures of 18 joints in pixels of the document, drawn over what is painted. */
    readonly figures?: readonly (readonly ({ readonly x: number; readonly y: number } | null)[])[] | undefined
    /** Of depth: bodies in space, whose depth lies over what is painted. */
    readonly scene?: Scene | undefined
    /** What is made of its picture before the model sees it; absent: nothing. */
    readonly prepare?: Preparation | undefined
    /** Which network finds it, of poses and depth, by its id; absent: the first of the library. */
    readonly finder?: string | undefined
    /** How all that is on it comes to the frame; absent: it is seen as it lies. */
    readonly resize?: ControlResize | undefined
    /** Of edges: how sure they must be, as `EdgeThresholds` has them. */
    readonly low?: number | undefined
    readonly high?: number | undefined
  }
  readonly region: {
    readonly prompt: string
    readonly weight: number
    /** Whether its words are words of the picture's prompt, which are drawn there; absent: a prompt of its own. */
    readonly isTied?: boolean | undefined
  }
  readonly text: {
    readonly text: string
    readonly font: string
    readonly size: number
    readonly colour: string
    readonly weight: number
    readonly isItalic: boolean
    readonly align: 'left' | 'center' | 'right'
    /** Of a line, in sizes of the letters. */
    readonly lineHeight: number
  }
  readonly shape: {
    readonly shape: 'rectangle' | 'ellipse' | 'line' | 'polygon'
    /** Two opposite corners of a rectangle and of an ellipse's box; else the points in their order. */
    readonly points: readonly (readonly [number, number])[]
    readonly fill: string | null
    readonly stroke: string | null
    readonly strokeWidth: number
    /** Of a rectangle; absent: its corners are sharp. */
    readonly cornerRadius?: number | undefined
  }
  readonly group: Readonly<Record<string, never>>
}
export type LayerSettings = SettingsByKind[LayerKind]

export interface Layer {
  readonly id: string
  readonly kind: LayerKind
  readonly name: string
  /** The group that it lies in. */
  readonly parent: string | null
  readonly isVisible: boolean
  readonly isLocked: boolean
  /** 0 to 1. A group's opacity and blend mode are those of its children drawn together. */
  readonly opacity: number
  readonly blend: BlendMode
  readonly transform: Affine
  /** Empty for text, shape and group. */
  readonly tiles: Tiles
  readonly settings: LayerSettings
}

/** The rectangle that is generated into, in pixels of the document; it may reach past its edge. */
export interface Frame {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface StudioDocument {
  readonly id: string
  readonly name: string
  readonly width: number
  readonly height: number
  readonly frame: Frame
  /** In the order in which they are painted, lowest first. Children of a group are found by their `parent`, and painted in this order within it. */
  readonly layers: readonly Layer[]
}

export type DocumentFields = Partial<Pick<StudioDocument, 'name' | 'width' | 'height' | 'frame'>>
export type LayerFields = Partial<Omit<Layer, 'id' | 'kind' | 'tiles' | 'parent'>>

/** One thing that undo takes back. */
export interface Edit {
  /** What was done, in a person's words: "Brush", "Delete layer". */
  readonly label: string
  readonly changes: readonly Change[]
}

export type Change =
  | { readonly type: 'set-document'; readonly fields: DocumentFields }
  /** `index` is where it stands among all layers afterwards. */
  | { readonly type: 'add-layer'; readonly layer: Layer; readonly index: number }
  /** A group goes with all that lies in it. */
  | { readonly type: 'remove-layer'; readonly id: string }
  /** `index` is where it stands among all layers afterwards. */
  | { readonly type: 'move-layer'; readonly id: string; readonly index: number; readonly parent: string | null }
  | { readonly type: 'set-layer'; readonly id: string; readonly fields: LayerFields }
  /** null: the tile becomes empty. */
  | { readonly type: 'set-tiles'; readonly id: string; readonly tiles: Readonly<Record<string, string | null>> }

/** Layers that a document may have. */
export const mostLayers = 1000

/** What a layer of each kind begins with. */
export const firstSettings: SettingsByKind = {
  image: { source: null },
  paint: {},
  mask: { strength: 1, blur: 4, grow: 0 },
  control: { model: '', weight: 1, start: 0, end: 1 },
  region: { prompt: '', weight: 1 },
  text: {
    ...{ text: '', font: 'sans-serif', size: 48, colour: '#000000', weight: 400 },
    ...{ isItalic: false, align: 'left', lineHeight: 1.2 },
  },
  shape: { shape: 'rectangle', points: [], fill: '#000000', stroke: null, strokeWidth: 1 },
  group: {},
}

/** A layer with what was not said at its first values. @param layer at least its kind and name */
export const newLayer = (layer: Pick<Layer, 'kind' | 'name'> & Partial<Layer>): Layer => ({
  id: crypto.randomUUID(),
  parent: null,
  isVisible: true,
  isLocked: false,
  opacity: 1,
  blend: 'normal',
  transform: [1, 0, 0, 1, 0, 0],
  tiles: {},
  settings: firstSettings[layer.kind],
  ...layer,
})

/** Whether a layer is of a kind; its settings are known then. */
export const isOfKind = <Kind extends LayerKind>(
  layer: Layer,
  kind: Kind,
): layer is Layer & { readonly kind: Kind; readonly settings: SettingsByKind[Kind] } => layer.kind === kind

/** Whether layers of a kind have pixels. */
export const hasTiles = (kind: LayerKind): boolean => kind !== 'text' && kind !== 'shape' && kind !== 'group'

/** The document after an edit; parts that are the same as before are the same objects.
 *  @throws Problem EDIT_INVALID where the edit does not fit the document */
export const applyEdit = (document: StudioDocument, edit: Edit): StudioDocument =>
  edit.changes.reduce((before, change) => applyChange(before, change), document)

/** The edit that takes another one back. @param document as it is before that one is applied  @throws Problem EDIT_INVALID */
export function inverseOf(document: StudioDocument, edit: Edit): Edit {
  const changes: Change[][] = []
  let before = document
  for (const change of edit.changes) {
    changes.unshift(inverseChanges(before, change))
    before = applyChange(before, change)
  }
  return { label: edit.label, changes: changes.flat() }
}

/** The edit that makes one document of another. Layers are replaced as a whole. */
export const editBetween = (from: StudioDocument, to: StudioDocument, label: string): Edit => ({
  label,
  changes: [
    { type: 'set-document', fields: { name: to.name, width: to.width, height: to.height, frame: to.frame } },
    ...from.layers.filter(({ parent }) => parent === null).map(({ id }): Change => ({ type: 'remove-layer', id })),
    ...addInOrder(to.layers, []),
  ],
})

/** Hashes of all tiles that an edit puts somewhere. */
export function tilesOfEdit({ changes }: Edit): Set<string> {
  const hashes = changes.flatMap(change => {
    if (change.type === 'add-layer') return Object.values(change.layer.tiles)
    if (change.type === 'set-tiles') return Object.values(change.tiles).filter(hash => hash !== null)
    return []
  })
  return new Set(hashes)
}

/** Hashes of all tiles of a document. */
export const tilesOf = ({ layers }: StudioDocument): Set<string> =>
  new Set(layers.flatMap(({ tiles }) => Object.values(tiles)))

const invalid = (what: string) =>
  new Problem('EDIT_INVALID', `The change does not fit the document: ${what}.`, { hint: 'Open the document again.' })

function applyChange(document: StudioDocument, change: Change): StudioDocument {
  const { layers } = document
  switch (change.type) {
    case 'set-document':
      return { ...document, ...said(change.fields) }
    case 'add-layer':
      return { ...document, layers: withLayer(layers, change.layer, change.index) }
    case 'remove-layer': {
      const gone = new Set(family(layers, layerOf(layers, change.id)).map(({ id }) => id))
      return { ...document, layers: layers.filter(({ id }) => !gone.has(id)) }
    }
    case 'move-layer': {
      const layer = layerOf(layers, change.id)
      const inside = family(layers, layer)
      if (inside.some(({ id }) => id === change.parent)) throw invalid('a group cannot lie in itself')
      const others = layers.filter(({ id }) => id !== change.id)
      return { ...document, layers: withLayer(others, { ...layer, parent: change.parent }, change.index) }
    }
    case 'set-layer':
      return withChanged(document, change.id, layer => ({ ...layer, ...said(change.fields) }))
    case 'set-tiles':
      return withChanged(document, change.id, layer => {
        if (!hasTiles(layer.kind)) throw invalid(`a layer of the kind ${layer.kind} has no pixels`)
        const tiles = Object.entries({ ...layer.tiles, ...change.tiles }).filter(entry => entry[1] !== null)
        return { ...layer, tiles: Object.fromEntries(tiles) as Tiles }
      })
  }
}

function inverseChanges(document: StudioDocument, change: Change): Change[] {
  const { layers } = document
  switch (change.type) {
    case 'set-document':
      return [{ type: 'set-document', fields: valuesOf(document, change.fields) }]
    case 'add-layer':
      return [{ type: 'remove-layer', id: change.layer.id }]
    case 'remove-layer': {
      const gone = family(layers, layerOf(layers, change.id))
      const rest = layers.filter(layer => !gone.includes(layer))
      return addInOrder(layers, rest)
    }
    case 'move-layer': {
      const layer = layerOf(layers, change.id)
      return [{ type: 'move-layer', id: layer.id, index: layers.indexOf(layer), parent: layer.parent }]
    }
    case 'set-layer':
      return [{ type: 'set-layer', id: change.id, fields: valuesOf(layerOf(layers, change.id), change.fields) }]
    case 'set-tiles': {
      const { tiles } = layerOf(layers, change.id)
      const before = Object.keys(change.tiles).map(place => [place, tiles[place] ?? null])
      return [{ type: 'set-tiles', id: change.id, tiles: Object.fromEntries(before) }]
    }
  }
}

/** What adds the layers that are not there yet, each group before what lies in it. */
function addInOrder(layers: readonly Layer[], there: readonly Layer[]): Change[] {
  const place = new Map(layers.map((layer, index) => [layer.id, index]))
  const placeOf = (layer: Layer) => place.get(layer.id) ?? 0
  const added = layers.filter(layer => !there.includes(layer))
  const isAdded = new Set(added.map(({ id }) => id))
  const roots = added.filter(({ parent }) => parent === null || !isAdded.has(parent))
  const present = there.map(placeOf)
  return roots
    .flatMap(root => family(added, root))
    .map(layer => {
      const index = present.filter(other => other < placeOf(layer)).length
      present.push(placeOf(layer))
      return { type: 'add-layer', layer, index }
    })
}

/** A layer and all that lies in it, groups before their children. */
const family = (layers: readonly Layer[], layer: Layer): Layer[] => [
  layer,
  ...layers.filter(({ parent }) => parent === layer.id).flatMap(child => family(layers, child)),
]

function layerOf(layers: readonly Layer[], id: string): Layer {
  const layer = layers.find(each => each.id === id)
  if (layer === undefined) throw invalid('a layer that it names is not there')
  return layer
}

function withLayer(layers: readonly Layer[], layer: Layer, index: number): Layer[] {
  if (layers.some(({ id }) => id === layer.id)) throw invalid('a layer that it adds is there already')
  if (index > layers.length) throw invalid('a layer would stand beyond the topmost')
  if (layers.length >= mostLayers) throw invalid(`a document has at most ${mostLayers} layers`)
  if (layer.parent !== null && layerOf(layers, layer.parent).kind !== 'group') throw invalid('only groups hold layers')
  if (!hasTiles(layer.kind) && Object.keys(layer.tiles).length > 0)
    throw invalid(`a layer of the kind ${layer.kind} has no pixels`)
  return layers.toSpliced(index, 0, layer)
}

function withChanged(document: StudioDocument, id: string, change: (layer: Layer) => Layer): StudioDocument {
  const before = layerOf(document.layers, id)
  const after = change(before)
  return { ...document, layers: document.layers.map(layer => (layer === before ? after : layer)) }
}

/** Fields that have a value. */
const said = <Fields extends object>(fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(entry => entry[1] !== undefined)) as Fields

/** The values that something has now in the fields that would be set. */
const valuesOf = <Fields extends object>(now: Required<Fields>, fields: Fields): Fields =>
  Object.fromEntries(Object.keys(said(fields)).map(key => [key, Reflect.get(now, key)])) as Fields
