import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import { backUpIfDue } from './backups.ts'
import { type BlobReport, BlobStore, type Disk, realDisk } from './blobs.ts'
import { Boards } from './boards.ts'
import { Datasets } from './datasets/datasets.ts'
import { Documents } from './documents/documents.ts'
import { Engines } from './engines.ts'
import { type Facets, readFacets } from './facets.ts'
import { PictureFeatures } from './features/picture-features.ts'
import { Images, type SamplerNames } from './images.ts'
import { type JobRow, Jobs } from './jobs.ts'
import { KeptPictures } from './kept-pictures.ts'
import { Lineage } from './lineage.ts'
import { PrecisionLosses } from './losses.ts'
import { Marks } from './marks.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { ModelTable } from './models.ts'
import { Neighbours } from './neighbours.ts'
import { PromptHistory } from './prompt-history.ts'
import type { Image, ProblemInfo } from './records.ts'
import { SettingsTable } from './settings.ts'
import { libraryProblem, Store } from './store.ts'
import { Styles } from './styles.ts'
import { Timings } from './timings.ts'

export interface LibraryOptions {
  /** The person's folder; made when it is not there. */
  readonly home: string
  /** Whether jobs that wait stay for the next engine (the app), or are of this session alone (a command). */
  readonly keepsQueue: boolean
  readonly samplerNames?: SamplerNames
  readonly disk?: Disk
}

/** What was found while opening after an engine that ended without a word. */
export interface Recovery {
  /** Jobs that are `interrupted` now, and jobs that this engine took into its queue. */
  readonly jobs: readonly JobRow[]
  /** Files and rows that do not fit together; none of them was changed. */
  readonly blobs: BlobReport
}

/** The pictures, recipes, jobs, models and settings of a person. Several engines may have it open at once. */
export interface Library {
  /** Id of the engine that opened it. */
  readonly engine: string
  readonly images: Images
  /** Which picture was made from which. */
  readonly lineage: Lineage
  /** How many pictures there are of each kind. */
  facets(): Facets
  /** What pictures look like. */
  readonly features: PictureFeatures
  /** Ratings and tags of pictures. */
  readonly marks: Marks
  readonly boards: Boards
  readonly blobs: BlobStore
  readonly keptPictures: KeptPictures
  readonly jobs: Jobs
  readonly models: ModelTable
  readonly datasets: Datasets
  readonly documents: Documents
  readonly settings: SettingsTable
  /** Words and values under names. */
  readonly styles: Styles
  /** What was written before. */
  readonly promptHistory: PromptHistory
  readonly timings: Timings
  readonly losses: PrecisionLosses
  /** Undefined when the library had been closed properly; else settles when the blob folder was looked through. */
  readonly recovery: Promise<Recovery> | undefined
  /** All or nothing. */
  transaction<T>(work: () => T): T
  /** Copies the database to `backups/`, between other work, if the last copy is a week old. @returns whether it was copied */
  backUpIfDue(): Promise<boolean>
  /** Pictures that other engines added since the last time that this was asked. */
  addedByOthers(): Image[]
  close(): void
}

const INTERRUPTED: ProblemInfo = {
  code: 'ENGINE_ENDED',
  message: 'Sfumato ended unexpectedly while this was being made.',
  hint: 'Run it again.',
}
const CLOSED: ProblemInfo = {
  code: 'ENGINE_CLOSED',
  message: 'Sfumato was closed while this was being made.',
  hint: 'Run it again.',
}

/** Opens the library, makes or migrates it. After an unclean end: SQLite's own check first, then jobs of engines that are no
 *  more are ended or taken over, then files are compared with rows (in the background).
 *  @throws Problem LIBRARY_DAMAGED, LIBRARY_NEWER, LIBRARY_READ_ONLY, LIBRARY_BUSY, DISK_FULL ... with nothing changed */
export function openLibrary(options: LibraryOptions): Library {
  const { home, keepsQueue, samplerNames = () => [], disk = realDisk } = options
  makeFolder(home)
  const store = new Store(join(home, 'library.db'))
  try {
    const engine = randomUUID()
    const engines = new Engines(store, join(home, 'engines'), engine)
    // A damaged library is not touched, not even by a migration.
    if (store.version > 0 && engines.others().dead.length > 0) refuseDamaged(store)
    migrate(store, migrations)
    engines.join(keepsQueue)
    const blobs = new BlobStore(join(home, 'blobs'), store, engine, disk)
    const jobs = new Jobs(store, engine)
    const keptPictures = new KeptPictures(store, blobs)
    const images = new Images(store, blobs, keptPictures, samplerNames)
    const neighbours = new Neighbours(store, images, engine)
    const documents = new Documents(store, blobs)
    const features = new PictureFeatures(store)
    documents.tiles.settleSoon()
    const recovery = recover({ engines, blobs, jobs, documents, keepsQueue, engine })
    return {
      engine,
      images,
      keptPictures,
      lineage: new Lineage(store, images),
      facets: () => readFacets(store, features.lookedAt),
      features,
      marks: new Marks(store),
      boards: new Boards(store),
      blobs,
      jobs,
      models: new ModelTable(store),
      datasets: new Datasets(store),
      documents,
      settings: new SettingsTable(store),
      styles: new Styles(store),
      promptHistory: new PromptHistory(store),
      timings: new Timings(store),
      losses: new PrecisionLosses(store),
      recovery,
      transaction: work => store.transaction(work),
      backUpIfDue: () => backUpIfDue(store),
      addedByOthers: () => neighbours.added(),
      close() {
        documents.tiles.close()
        features.close()
        try {
          jobs.leave(keepsQueue, CLOSED)
          engines.leave()
        } finally {
          store.close()
        }
      },
    }
  } catch (error) {
    store.close()
    throw error
  }
}

interface Parts {
  engines: Engines
  blobs: BlobStore
  jobs: Jobs
  documents: Documents
  keepsQueue: boolean
  engine: string
}

function recover({ engines, blobs, jobs, documents, keepsQueue, engine }: Parts): Promise<Recovery> | undefined {
  const { alive, dead } = engines.others()
  const changed = jobs.takeOver(dead, keepsQueue, INTERRUPTED)
  for (const { id } of dead) engines.forget(id)
  if (dead.length === 0) return undefined
  return checkBlobs(blobs, documents, new Set([...alive, engine])).then(report => ({ jobs: changed, blobs: report }))
}

async function checkBlobs(blobs: BlobStore, documents: Documents, alive: ReadonlySet<string>): Promise<BlobReport> {
  // Tiles whose files a power cut took are written once more.
  await documents.tiles.settle()
  await blobs.removeDoomed()
  return blobs.check(alive)
}

function makeFolder(home: string): void {
  try {
    mkdirSync(home, { recursive: true })
  } catch (error) {
    throw libraryProblem(error, home)
  }
}

function refuseDamaged(store: Store): void {
  const damages = store.damages()
  if (damages.length === 0) return
  throw new Problem('LIBRARY_DAMAGED', `${store.path} is damaged and was left as it is.`, {
    hint: 'Put a copy from the folder "backups" beside it in its place, then start again.',
    details: { damages: damages.slice(0, 20) },
  })
}
