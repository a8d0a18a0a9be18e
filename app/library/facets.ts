import { z } from 'zod'
import { TagCount } from './marks.ts'
import type { Store } from './store.ts'

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
})
export type Facets = z.infer<typeof Facets>

/** Of tags and months, at most: the search finds the others. */
const most = 24

export function readFacets(store: Store): Facets {
  const [counts] = store.all<{ all: number; starred: number; trash: number }>(
    `SELECT count(*) FILTER (WHERE trashedAt IS NULL) AS "all", count(*) FILTER (WHERE trashedAt IS NULL AND starred = 1) AS starred,
     count(*) FILTER (WHERE trashedAt IS NOT NULL) AS trash FROM images`,
  )
  const rated = store.all<{ rating: number; images: number }>(
    'SELECT rating, count(*) AS images FROM images WHERE rating > 0 AND trashedAt IS NULL GROUP BY rating ORDER BY rating DESC',
  )
  let sum = 0
  return {
    ...(counts ?? { all: 0, starred: 0, trash: 0 }),
    ratings: rated.map(({ rating, images }) => {
      sum += images
      return { rating, images: sum }
    }),
    models: store.all(
      `SELECT model AS name, count(*) AS images FROM recipes JOIN images ON number = image
       WHERE trashedAt IS NULL AND model <> '' GROUP BY model ORDER BY images DESC, model LIMIT ${most}`,
    ),
    tags: store.all(
      `SELECT min(tag COLLATE BINARY) AS tag, count(*) AS images FROM imageTags JOIN images ON images.number = image
       WHERE trashedAt IS NULL GROUP BY tag COLLATE NOCASE ORDER BY images DESC, tag LIMIT ${most}`,
    ),
    months: store.all(
      `SELECT strftime('%Y-%m', createdAt / 1000, 'unixepoch', 'localtime') AS month, count(*) AS images FROM images
       WHERE trashedAt IS NULL GROUP BY month ORDER BY month DESC LIMIT ${most}`,
    ),
  }
}
