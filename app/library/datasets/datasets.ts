import { randomUUID } from 'node:crypto'
import { Problem } from '../../problem.ts'
import type { ProblemInfo } from '../records.ts'
import type { Store } from '../store.ts'
import type { CropBox } from './buckets.ts'
import type { Dataset, DatasetPicture, PictureChange, PictureWords, TagChange } from './records.ts'
import { editTags } from './tags.ts'

/** A data set as it is kept. */
export type DatasetRow = Omit<Dataset, 'progress' | 'problem'>

/** A picture of a data set as it is kept. */
export interface PictureRow extends Omit<DatasetPicture, 'bucket' | 'duplicates'> {
  /** Changes when the file or its text does. */
  readonly fingerprint: string
  readonly perceptualHash?: string
}

/** What a look at a file gave: all that is known of it, or what is wrong with it. */
export type Look = Pick<PictureRow, 'path' | 'fingerprint'> &
  (
    | { readonly problem: ProblemInfo }
    | (Pick<PictureRow, 'width' | 'height' | 'format' | 'frames' | 'hasAlpha'> & {
        readonly hash: string
        readonly perceptualHash: string
        readonly thumbnail: string
        /** What the text beside it says. */
        readonly caption?: string
        readonly prompt?: string
      })
  )

interface StoredPicture {
  readonly number: number
  readonly path: string
  readonly fingerprint: string
  readonly hash: string | null
  readonly width: number
  readonly height: number
  readonly format: string
  readonly frames: number
  readonly hasAlpha: number
  readonly perceptualHash: string | null
  readonly thumbnail: string | null
  readonly caption: string
  readonly captionSource: PictureRow['captionSource']
  readonly isClassImage: number
  readonly mayFlip: number
  readonly isLeftOut: number
  readonly problem: string | null
  readonly crop: string | null
}

const usable = 'problem IS NULL AND isLeftOut = 0'

/** Data sets and their pictures: what was seen of them, and their words. */
export class Datasets {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Oldest first. */
  list(): DatasetRow[] {
    return this.#rows('')
  }

  /** @throws Problem DATASET_UNKNOWN */
  get(id: string): DatasetRow {
    const [row] = this.#rows('WHERE datasets.id = ?', id)
    if (row) return row
    throw new Problem('DATASET_UNKNOWN', 'This data set is not in the library any more.')
  }

  #rows(where: string, ...values: string[]): DatasetRow[] {
    const count = (condition: string) => `count(CASE WHEN ${condition} THEN 1 END)`
    const rows = this.#store.all<Omit<DatasetRow, 'isComplete'> & { isComplete: number }>(
      `SELECT datasets.id, name, folder, background, createdAt, lookedAt IS NOT NULL AS isComplete,
         ${count(`number IS NOT NULL AND ${usable}`)} AS pictures,
         ${count(`${usable} AND caption <> ''`)} AS captioned,
         ${count(`${usable} AND isClassImage = 1`)} AS classImages,
         ${count('problem IS NOT NULL')} AS refused,
         ${count('problem IS NULL AND isLeftOut = 1')} AS leftOut
       FROM datasets LEFT JOIN datasetPictures ON datasetPictures.dataset = datasets.id
       ${where} GROUP BY datasets.id ORDER BY createdAt, datasets.id`,
      values,
    )
    return rows.map(row => ({ ...row, isComplete: row.isComplete === 1 }))
  }

  /** @returns its id */
  add({ name, folder, background }: Pick<DatasetRow, 'name' | 'folder' | 'background'>, now = Date.now()): string {
    const id = randomUUID()
    this.#store.run('INSERT INTO datasets (id, name, folder, background, createdAt) VALUES (?, ?, ?, ?, ?)', [
      ...[id, name, folder, background, now],
    ])
    return id
  }

  /** Forgets data sets; the files stay. @returns the ids that were known */
  remove(ids: readonly string[]): string[] {
    return ids.filter(id => this.#store.run('DELETE FROM datasets WHERE id = ?', [id]) > 0)
  }

  /** Whether any data set shows this small picture. */
  shows(thumbnail: string): boolean {
    return this.#store.get('SELECT 1 FROM datasetPictures WHERE thumbnail = ? LIMIT 1', [thumbnail]) !== undefined
  }

  /** Whether all of the folder was looked through. */
  setComplete(id: string, isComplete: boolean, now = Date.now()): void {
    this.#store.run('UPDATE datasets SET lookedAt = ? WHERE id = ?', [isComplete ? now : null, id])
  }

  /** All pictures, in the order of their paths as characters compare: it is the same on every computer. */
  pictures(id: string): PictureRow[] {
    const sql = 'SELECT * FROM datasetPictures WHERE dataset = ? ORDER BY path'
    return this.#store.all<StoredPicture>(sql, [id]).map(fromStored)
  }

  /** Writes down what was seen of files, all or none. Words that a person wrote are kept. @param mayFlip of pictures that are new */
  record(id: string, looks: readonly Look[], mayFlip: boolean): void {
    this.#store.transaction(() => {
      for (const look of looks) this.#recordOne(id, look, mayFlip)
    })
  }

  #recordOne(id: string, look: Look, mayFlip: boolean): void {
    const { path, fingerprint } = look
    const problem = 'problem' in look ? JSON.stringify(look.problem) : null
    const seen = 'problem' in look ? nothingSeen : look
    const { hash, width, height, format, frames, hasAlpha, perceptualHash, thumbnail } = seen
    const { text, source } = wordsOf(seen)
    this.#store.run(
      `INSERT INTO datasetPictures (dataset, path, fingerprint, hash, width, height, format, frames, hasAlpha, perceptualHash,
         thumbnail, caption, captionSource, mayFlip, problem)
       VALUES (@id, @path, @fingerprint, @hash, @width, @height, @format, @frames, @hasAlpha, @perceptualHash,
         @thumbnail, @text, @source, @mayFlip, @problem)
       ON CONFLICT (dataset, path) DO UPDATE SET fingerprint = @fingerprint, hash = @hash, width = @width, height = @height,
         format = @format, frames = @frames, hasAlpha = @hasAlpha, perceptualHash = @perceptualHash,
         thumbnail = @thumbnail, problem = @problem,
         crop = CASE WHEN @problem IS NOT NULL OR (width = @width AND height = @height) THEN crop END,
         caption = CASE WHEN captionSource = 'hand' OR @problem IS NOT NULL THEN caption ELSE @text END,
         captionSource = CASE WHEN captionSource = 'hand' OR @problem IS NOT NULL THEN captionSource ELSE @source END`,
      {
        ...{
          id,
          path,
          fingerprint,
          hash,
          width,
          height,
          format,
          frames,
          perceptualHash,
          thumbnail,
          text,
          source,
          problem,
        },
        ...{ hasAlpha: Number(hasAlpha), mayFlip: Number(mayFlip) },
      },
    )
  }

  /** A file has another place now; what is known of it stays. */
  move(id: string, from: string, to: string): void {
    this.#store.run('UPDATE datasetPictures SET path = ?, problem = NULL WHERE dataset = ? AND path = ?', [
      to,
      id,
      from,
    ])
  }

  /** Marks a picture that is no longer there; what a person wrote about it is kept in case it comes back. */
  miss(id: string, path: string, problem: ProblemInfo): void {
    const sql = "UPDATE datasetPictures SET problem = ?, fingerprint = '' WHERE dataset = ? AND path = ?"
    this.#store.run(sql, [JSON.stringify(problem), id, path])
  }

  /** Changes what a person says of pictures. @returns how many were changed */
  change(change: PictureChange): number {
    const { id, caption, crop, isClassImage, mayFlip, isLeftOut } = change
    const flags = { isClassImage, mayFlip, isLeftOut }
    const sets = Object.entries(flags).filter(([, value]) => value !== undefined)
    const columns = sets.map(([name]) => `${name} = @${name}`)
    if (caption !== undefined) columns.push("caption = @caption, captionSource = 'hand'")
    if (crop !== undefined) columns.push('crop = @crop')
    if (columns.length === 0) return 0
    const sql = `UPDATE datasetPictures SET ${columns.join(', ')} WHERE dataset = @id AND number = @number`
    const values = Object.fromEntries(sets.map(([name, value]) => [name, Number(value)]))
    const given = {
      ...(caption !== undefined && { caption: caption.trim() }),
      ...(crop && { crop: this.#kept(change) }),
    }
    return this.#store.transaction(() =>
      this.#numbers(change).reduce(
        (sum, number) => sum + this.#store.run(sql, { ...values, crop: null, ...given, id, number }),
        0,
      ),
    )
  }

  /** A crop as it is stored. @throws Problem CROP_OUTSIDE where a picture has no such part */
  #kept({ id, pictures, crop }: PictureChange): string {
    const chosen = new Set(this.#numbers({ id, pictures }))
    for (const { number, path, width, height } of this.pictures(id)) {
      if (chosen.has(number) && crop && !isInside(crop, { width, height })) {
        throw new Problem('CROP_OUTSIDE', `${path} is ${width} × ${height} pixels and has no such part.`, {
          hint: 'Choose a part of at least one pixel inside the picture.',
        })
      }
    }
    return JSON.stringify(crop)
  }

  /** Edits the tags of captions. @returns what the captions that changed were before */
  editTags(change: TagChange): PictureWords[] {
    const { id } = change
    return this.#store.transaction(() => {
      const chosen = new Set(this.#numbers(change))
      const captions = this.pictures(id).filter(({ number }) => chosen.has(number))
      const changed = captions.filter(({ caption }) => editTags(caption, change) !== caption)
      const edited = changed.map(({ number, caption }) => ({ number, caption: editTags(caption, change) }))
      this.putWordsBack(
        id,
        edited.map(words => ({ ...words, captionSource: 'hand' })),
      )
      return changed.map(({ number, caption, captionSource }) => ({ number, caption, captionSource }))
    })
  }

  /** Gives pictures the captions that they had. @returns how many there are */
  putWordsBack(id: string, words: readonly PictureWords[]): number {
    this.get(id)
    const sql = 'UPDATE datasetPictures SET caption = ?, captionSource = ? WHERE dataset = ? AND number = ?'
    return this.#store.transaction(() =>
      words.reduce(
        (sum, { number, caption, captionSource }) => sum + this.#store.run(sql, [caption, captionSource, id, number]),
        0,
      ),
    )
  }

  #numbers({ id, pictures }: Pick<PictureChange, 'id' | 'pictures'>): number[] {
    this.get(id)
    if (pictures !== 'all') return [...pictures]
    return this.pictures(id).flatMap(({ number, problem }) => (problem ? [] : [number]))
  }
}

const isInside = (
  { left, top, right, bottom }: CropBox,
  { width, height }: { width: number; height: number },
): boolean => left >= 0 && top >= 0 && right <= width && bottom <= height && right - left >= 1 && bottom - top >= 1

const nothingSeen = {
  ...{ hash: null, width: 0, height: 0, format: '', frames: 1, hasAlpha: false, perceptualHash: null, thumbnail: null },
  ...{ caption: undefined, prompt: undefined },
}

/** A text beside a picture comes before the prompt that it carries. */
function wordsOf({ caption, prompt }: { caption?: string | undefined; prompt?: string | undefined }) {
  if (caption !== undefined) return { text: caption, source: 'file' } as const
  return prompt === undefined ? ({ text: '', source: 'none' } as const) : ({ text: prompt, source: 'prompt' } as const)
}

function fromStored(row: StoredPicture): PictureRow {
  const { number, path, fingerprint, hash, width, height, format, frames, perceptualHash, caption, captionSource } = row
  return {
    ...{ number, path, fingerprint, width, height, format, frames, caption, captionSource },
    hasAlpha: row.hasAlpha === 1,
    isClassImage: row.isClassImage === 1,
    mayFlip: row.mayFlip === 1,
    isLeftOut: row.isLeftOut === 1,
    ...(hash !== null && { hash }),
    ...(perceptualHash !== null && { perceptualHash }),
    ...(row.thumbnail !== null && { thumbnail: row.thumbnail }),
    ...(row.problem !== null && { problem: JSON.parse(row.problem) }),
    ...(row.crop !== null && { crop: JSON.parse(row.crop) }),
  }
}
