import { stat } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Datasets, Look, PictureRow } from '../app/library/datasets/datasets.ts'
import { Problem } from '../app/problem.ts'
import type { PictureReader } from './picture-reader-process.ts'
import type { Thumbnails } from './thumbnails.ts'

/** Pictures that are written down together. */
const batch = 32

interface LookParts {
  readonly table: Datasets
  readonly thumbnails: Thumbnails
  readonly reader: PictureReader
  readonly signal: AbortSignal
  /** Is told how many of the files are done. */
  readonly onProgress: (done: number) => void
}

/** Looks through the pictures of a data set's folder, one at a time, in the picture reader's process. Files that are as they were and could be read are
 *  passed over; one that has another name now keeps what is known of it; one that cannot be read is written down with its problem.
 *  @param paths all pictures that there are  @throws Problem DISK_FULL, LIBRARY_*; what the signal was aborted with */
export async function lookThrough(
  dataset: { readonly id: string; readonly folder: string; readonly mayFlip: boolean },
  paths: readonly string[],
  parts: LookParts,
): Promise<void> {
  const { id, folder, mayFlip } = dataset
  const { table, signal, onProgress } = parts
  table.setComplete(id, false)
  const known = new Map(table.pictures(id).map(row => [row.path, row]))
  const places = new Map(paths.map(path => [relative(folder, path).split(sep).join('/'), path]))
  const missing = new Missing([...known.values()].filter(({ path }) => !places.has(path)))
  let looks: Look[] = []
  let done = 0
  for (const [path, file] of places) {
    signal.throwIfAborted()
    const fingerprint = await fingerprintOf(file)
    const row = known.get(path)
    if (!row || row.fingerprint !== fingerprint || row.problem || !hasThumbnail(row, parts.thumbnails)) {
      const look = await lookAt(file, { path, fingerprint }, parts)
      if (!row && 'hash' in look) missing.follow(look.hash, from => table.move(id, from, path))
      looks.push(look)
    }
    onProgress(++done)
    if (looks.length < batch) continue
    table.record(id, looks, mayFlip)
    looks = []
    await setImmediate()
  }
  signal.throwIfAborted()
  table.record(id, looks, mayFlip)
  for (const path of missing.paths()) table.miss(id, path, gone(join(folder, path)))
  table.setComplete(id, true)
}

/** Changes when a picture or the text beside it does. */
async function fingerprintOf(file: string): Promise<string> {
  const text = `${file.slice(0, file.length - extname(file).length)}.txt`
  const states = await Promise.all([file, text].map(path => stat(path).catch(() => undefined)))
  return states.map(state => (state ? `${state.size} ${state.mtimeMs}` : 'none')).join(', ')
}

const hasThumbnail = ({ thumbnail }: PictureRow, thumbnails: Thumbnails): boolean =>
  thumbnail === undefined || thumbnails.find(thumbnail) !== undefined

async function lookAt(
  file: string,
  place: Pick<Look, 'path' | 'fingerprint'>,
  { reader, thumbnails, signal }: LookParts,
): Promise<Look> {
  try {
    const { thumbnail, ...seen } = await reader.look(file)
    return { ...place, ...seen, thumbnail: await thumbnails.put(thumbnail) }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Problem) || error.code === 'DISK_FULL') throw error
    const { code, message, hint } = error
    return { ...place, problem: { code, message, ...(hint !== undefined && { hint }) } }
  }
}

/** Rows whose file is not where it was. */
class Missing {
  readonly #rows: Map<string, PictureRow>

  constructor(rows: readonly PictureRow[]) {
    this.#rows = new Map(rows.map(row => [row.path, row]))
  }

  /** Lets `move` have the path of one whose file had this hash: it is the same file at another place. */
  follow(hash: string, move: (from: string) => void): void {
    const row = this.#rows.values().find(each => each.hash === hash)
    if (!row) return
    this.#rows.delete(row.path)
    move(row.path)
  }

  paths(): Iterable<string> {
    return this.#rows.keys()
  }
}

const gone = (file: string) => ({
  code: 'PICTURE_GONE',
  message: `${file} is no longer there.`,
  hint: 'Put it back and look again, or remove it from the data set.',
})
