import { z } from 'zod'
import { TagCount } from './marks.ts'
import type { Store } from './store.ts'

/** How many pictures were looked at for searches by what they look like, of how many. */
export const LookedAt = z.object({ done: z.int(), total: z.int() })
export type LookedAt = z.infer<typeof LookedAt>

/** By what the pictures of the library can be narrowed, and how many there are of each. The trash is counted alone. */
export const Facets = z.object({
  all: z.int(),
  starred: z.int(),
  trash: z.int(),
  /** The highest first; `images` counts those with at least this rating. */
  ratings: z.array(z.object({ rating: z.int(), images: z.int() })),
  /** Those of the most pictures first. */
  models: z.array(z.object({ name: z.string(), images: z.int() })),
  tags: z.array(TagCount),
  /** Months of the local calendar, the latest first: "2026-11". */
  months: z.array(z.object({ month: z.string(), images: z.int() })),
  lookedAt: LookedAt,
})
export type Facets = z.infer<typeof Facets>

/** Of tags and months, at most: the search finds the others. */
const most = 24

const trash = 'images INDEXED BY images_in_trash WHERE trashedAt IS NOT NULL'

/** Everything is counted in indexes, the trash included, and what is in the trash taken off: with 100,000 pictures, reading their rows would take a
 *  second. */
export function readFacets(store: Store, lookedAt: LookedAt): Facets {
  const count = (sql: string) => store.get<{ images: number }>(`SELECT count(*) AS images FROM ${sql}`)?.images ?? 0
  const ratings = groups(
    store,
    'SELECT rating AS name, count(*) AS images FROM images WHERE rating > 0 GROUP BY rating',
    `SELECT rating AS name, count(*) AS images FROM ${trash} AND rating > 0 GROUP BY rating`,
  )
  let sum = 0
  return {
    all: count('images WHERE trashedAt IS NULL'),
    starred: count('images WHERE starred = 1') - count(`${trash} AND starred = 1`),
    trash: count('images WHERE trashedAt IS NOT NULL'),
    ratings: ratings
      .toSorted((a, b) => b.name - a.name)
      .map(({ name, images }) => {
        sum += images
        return { rating: name, images: sum }
      }),
    models: mostFirst(
      groups<string>(
        store,
        "SELECT model AS name, count(*) AS images FROM recipes WHERE model <> '' GROUP BY model",
        `SELECT model AS name, count(*) AS images FROM images INDEXED BY images_in_trash CROSS JOIN recipes ON image = number
         WHERE trashedAt IS NOT NULL AND model <> '' GROUP BY model`,
      ),
    ),
    tags: mostFirst(
      groups<string>(
        store,
        'SELECT min(tag COLLATE BINARY) AS name, count(*) AS images FROM imageTags GROUP BY tag COLLATE NOCASE',
        `SELECT min(tag COLLATE BINARY) AS name, count(*) AS images FROM images INDEXED BY images_in_trash
         CROSS JOIN imageTags ON image = number WHERE trashedAt IS NOT NULL GROUP BY tag COLLATE NOCASE`,
      ),
    ).map(({ name, images }) => ({ tag: name, images })),
    months: months(store),
    lookedAt,
  }
}

interface Group<Name extends string | number> {
  readonly name: Name
  readonly images: number
}

/** Groups with their counts, what is in the trash taken off; those of which nothing is left are left out. */
function groups<Name extends string | number = number>(store: Store, all: string, trashed: string): Group<Name>[] {
  const keyOf = (name: Name) => String(name).toLowerCase()
  const gone = new Map(store.all<Group<Name>>(trashed).map(({ name, images }) => [keyOf(name), images]))
  const left = store
    .all<Group<Name>>(all)
    .map(({ name, images }) => ({ name, images: images - (gone.get(keyOf(name)) ?? 0) }))
  return left.filter(({ images }) => images > 0)
}

const mostFirst = (found: readonly Group<string>[]): Group<string>[] =>
  found.toSorted((a, b) => b.images - a.images || (a.name < b.name ? -1 : 1)).slice(0, most)

/** From the latest month on, each asked for by its time, so that nothing but the index is read. */
function months(store: Store): Facets['months'] {
  const found: Facets['months'] = []
  const latest = 'SELECT max(createdAt) AS time FROM images WHERE trashedAt IS NULL'
  let time = store.get<{ time: number | null }>(latest)?.time ?? null
  while (time !== null && found.length < most) {
    const day = new Date(time)
    const [from, until] = [0, 1].map(later => new Date(day.getFullYear(), day.getMonth() + later).getTime())
    const images =
      store.get<{ images: number }>(
        'SELECT count(*) AS images FROM images WHERE trashedAt IS NULL AND createdAt >= ? AND createdAt < ?',
        [from, until],
      )?.images ?? 0
    found.push({ month: `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}`, images })
    time = store.get<{ time: number | null }>(`${latest} AND createdAt < ?`, [from])?.time ?? null
  }
  return found
}
