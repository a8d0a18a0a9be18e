import { z } from 'zod'
import { ProblemInfo } from '../records.ts'

/** Data sets as they cross the API. Times are milliseconds since 1970. */

/** A colour as `#rrggbb`. */
export const Colour = z.string().regex(/^#[0-9a-f]{6}$/i)

export const Dataset = z.object({
  id: z.string(),
  name: z.string(),
  /** The folder whose pictures it is; they stay there. */
  folder: z.string(),
  /** What stands behind transparent places. */
  background: Colour,
  createdAt: z.number(),
  /** Pictures that can be learned from: neither refused nor left out. */
  pictures: z.int(),
  /** Of them, those with words. */
  captioned: z.int(),
  /** Of them, those that show the class alone, for prior preservation. */
  classImages: z.int(),
  /** Files that cannot be read. */
  refused: z.int(),
  /** Pictures that a person left out. */
  leftOut: z.int(),
  /** Whether all of the folder was looked through; not so after a cancel or a crash. */
  isComplete: z.boolean(),
  /** Set while the folder is looked through. */
  progress: z.object({ done: z.int(), total: z.int() }).optional(),
  /** Why the last look ended early. */
  problem: ProblemInfo.optional(),
})
export type Dataset = z.infer<typeof Dataset>

const Size = z.object({ width: z.int(), height: z.int() })

/** A part of a picture in pixels of it, upright; fractions are allowed. */
const Box = z.object({ left: z.number(), top: z.number(), right: z.number(), bottom: z.number() })

const captionSource = z.enum(['none', 'file', 'prompt', 'hand'])

export const DatasetPicture = z.object({
  /** Its number in the library; pictures keep it when they are looked at again. */
  number: z.int(),
  /** Relative to the data set's folder, "/" between. */
  path: z.string(),
  /** SHA-256 of the file; absent where it cannot be read. */
  hash: z.string().optional(),
  /** A small picture of it is at `blob/<thumbnail>`. */
  thumbnail: z.string().optional(),
  /** Pixels, upright. */
  width: z.int(),
  height: z.int(),
  format: z.string(),
  /** More than 1: it moves, and its first frame counts. */
  frames: z.int(),
  hasAlpha: z.boolean(),
  caption: z.string(),
  /** Where the words come from: the text file beside it, the recipe in it, a person's hand. */
  captionSource,
  isClassImage: z.boolean(),
  /** Whether its mirror image shows the same. */
  mayFlip: z.boolean(),
  isLeftOut: z.boolean(),
  /** The part of it that a person chose; absent: all of it. */
  crop: Box.optional(),
  /** Why it cannot be learned from. */
  problem: ProblemInfo.optional(),
  /** What a model would see of it: the size it is brought to, the part of it (pixels of the picture), how much that enlarges it. */
  bucket: Size.extend({
    crop: Box,
    enlargement: z.number(),
    /** Whether it is enlarged so much that the model learns the blur. */
    isSmall: z.boolean(),
  }).optional(),
  /** Others that show the same, by number. */
  duplicates: z.array(z.int()).optional(),
})
export type DatasetPicture = z.infer<typeof DatasetPicture>

/** How large pictures will be; both in pixels. */
export const BucketOptions = z.object({
  resolution: z.int().min(8).max(4096).default(512),
  /** Sides are multiples of this; default: what models are usually trained with (`usualStep`). */
  step: z.int().min(1).max(512).optional(),
  /** What the model's sides are multiples of, at least. */
  multiple: z.int().min(1).max(512).default(8),
  /** The one size that all pictures are brought to, for models that know no other; default: each goes where its proportions are nearest. */
  size: z.object({ width: z.int().min(1).max(4096), height: z.int().min(1).max(4096) }).optional(),
})

export const DatasetQuery = z.object({
  id: z.string(),
  show: z.enum(['all', 'refused', 'duplicates', 'without words', 'small', 'class images', 'left out']).default('all'),
  ...BucketOptions.shape,
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(100),
})
export type DatasetQuery = z.input<typeof DatasetQuery>

export const DatasetDetails = z.object({
  dataset: Dataset,
  buckets: z.array(Size.extend({ pictures: z.int() })),
  /** The tags of the captions, most frequent first. */
  tags: z.array(z.object({ tag: z.string(), pictures: z.int() })),
  /** How many are so small that the model learns the blur. */
  small: z.int(),
  /** The folders in the data set's folder, and how many pictures each has: to a model of classes each is a class. */
  folders: z.array(z.object({ name: z.string(), pictures: z.int() })),
  /** Groups of pictures that show the same, by number. */
  duplicates: z.array(z.array(z.int())),
})
export type DatasetDetails = z.infer<typeof DatasetDetails>

export const DatasetRequest = z.object({
  folder: z.string().min(1),
  /** Default: the folder's name. */
  name: z.string().trim().min(1).max(200).optional(),
  background: Colour.default('#ffffff'),
  /** Whether mirror images of the pictures show the same. */
  mayFlip: z.boolean().default(false),
})
export type DatasetRequest = z.input<typeof DatasetRequest>

const longestCaption = 10_000
const tags = z.array(z.string().trim().min(1).max(1000)).max(100)

/** Which pictures of a data set: those with these numbers, or all that can be read. */
const chosen = { id: z.string(), pictures: z.union([z.literal('all'), z.array(z.int()).max(100_000)]) }

export const PictureChange = z.object({
  ...chosen,
  caption: z.string().max(longestCaption).optional(),
  isClassImage: z.boolean().optional(),
  mayFlip: z.boolean().optional(),
  isLeftOut: z.boolean().optional(),
  /** The part that a model shall see, in pixels; null: all of it. */
  crop: Box.nullable().optional(),
})
export type PictureChange = z.infer<typeof PictureChange>

/** The words of a picture, and where they come from. */
export const PictureWords = z.object({ number: z.int(), caption: z.string().max(longestCaption), captionSource })
export type PictureWords = z.infer<typeof PictureWords>

export const TagChange = z.object({
  ...chosen,
  remove: tags.optional(),
  replace: z
    .array(z.object({ from: z.string().trim().min(1), to: z.string().trim() }))
    .max(100)
    .optional(),
  addFirst: tags.optional(),
  addLast: tags.optional(),
})
export type TagChange = z.infer<typeof TagChange>
