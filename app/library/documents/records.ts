import { z } from 'zod'
import { bodyShapes, type Scene } from '../../tensor/bodies/body.ts'
import { controlModes } from '../../tensor/control-modes.ts'
import { controlResizes } from '../../tensor/control-picture.ts'
import { preparationNames } from '../../tensor/preparations.ts'
import { Colour } from '../datasets/records.ts'
import type * as data from './document.ts'

/** Documents as they cross the API: document.ts with its limits. Times are milliseconds since 1970. */

/** Farthest place of anything, and longest side of a document, in pixels. */
const FARTHEST = 1_000_000
const LONGEST_SIDE = 32_768
/** Characters of a text or a prompt, and of a name. */
const LONGEST_TEXT = 20_000
const LONGEST_NAME = 200
/** Tiles that one change puts. */
const MOST_TILES = 65_536

/** Joints of a figure, and figures and bodies of a layer. */
const JOINTS = 18
const MOST_FIGURES = 100
const MOST_BODIES = 100

const threshold = z.number().min(0).max(2040)
const place = z.number().min(-FARTHEST).max(FARTHEST)
const length = z.number().min(0).max(FARTHEST)
const share = z.number().min(0).max(1)
const name = z.string().max(LONGEST_NAME)
const key = z.string().min(1).max(100)
const side = z.int().min(1).max(LONGEST_SIDE)
const colour = z.union([Colour, z.string().regex(/^#[0-9a-f]{8}$/i)])
const point = z.tuple([place, place])

/** SHA-256, 64 hexadecimal digits. */
const Hash = z.string().regex(/^[0-9a-f]{64}$/)
const tileKey = z.string().regex(/^(0|-?[1-9]\d{0,4}),(0|-?[1-9]\d{0,4})$/)
const fewEnough = (tiles: object) => Object.keys(tiles).length <= MOST_TILES

const blend: z.ZodType<data.BlendMode> = z.enum([
  ...(['normal', 'multiply', 'screen', 'overlay', 'darken', 'lighten', 'color-dodge', 'color-burn'] as const),
  ...(['hard-light', 'soft-light', 'difference', 'exclusion', 'hue', 'saturation', 'color', 'luminosity'] as const),
])
const affine: z.ZodType<data.Affine> = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()])

const vector = z.tuple([place, place, place])
const extent = z.number().min(0.01).max(FARTHEST)
const scene: z.ZodType<Scene> = z.strictObject({
  eye: z.strictObject({ x: place, y: place, distance: extent }),
  far: place,
  bodies: z
    .array(
      z.strictObject({
        shape: z.enum(bodyShapes),
        at: vector,
        size: z.tuple([extent, extent, extent]),
        turn: vector,
      }),
    )
    .max(MOST_BODIES),
})

const nothing = z.strictObject({})
const settings: { readonly [Kind in data.LayerKind]: z.ZodType<data.SettingsByKind[Kind]> } = {
  image: z.strictObject({ source: key.nullable() }),
  paint: nothing,
  mask: z.strictObject({ strength: share, blur: length, grow: place }),
  control: z.strictObject({
    ...{ model: z.string().max(LONGEST_TEXT), weight: z.number(), start: share, end: share },
    figures: z
      .array(z.array(z.strictObject({ x: place, y: place }).nullable()).length(JOINTS))
      .max(MOST_FIGURES)
      .optional(),
    scene: scene.optional(),
    mode: z.enum(controlModes).optional(),
    prepare: z.enum(preparationNames).optional(),
    resize: z.enum(controlResizes).optional(),
    finder: z.string().max(LONGEST_TEXT).optional(),
    ...{ low: threshold.optional(), high: threshold.optional() },
  }),
  region: z.strictObject({
    prompt: z.string().max(LONGEST_TEXT),
    weight: z.number(),
    isTied: z.boolean().optional(),
  }),
  text: z.strictObject({
    text: z.string().max(LONGEST_TEXT),
    font: name,
    size: length,
    colour,
    weight: z.int().min(1).max(1000),
    isItalic: z.boolean(),
    align: z.enum(['left', 'center', 'right']),
    lineHeight: z.number().min(0).max(100),
  }),
  shape: z.strictObject({
    shape: z.enum(['rectangle', 'ellipse', 'line', 'polygon']),
    points: z.array(point).max(10_000),
    fill: colour.nullable(),
    stroke: colour.nullable(),
    strokeWidth: length,
    cornerRadius: length.optional(),
  }),
  group: nothing,
}

const kinds = Object.keys(settings) as [data.LayerKind, ...data.LayerKind[]]
const anySettings = z.union(
  Object.values(settings) as [z.ZodType<data.LayerSettings>, ...z.ZodType<data.LayerSettings>[]],
)

const layerFields = {
  name,
  isVisible: z.boolean(),
  isLocked: z.boolean(),
  opacity: share,
  blend,
  transform: affine,
  settings: anySettings,
}

export const Layer: z.ZodType<data.Layer> = z
  .strictObject({
    id: key,
    kind: z.enum(kinds),
    parent: key.nullable(),
    tiles: z.record(tileKey, Hash).refine(fewEnough),
    ...layerFields,
  })
  .refine(layer => settings[layer.kind].safeParse(layer.settings).success, {
    path: ['settings'],
    message: 'these are not the settings of its kind',
  })

const frame: z.ZodType<data.Frame> = z.strictObject({ x: z.int(), y: z.int(), width: side, height: side })

export const StudioDocument: z.ZodType<data.StudioDocument> = z.object({
  id: key,
  name,
  width: side,
  height: side,
  frame,
  layers: z.array(Layer),
})

const fields: z.ZodType<data.DocumentFields> = z.strictObject({ name, width: side, height: side, frame }).partial()

export const Change: z.ZodType<data.Change> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('set-document'), fields }),
  z.object({ type: z.literal('add-layer'), layer: Layer, index: z.int().min(0) }),
  z.object({ type: z.literal('remove-layer'), id: key }),
  z.object({ type: z.literal('move-layer'), id: key, index: z.int().min(0), parent: key.nullable() }),
  z.object({ type: z.literal('set-layer'), id: key, fields: z.strictObject(layerFields).partial() }),
  z.object({ type: z.literal('set-tiles'), id: key, tiles: z.record(tileKey, Hash.nullable()).refine(fewEnough) }),
])

export const Edit: z.ZodType<data.Edit> = z.object({ label: name, changes: z.array(Change).max(4 * 1000) })

/** Whether settings are those of a layer's kind. */
export const areSettingsOf = (kind: data.LayerKind, value: unknown): boolean => settings[kind].safeParse(value).success

/** A document as it stands in a list. */
export const DocumentInfo = z.object({
  id: z.string(),
  name: z.string(),
  width: z.int(),
  height: z.int(),
  /** Grows with each edit, undo and redo. */
  revision: z.int(),
  createdAt: z.number(),
  changedAt: z.number(),
  trashedAt: z.number().optional(),
  /** A small picture of it is at `blob/<thumbnail>`. */
  thumbnail: z.string().optional(),
})
export type DocumentInfo = z.infer<typeof DocumentInfo>

/** What every change of a document names. */
export const DocumentStep = z.object({
  id: z.string(),
  /** The revision that it is made on; another one is refused. */
  revision: z.int(),
  /** A name of this very call: asked for again under it, because the answer did not come, it is done once. */
  request: z.string().min(1).max(100).optional(),
})
export type DocumentStep = z.infer<typeof DocumentStep>

/** Where a document stands in its history: what undo would take back and redo would do again, by the labels of the edits. */
export const DocumentState = z.object({
  revision: z.int(),
  undo: z.string().optional(),
  redo: z.string().optional(),
})
export type DocumentState = z.infer<typeof DocumentState>

export const OpenDocument = DocumentState.extend({ document: StudioDocument })
export type OpenDocument = z.infer<typeof OpenDocument>

/** A step through the history: the edit that was applied by it. */
export const DocumentChange = DocumentState.extend({ edit: Edit })
export type DocumentChange = z.infer<typeof DocumentChange>

export const NewDocument = z.object({
  name: name.default('Untitled'),
  width: side,
  height: side,
  /** Default: all of the document. */
  frame: frame.optional(),
  layers: z.array(Layer).max(1000).default([]),
})
export type NewDocument = z.input<typeof NewDocument>

/** A state of a document that is kept under a name. */
export const DocumentVersion = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  thumbnail: z.string().optional(),
})
export type DocumentVersion = z.infer<typeof DocumentVersion>
