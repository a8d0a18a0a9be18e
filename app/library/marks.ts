import { z } from 'zod'
import type { Store } from './store.ts'

/** A word by which pictures are found again; capitals make no difference. */
export const Tag = z
  .string()
  .max(100)
  .transform(tag => tag.trim().replaceAll(/\s+/g, ' '))
  .refine(tag => tag !== '', 'a tag has at least one letter')

export const TagCount = z.object({ tag: z.string(), images: z.int() })
export type TagCount = z.infer<typeof TagCount>

/** Ratings and tags of pictures. Ids that are none are left out. */
export class Marks {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** @param rating 1 to 5, or 0 for none  @returns the ids that were rated */
  rate(ids: readonly string[], rating: number): string[] {
    const rate = (id: string) => this.#store.run('UPDATE images SET rating = ? WHERE id = ?', [rating, id])
    return this.#store.transaction(() => ids.filter(id => rate(id) > 0))
  }

  /** @returns the ids of the pictures that there are */
  tag(
    ids: readonly string[],
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): string[] {
    return this.#store.transaction(() =>
      ids.filter(id => {
        const image = this.#store.get<{ number: number }>('SELECT number FROM images WHERE id = ?', [id])?.number
        if (image === undefined) return false
        for (const tag of change.remove)
          this.#store.run('DELETE FROM imageTags WHERE image = ? AND tag = ?', [image, tag])
        for (const tag of change.add) {
          this.#store.run('INSERT INTO imageTags (image, tag) VALUES (?, ?) ON CONFLICT DO NOTHING', [image, tag])
        }
        return true
      }),
    )
  }

  /** Tags of pictures that are not in the trash, those of the most pictures first. */
  tags(): TagCount[] {
    return this.#store.all<TagCount>(
      `SELECT min(tag COLLATE BINARY) AS tag, count(*) AS images FROM imageTags JOIN images ON images.number = image
       WHERE trashedAt IS NULL GROUP BY tag COLLATE NOCASE ORDER BY images DESC, tag`,
    )
  }
}
