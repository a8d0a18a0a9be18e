import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../problem.ts'
import { type BucketOptions, bucketSizes, seenOf } from './buckets.ts'
import type { DatasetRow, PictureRow } from './datasets.ts'
import { Colour } from './records.ts'

const Size = z.object({ width: z.int().positive(), height: z.int().positive() })

/** One picture as a trainer is told of it. */
const PlannedPicture = z.object({
  /** Of the file. */
  path: z.string(),
  /** SHA-256 that the file has. */
  hash: z.string(),
  caption: z.string(),
  /** What it is brought to. */
  size: Size,
  /** What is shown of it, in pixels of the upright picture. */
  box: z.object({ left: z.number(), top: z.number(), right: z.number(), bottom: z.number() }),
  isClassImage: z.boolean(),
  mayFlip: z.boolean(),
  /** The number of its class, where folders are classes. */
  label: z.int().optional(),
  /** SHA-256 of everything that its pixels depend on. */
  contentHash: z.string(),
})
export type PlannedPicture = z.infer<typeof PlannedPicture>

/** What a trainer learns from, as a message to the process that trains: all that is known before pixels are read. */
export const TrainingPlan = z.object({
  background: Colour,
  /** In the order of their paths; at least one. */
  pictures: z.array(PlannedPicture).min(1),
  /** The names of the classes by their numbers, where folders are classes. */
  classes: z.array(z.string()).optional(),
})
export type TrainingPlan = z.infer<typeof TrainingPlan>

export interface PlanOptions extends BucketOptions {
  /** Whether each folder in the data set's folder is a class of its own; a picture in none of them is left out. */
  readonly foldersAreClasses?: boolean
}

/** Pictures of a data set as a trainer takes them: those that can be read and are not left out, each in its bucket.
 *  @throws Problem DATASET_EMPTY */
export function planTraining(dataset: DatasetRow, rows: readonly PictureRow[], options: PlanOptions): TrainingPlan {
  const sizes = bucketSizes(options)
  const { background, folder, name } = dataset
  const classes = options.foldersAreClasses ? classesOf(rows) : undefined
  const pictures = rows.flatMap((row): PlannedPicture[] => {
    const { path, hash, caption, isClassImage, mayFlip } = row
    const label = classes?.indexOf(classOf(path))
    if (hash === undefined || !isUsable(row) || label === -1) return []
    const { size, box } = seenOf(row, sizes)
    const content = JSON.stringify(['lanczos', hash, background, size.width, size.height, box])
    const contentHash = createHash('sha256').update(content).digest('hex')
    const seen = { path: join(folder, path), hash, caption, size, box, isClassImage, mayFlip, contentHash }
    return [label === undefined ? seen : { ...seen, label }]
  })
  if (pictures.length > 0) return { background, pictures, ...(classes && { classes }) }
  throw new Problem('DATASET_EMPTY', `The data set ${name} has no picture to learn from.`, {
    hint: options.foldersAreClasses
      ? 'Put pictures of each class in a folder of its own.'
      : 'Add pictures to its folder.',
  })
}

/** Whether a picture can be learned from. */
export const isUsable = ({ problem, isLeftOut, hash }: PictureRow): boolean =>
  problem === undefined && !isLeftOut && hash !== undefined

/** The first folder of a path; '' where it has none. */
export const classOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')

/** The folders that there are, which a model of classes takes for its classes. */
export const classesOf = (rows: readonly PictureRow[]): string[] =>
  [...new Set(rows.filter(isUsable).map(({ path }) => classOf(path)))].filter(name => name !== '').sort()
