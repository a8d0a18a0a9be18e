import { type BucketOptions, bucketSizes, type Seen, type Size, seenOf, withStep } from './buckets.ts'
import type { Datasets, PictureRow } from './datasets.ts'
import type { DuplicateFinder } from './duplicates.ts'
import { type Dataset, type DatasetDetails, type DatasetPicture, DatasetQuery } from './records.ts'
import { tagsOf } from './tags.ts'
import { classesOf, classOf, isUsable } from './training-plan.ts'

/** A picture that is enlarged more often than this is blurred, and a model learns that. */
const blurred = 1.5
const isSmall = ({ enlargement }: Seen): boolean => enlargement > blurred

/** Tags that are listed. */
const mostTags = 500

/** What there is to see in a data set: buckets, tags, what is there twice. @param dataset with its progress */
export function describeDataset(
  dataset: Dataset,
  rows: readonly PictureRow[],
  options: BucketOptions,
  finder: DuplicateFinder,
): DatasetDetails {
  const used = rows.filter(isUsable)
  return {
    dataset,
    buckets: countBuckets(used, options),
    tags: countTags(used),
    folders: countFolders(used),
    small: used.filter(row => isSmall(seenOf(row, bucketSizes(options)))).length,
    duplicates: duplicatesIn(rows, finder).map(group => [...group]),
  }
}

function countBuckets(rows: readonly PictureRow[], options: BucketOptions) {
  const sizes = bucketSizes(options)
  const found = Map.groupBy(rows, row => seenOf(row, sizes).size)
  const filled = sizes.filter(size => found.has(size))
  return filled.map(({ width, height }, k) => ({ width, height, pictures: found.get(filled[k])?.length ?? 0 }))
}

function countTags(rows: readonly PictureRow[]) {
  const counts = new Map<string, number>()
  for (const { caption } of rows) {
    for (const tag of new Set(tagsOf(caption))) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return sorted.slice(0, mostTags).map(([tag, pictures]) => ({ tag, pictures }))
}

function countFolders(rows: readonly PictureRow[]) {
  const found = Map.groupBy(rows, ({ path }) => classOf(path))
  return classesOf(rows).map(name => ({ name, pictures: found.get(name)?.length ?? 0 }))
}

/** Groups of pictures that show the same, by number, among those that are not left out. */
function duplicatesIn(rows: readonly PictureRow[], finder: DuplicateFinder): readonly (readonly number[])[] {
  const seen = rows
    .filter(isUsable)
    .flatMap(({ number, hash, perceptualHash }) =>
      hash === undefined || perceptualHash === undefined ? [] : [{ number, hash, perceptualHash }],
    )
  return finder.find(seen)
}

/** A page of pictures, by their paths. @throws Problem DATASET_UNKNOWN */
export function listPictures(
  datasets: Datasets,
  query: DatasetQuery,
  finder: DuplicateFinder,
): { pictures: DatasetPicture[]; total: number } {
  const { id, show, offset, limit, ...options } = DatasetQuery.parse(query)
  datasets.get(id)
  const rows = datasets.pictures(id)
  const groups = duplicatesIn(rows, finder)
  const groupOf = new Map(groups.flatMap(group => group.map(number => [number, group] as const)))
  const sizes = bucketSizes(withStep(options))
  const shown = rows.filter(row => isShown(row, show, groupOf, sizes))
  // What belongs together is shown together.
  if (show === 'duplicates') shown.sort((a, b) => place(groupOf, a) - place(groupOf, b))
  const page = shown.slice(offset, offset + limit).map((row): DatasetPicture => {
    const { fingerprint: _, perceptualHash: __, ...picture } = row
    const seen = row.hash === undefined ? undefined : seenOf(row, sizes)
    const bucket = seen && { ...seen.size, crop: seen.box, enlargement: seen.enlargement, isSmall: isSmall(seen) }
    const others = groupOf.get(row.number)?.filter(number => number !== row.number)
    return { ...picture, ...(bucket && { bucket }), ...(others && { duplicates: others }) }
  })
  return { pictures: page, total: shown.length }
}

type Show = NonNullable<DatasetQuery['show']>

function isShown(
  row: PictureRow,
  show: Show,
  groupOf: ReadonlyMap<number, readonly number[]>,
  sizes: readonly Size[],
): boolean {
  if (show === 'refused') return row.problem !== undefined
  if (show === 'left out') return row.isLeftOut
  if (show === 'class images') return row.isClassImage
  if (show === 'small') return isUsable(row) && isSmall(seenOf(row, sizes))
  if (show === 'duplicates') return groupOf.has(row.number)
  return show === 'all' || (isUsable(row) && row.caption === '')
}

const place = (groupOf: ReadonlyMap<number, readonly number[]>, { number }: PictureRow): number =>
  groupOf.get(number)?.[0] ?? number
