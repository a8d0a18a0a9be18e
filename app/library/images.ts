import { randomUUID } from 'node:crypto'
import { Problem } from '../problem.ts'
import type { Blob, BlobStore } from './blobs.ts'
import { type Span, spanOf } from './dates.ts'
import type { KeptPictures } from './kept-pictures.ts'
import { type Image, ImageQuery, type Recipe } from './records.ts'
import { containing, fullTextQuery, parseSearch } from './search.ts'
import type { Store, Values } from './store.ts'

/** A picture to be recorded: its file is in the blob store already. */
export interface NewImage {
  readonly blob: Blob
  readonly width: number
  readonly height: number
  readonly job?: string
  /** Where it stands in its batch, from 0. */
  readonly index: number
  readonly recipe?: Recipe
}

/** Some pictures of a list. */
export interface ImagePage {
  readonly images: Image[]
  /** Where the next page begins; absent on the last one. */
  readonly next?: string
  /** How many there are in all: with the first page alone. */
  readonly total?: number
}

/** What the search knows of samplers: their class names, by a word of the class or of the title. */
export type SamplerNames = (word: string) => readonly string[]

interface Row {
  number: number
  id: string
  hash: string
  width: number
  height: number
  createdAt: number
  starred: number
  rating: number
  tags: string | null
  trashedAt: number | null
  job: string | null
  place: number
  body: string | null
  cost: string | null
}

const COLUMNS = `images.*, recipes.body, (SELECT cost FROM jobs WHERE jobs.id = images.job) AS cost,
  (SELECT json_group_array(tag) FROM imageTags WHERE image = images.number) AS tags`
const RECIPES = 'LEFT JOIN recipes ON recipes.image = images.number'
const SELECT = `SELECT ${COLUMNS} FROM images ${RECIPES}`
/** In the order of a ranking. */
const RANKED = 'json_each(@ranking) AS ranked CROSS JOIN images ON images.hash = ranked.value'

/** Up to here, pictures that a search found are sorted faster than they are met on the way from the newest on. */
const FEW = 2000

/** The conditions so that SQLite begins with what was found (numbers of another table, ratings), not with all pictures that are not in the trash: the plus
 *  keeps it from that index. */
const oneByOne = ([trash, ...others]: readonly string[]): string =>
  [others.some(each => /IN \(SELECT|rating/.test(each)) ? `+${trash}` : trash, ...others].join(' AND ')

/** The conditions so that each picture of a ranking is tried by them, instead of all that they find by each of the ranking. */
const tried = (conditions: readonly string[]): string =>
  conditions.map(each => each.replace(/^images\.number IN/, '+images.number IN')).join(' AND ')

/** The pictures of the library, newest first. */
export class Images {
  readonly #store: Store
  readonly #blobs: BlobStore
  readonly #samplerNames: SamplerNames
  readonly #kept: KeptPictures

  constructor(store: Store, blobs: BlobStore, kept: KeptPictures, samplerNames: SamplerNames) {
    this.#store = store
    this.#blobs = blobs
    this.#kept = kept
    this.#samplerNames = samplerNames
  }

  /** Records pictures, all or none. @throws Problem BLOB_GONE, DISK_FULL ... with none recorded */
  add(images: readonly NewImage[], createdAt = Date.now()): Image[] {
    return this.#store.transaction(() => images.map(image => this.#addOne(image, createdAt)))
  }

  #addOne({ blob, width, height, job, index, recipe }: NewImage, createdAt: number): Image {
    this.#blobs.record(blob)
    const id = randomUUID()
    this.#store.run(
      'INSERT INTO images (id, hash, width, height, createdAt, job, place) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [id, blob.hash, width, height, createdAt, job ?? null, index],
    )
    if (recipe) {
      const { prompt, sampler } = recipe.parameters
      this.#store.run(
        `INSERT INTO recipes (image, prompt, seed, model, sampler, body)
         SELECT number, ?, ?, ?, ?, ? FROM images WHERE id = ?`,
        [textOf(prompt), recipe.seed, recipe.model.name, textOf(sampler), JSON.stringify(recipe), id],
      )
      this.#store.run(
        `INSERT INTO parents (image, hash)
         SELECT DISTINCT number, json_each.value FROM images, json_each(?) WHERE images.id = ?`,
        [JSON.stringify(recipe.parents), id],
      )
    }
    return this.get(id)
  }

  /** @throws Problem IMAGE_UNKNOWN */
  get(id: string): Image {
    const image = this.find(id)
    if (image) return image
    throw new Problem('IMAGE_UNKNOWN', 'This picture is not in the library any more.')
  }

  /** A picture by its id, if it is in the library. */
  find(id: string): Image | undefined {
    const row = this.#store.get<Row>(`${SELECT} WHERE images.id = ?`, [id])
    return row && imageOf(row)
  }

  /** The number of the picture that was recorded last; 0 in an empty library. Numbers only grow. */
  get lastNumber(): number {
    return this.#store.get<{ last: number | null }>('SELECT max(number) AS last FROM images')?.last ?? 0
  }

  /** Pictures that other engines than this one recorded after a number, oldest first. */
  addedAfter(number: number, engine: string): Image[] {
    const rows = this.#store.all<Row>(
      `${SELECT} JOIN jobs ON jobs.id = images.job WHERE images.number > ? AND jobs.engine <> ? ORDER BY images.number`,
      [number, engine],
    )
    return rows.map(imageOf)
  }

  /** Ids of the pictures that a job made, in the order of its batch. */
  ofJob(job: string): string[] {
    const rows = this.#store.all<{ id: string }>('SELECT id FROM images WHERE job = ? ORDER BY place', [job])
    return rows.map(row => row.id)
  }

  /** A page of pictures, newest first; `next` continues after it, however many were added meanwhile. How many there are is counted with the first
   *  page.  @param ranking hashes of the pictures that count, in the order in which they come  @throws Problem CURSOR_INVALID */
  list(query: ImageQuery, ranking?: readonly string[]): ImagePage {
    const { cursor, limit } = ImageQuery.parse(query)
    const { conditions, values } = this.#narrowed(query)
    const counted = cursor === undefined ? this.#count(conditions, values, ranking) : undefined
    const total = counted === undefined ? {} : { total: counted }
    // Many are found on the way from the newest on; few are looked up one by one.
    const where = () => (counted !== undefined && counted <= FEW ? oneByOne(conditions) : conditions.join(' AND '))
    if (ranking !== undefined) {
      const from = cursor === undefined ? 0 : parseCursor(cursor).number
      const rows = this.#store.all<Row>(
        `SELECT ${COLUMNS} FROM (
           SELECT images.number AS found, ranked.key AS rank FROM ${RANKED} WHERE ${tried(conditions)}
           ORDER BY rank, found DESC LIMIT ${limit + 1} OFFSET ${from}
         ) JOIN images ON images.number = found ${RECIPES} ORDER BY rank, found DESC`,
        { ...values, ranking: JSON.stringify(ranking) },
      )
      const next = rows.length > limit ? { next: `0.${from + limit}` } : {}
      return { images: rows.slice(0, limit).map(imageOf), ...total, ...next }
    }
    if (cursor !== undefined) {
      conditions.push('(images.createdAt, images.number) < (@time, @number)')
      Object.assign(values, parseCursor(cursor))
    }
    const rows = this.#store.all<Row>(
      `SELECT ${COLUMNS} FROM (
         SELECT number AS found FROM images WHERE ${where()} ORDER BY createdAt DESC, number DESC LIMIT ${limit + 1}
       ) JOIN images ON images.number = found ${RECIPES} ORDER BY images.createdAt DESC, images.number DESC`,
      values,
    )
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const next = rows.length > limit && last ? { next: `${last.createdAt}.${last.number}` } : {}
    return { images: page.map(imageOf), ...total, ...next }
  }

  /** Hashes of all pictures that a query asks for, whatever they look like; undefined where that is all there are. */
  hashesOf(query: ImageQuery): Set<string> | undefined {
    const { conditions, values } = this.#narrowed(query)
    const [trashed] = this.#store.all('SELECT 1 FROM images WHERE trashedAt IS NOT NULL LIMIT 1')
    if (conditions.length === 1 && trashed === undefined) return undefined
    const rows = this.#store.all<{ hash: string }>(
      `SELECT DISTINCT hash FROM images WHERE ${oneByOne(conditions)}`,
      values,
    )
    return new Set(rows.map(({ hash }) => hash))
  }

  #narrowed(query: ImageQuery): { conditions: string[]; values: Record<string, string | number> } {
    const { search, trashed, starred, board } = ImageQuery.parse(query)
    const conditions: string[] = [trashed ? 'trashedAt IS NOT NULL' : 'trashedAt IS NULL']
    const values: Record<string, string | number> = {}
    if (starred !== undefined) conditions.push(`starred = ${starred ? 1 : 0}`)
    if (board !== undefined) {
      conditions.push(
        'images.number IN (SELECT image FROM boardImages JOIN boards ON boards.number = board WHERE boards.id = @board)',
      )
      values.board = board
    }
    this.#addSearch(search, conditions, values)
    return { conditions, values }
  }

  #count(conditions: readonly string[], values: Values, ranking: readonly string[] | undefined): number {
    const from = ranking === undefined ? `images WHERE ${oneByOne(conditions)}` : `${RANKED} WHERE ${tried(conditions)}`
    const row = this.#store.get<{ total: number }>(`SELECT count(*) AS total FROM ${from}`, {
      ...values,
      ...(ranking !== undefined && { ranking: JSON.stringify(ranking) }),
    })
    return row?.total ?? 0
  }

  #addSearch(text: string, conditions: string[], values: Record<string, string | number>): void {
    const search = parseSearch(text)
    const value = (text: string | number) => {
      const name = `v${Object.keys(values).length}`
      values[name] = text
      return `@${name}`
    }
    const words = fullTextQuery(search.words)
    if (words !== undefined) {
      conditions.push(`images.number IN (SELECT rowid FROM promptWords WHERE promptWords MATCH ${value(words)})`)
    }
    const recipes = (condition: string) =>
      conditions.push(`images.number IN (SELECT image FROM recipes WHERE ${condition})`)
    for (const seed of search.seeds) {
      recipes(`seed = ${value(/^\d+$/.test(seed) ? String(BigInt(seed)) : seed)}`)
    }
    for (const model of search.models) recipes(`model LIKE ${value(containing(model))} ESCAPE '\\'`)
    for (const tag of search.tags) {
      conditions.push(`images.number IN (SELECT image FROM imageTags WHERE tag = ${value(tag)})`)
    }
    const made = (span: Span | undefined, condition: (span: Span) => string) =>
      conditions.push(span === undefined ? 'FALSE' : condition(span))
    for (const date of search.dates) {
      made(spanOf(date), ({ from, until }) => `createdAt >= ${value(from)} AND createdAt < ${value(until)}`)
    }
    for (const date of search.after) made(spanOf(date), ({ until }) => `createdAt >= ${value(until)}`)
    for (const date of search.before) made(spanOf(date), ({ from }) => `createdAt < ${value(from)}`)
    for (const rating of search.ratings)
      conditions.push(`images.rating > 0 AND images.rating >= ${value(/^[1-5]$/.test(rating) ? Number(rating) : 9)}`)
    for (const sampler of search.samplers) {
      const named = this.#samplerNames(sampler).map(value)
      const like = `sampler LIKE ${value(containing(sampler))} ESCAPE '\\'`
      recipes(`sampler IN (${named}) OR ${like}`)
    }
  }

  /** @throws Problem IMAGE_UNKNOWN */
  star(id: string, starred: boolean): Image {
    this.#store.run('UPDATE images SET starred = ? WHERE id = ?', [starred ? 1 : 0, id])
    return this.get(id)
  }

  /** Moves pictures to the trash. @returns the ids that were moved; unknown ones and those there already are left out */
  trash(ids: readonly string[], now = Date.now()): string[] {
    const move = (id: string) =>
      this.#store.run('UPDATE images SET trashedAt = ? WHERE id = ? AND trashedAt IS NULL', [now, id])
    return this.#store.transaction(() => ids.filter(id => move(id) > 0))
  }

  /** Takes pictures out of the trash again. @returns the ids that were restored */
  restore(ids: readonly string[]): string[] {
    const move = (id: string) =>
      this.#store.run('UPDATE images SET trashedAt = NULL WHERE id = ? AND trashedAt IS NOT NULL', [id])
    return this.#store.transaction(() => ids.filter(id => move(id) > 0))
  }

  /** Removes for good what is in the trash, and the files that nothing names any more. @returns the ids that were removed */
  async emptyTrash(): Promise<string[]> {
    const removed = this.#store.transaction(() => {
      const rows = this.#store.all<{ id: string }>('DELETE FROM images WHERE trashedAt IS NOT NULL RETURNING id')
      this.#kept.forgetUnused()
      this.#blobs.doomUnused()
      return rows.map(row => row.id)
    })
    await this.#blobs.removeDoomed()
    return removed
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function imageOf(row: Row): Image {
  return {
    id: row.id,
    hash: row.hash,
    width: row.width,
    height: row.height,
    createdAt: row.createdAt,
    starred: row.starred === 1,
    index: row.place,
    ...(row.rating > 0 && { rating: row.rating }),
    ...(row.tags !== null && row.tags !== '[]' && { tags: JSON.parse(row.tags) }),
    ...(row.trashedAt === null ? {} : { trashedAt: row.trashedAt }),
    ...(row.job === null ? {} : { jobId: row.job }),
    ...(row.body === null ? {} : { recipe: JSON.parse(row.body) }),
    ...(row.cost === null ? {} : { cost: JSON.parse(row.cost) }),
  }
}

function parseCursor(cursor: string): { time: number; number: number } {
  const [, time, number] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? []
  if (time === undefined || number === undefined) {
    throw new Problem('CURSOR_INVALID', 'The place in the list is not one that the library gave out.', {
      hint: 'Start from the beginning of the list.',
    })
  }
  return { time: Number(time), number: Number(number) }
}
