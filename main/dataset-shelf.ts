import { basename, resolve } from 'node:path'
import type { Dataset } from '../app/api/contract.ts'
import type { DatasetDesk } from '../app/api/studio.ts'
import { withStep } from '../app/library/datasets/buckets.ts'
import type { Datasets } from '../app/library/datasets/datasets.ts'
import { describeDataset, listPictures } from '../app/library/datasets/describe.ts'
import { DuplicateFinder } from '../app/library/datasets/duplicates.ts'
import { findPictures } from '../app/library/datasets/find-pictures.ts'
import {
  DatasetQuery,
  DatasetRequest,
  type PictureChange,
  type PictureWords,
  type TagChange,
} from '../app/library/datasets/records.ts'
import { type PlanOptions, planTraining, type TrainingPlan } from '../app/library/datasets/training-plan.ts'
import type { ProblemInfo } from '../app/library/records.ts'
import { Problem } from '../app/problem.ts'
import { lookThrough } from './look-through.ts'
import { PictureReader } from './picture-reader-process.ts'
import type { Thumbnails } from './thumbnails.ts'

/** Milliseconds between two words about how far a look is. */
const PROGRESS_INTERVAL = 250

/** A look through a folder that goes on. */
interface Looking {
  readonly abort: AbortController
  readonly ended: Promise<void>
  progress: { done: number; total: number }
  toldAt: number
}

/** The data sets of this computer, and the looks through their folders, which go on beside everything else. */
export class DatasetShelf implements DatasetDesk {
  readonly #table: Datasets
  readonly #thumbnails: Thumbnails
  readonly #reader: PictureReader
  readonly #duplicates = new DuplicateFinder()
  readonly #tell: (dataset: Dataset) => void
  readonly #looking = new Map<string, Looking>()
  /** Why the last look ended early. */
  readonly #problems = new Map<string, ProblemInfo>()

  constructor(parts: {
    readonly table: Datasets
    readonly thumbnails: Thumbnails
    /** Is given each data set that changed. */
    readonly onChange: (dataset: Dataset) => void
    readonly reader?: PictureReader
  }) {
    this.#table = parts.table
    this.#thumbnails = parts.thumbnails
    this.#reader = parts.reader ?? new PictureReader()
    this.#tell = parts.onChange
  }

  list(): Dataset[] {
    return this.#table.list().map(row => this.#withState(row))
  }

  /** A data set by its id, its name, or its folder. @throws Problem DATASET_UNKNOWN */
  find(reference: string): Dataset {
    const all = this.list()
    const found =
      all.find(({ id }) => id === reference) ??
      all.find(({ name }) => name.toLowerCase() === reference.toLowerCase()) ??
      all.find(({ folder }) => folder === resolve(reference))
    if (found) return found
    throw new Problem('DATASET_UNKNOWN', `There is no data set ${JSON.stringify(reference)} in the library.`)
  }

  async create(request: DatasetRequest): Promise<Dataset> {
    const { name, background, mayFlip, ...rest } = DatasetRequest.parse(request)
    const folder = resolve(rest.folder)
    const paths = await picturesIn(folder)
    const id = this.#table.add({ name: name ?? basename(folder), folder, background })
    this.#start(id, paths, mayFlip)
    return this.#told(id)
  }

  async lookAgain(id: string): Promise<Dataset> {
    const { folder } = this.#table.get(id)
    const paths = await picturesIn(folder)
    if (!this.#looking.has(id)) this.#start(id, paths, false)
    return this.#told(id)
  }

  /** Takes pictures that a model drew of a class into the library, or looks at their folder again where it is there; they are marked as class
   *  images. @throws Problem DATASET_EMPTY, FILE_*, LIBRARY_* */
  async keepClassImages(folder: string, name: string): Promise<Dataset> {
    const known = this.list().find(dataset => dataset.folder === resolve(folder))
    const { id } = known ? await this.lookAgain(known.id) : await this.create({ folder, name })
    await this.settled(id)
    this.change({ id, pictures: 'all', isClassImage: true })
    return this.#told(id)
  }

  cancel(id: string): Dataset {
    const dataset = this.#table.get(id)
    this.#looking.get(id)?.abort.abort()
    return this.#withState(dataset)
  }

  /** Resolves when nobody looks through a data set's folder any more. */
  async settled(id: string): Promise<Dataset> {
    await this.#looking.get(id)?.ended
    return this.#withState(this.#table.get(id))
  }

  details(query: DatasetQuery) {
    const { id, ...options } = DatasetQuery.parse(query)
    const dataset = this.#withState(this.#table.get(id))
    return describeDataset(dataset, this.#table.pictures(id), withStep(options), this.#duplicates)
  }

  pictures(query: DatasetQuery) {
    return listPictures(this.#table, query, this.#duplicates)
  }

  change(change: PictureChange): number {
    const changed = this.#table.change(change)
    this.#told(change.id)
    return changed
  }

  editTags(change: TagChange): PictureWords[] {
    const before = this.#table.editTags(change)
    this.#told(change.id)
    return before
  }

  putWordsBack(id: string, words: readonly PictureWords[]): number {
    const changed = this.#table.putWordsBack(id, words)
    this.#told(id)
    return changed
  }

  remove(ids: readonly string[]): string[] {
    for (const id of ids) this.#looking.get(id)?.abort.abort()
    const shown = ids.flatMap(id => this.#table.pictures(id).flatMap(({ thumbnail }) => thumbnail ?? []))
    const removed = this.#table.remove(ids)
    this.#thumbnails.remove(shown.filter(thumbnail => !this.#table.shows(thumbnail)))
    return removed
  }

  /** What a trainer learns from. @throws Problem DATASET_UNKNOWN, DATASET_EMPTY */
  trainingPlan(id: string, options: PlanOptions): TrainingPlan {
    return planTraining(this.#table.get(id), this.#table.pictures(id), options)
  }

  /** Ends all looks. */
  close(): void {
    for (const { abort } of this.#looking.values()) abort.abort()
    this.#reader.close()
  }

  #start(id: string, paths: readonly string[], mayFlip: boolean): void {
    const abort = new AbortController()
    this.#problems.delete(id)
    const { folder } = this.#table.get(id)
    const parts = { table: this.#table, thumbnails: this.#thumbnails, reader: this.#reader, signal: abort.signal }
    const onProgress = (done: number) => this.#report(id, done)
    const ended = lookThrough({ id, folder, mayFlip }, paths, { ...parts, onProgress })
      .catch(error => {
        if (!abort.signal.aborted) this.#problems.set(id, infoOf(error))
      })
      .finally(() => {
        this.#looking.delete(id)
        if (this.#table.list().some(row => row.id === id)) this.#told(id)
      })
      // After close the library may be shut: nobody is there to be told.
      .catch(() => {})
    this.#looking.set(id, { abort, ended, progress: { done: 0, total: paths.length }, toldAt: performance.now() })
  }

  #report(id: string, done: number): void {
    const looking = this.#looking.get(id)
    if (!looking) return
    looking.progress = { ...looking.progress, done }
    if (performance.now() - looking.toldAt < PROGRESS_INTERVAL) return
    looking.toldAt = performance.now()
    this.#told(id)
  }

  #told(id: string): Dataset {
    const dataset = this.#withState(this.#table.get(id))
    this.#tell(dataset)
    return dataset
  }

  #withState(row: Dataset): Dataset {
    const progress = this.#looking.get(row.id)?.progress
    const problem = this.#problems.get(row.id)
    return { ...row, ...(progress && { progress }), ...(problem && { problem }) }
  }
}

async function picturesIn(folder: string): Promise<string[]> {
  const paths = await findPictures(folder)
  if (paths.length > 0) return paths
  throw new Problem('DATASET_EMPTY', `There is no picture in ${folder}.`, {
    hint: 'Choose a folder with PNG, JPEG, WebP, AVIF, GIF or TIFF files.',
  })
}

function infoOf(error: unknown): ProblemInfo {
  if (!(error instanceof Problem)) {
    return { code: 'DATASET_FAILED', message: 'The folder could not be looked through.', hint: 'Look again.' }
  }
  const { code, message, hint } = error
  return { code, message, ...(hint !== undefined && { hint }) }
}
