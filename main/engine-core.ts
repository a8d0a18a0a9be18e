import { extname, join } from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { type Router, router } from '../app/api/router.ts'
import type { Studio } from '../app/api/studio.ts'
import { Downloads } from '../app/library/downloads/downloads.ts'
import { type Library, openLibrary } from '../app/library/library.ts'
import { openWildcards } from '../app/models/prompt/wildcards.ts'
import { operations as everyOperation } from '../app/operations/index.ts'
import type { Operation } from '../app/operations/operation.ts'
import { schedulers } from '../app/schedulers/index.ts'
import { drawingKinds } from '../app/weights/model-kinds.ts'
import type { Precision } from '../app/weights/precision.ts'
import about from '../package.json' with { type: 'json' }
import { DatasetShelf } from './dataset-shelf.ts'
import { collectTiles } from './document-desk.ts'
import { EventHub } from './event-hub.ts'
import { FeatureDesk } from './feature-desk.ts'
import { FewBits, measureInChild } from './few-bits.ts'
import { JobQueue } from './job-queue.ts'
import { ModelShelf } from './model-shelf.ts'
import { PictureKeeper } from './picture-keeper.ts'
import { PictureLooks } from './picture-looks-process.ts'
import { chosenPrecision, type ProviderChoice } from './provider-choice.ts'
import { Providers } from './providers.ts'
import { SegmentationDesk } from './segmentation-desk.ts'
import { studioOf } from './studio.ts'
import { Thumbnails } from './thumbnails.ts'
import { planned, TrainingDesk } from './training-desk.ts'
import { TrainingForesightProcess } from './training-foresight-process.ts'
import { WordDesk } from './word-desk.ts'
import { WorkerProcess } from './worker-process.ts'

export interface EngineOptions {
  /** The person's folder: library, pictures, caches. */
  readonly home: string
  /** The folder with the models that come with the app. */
  readonly models?: string
  /** Whether what waits in the queue stays for the next engine (the app), or is of this session alone (a command). Default: it stays. */
  readonly keepsQueue?: boolean
  /** Computes on this instead of what the settings say. */
  readonly provider?: ProviderChoice
  /** Computes in this precision instead of what the settings say. */
  readonly precision?: Precision
  /** The worker's program; default: the one beside this file, or beside the bundle that holds it. */
  readonly worker?: string
  /** What can be done; default: everything. The worker's program must know the same. */
  readonly operations?: Readonly<Record<string, Operation>>
  readonly log?: (line: string) => void
}

/** The studio without a window. */
export interface Engine {
  /** The API, in this process. */
  readonly client: RouterClient<Router>
  /** What the router is served with elsewhere. */
  readonly context: { readonly studio: Studio }
  /** Process id of the worker that runs now. */
  readonly workerPid: number | undefined
  /** Where the picture with this content hash lies, and its media type; undefined for whatever is none. */
  blobPath(hash: string): { path: string; type: string } | undefined
  /** Ends the worker, puts the library away. */
  close(): Promise<void>
}

/** Opens the library and starts the worker; jobs that waited go on.
 *  @throws Problem LIBRARY_..., DISK_FULL: whatever keeps the library from being opened */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { home, keepsQueue = true, operations = everyOperation, log = () => {} } = options
  const workerEntry = options.worker ?? join(import.meta.dirname, `worker${extname(import.meta.filename)}`)
  const events = new EventHub(isWatched => worker.watch(isWatched))
  const worker = new WorkerProcess({
    entry: workerEntry,
    node: process.execPath,
    log,
    onState: (state, message) => events.emit({ type: 'worker', state, ...(message !== undefined && { message }) }),
  })
  // First of all, so that it loads while the library opens.
  worker.start()
  let library: Library
  try {
    library = openLibrary({ home, keepsQueue, samplerNames })
  } catch (error) {
    worker.close()
    throw error
  }
  library.recovery?.then(
    report => log(`The last engine ended without a word: ${JSON.stringify(report)}`),
    error => log(`The look through the pictures failed: ${error}`),
  )
  const models = new ModelShelf(library.models, options.models)
  if (keepsQueue) models.hashInBackground()
  const downloads = new Downloads({
    home,
    models: library.models,
    onChange: download => events.emit({ type: 'download', download }),
  })
  const thumbnails = new Thumbnails(join(home, 'cache', 'thumbnails'))
  const datasets = new DatasetShelf({
    table: library.datasets,
    thumbnails,
    onChange: dataset => events.emit({ type: 'dataset', dataset }),
  })
  const chosen = () => options.provider ?? library.settings.read().provider
  const providers = new Providers(home, workerEntry, chosen, log)
  const fewBits = new FewBits(home, about.version, measureInChild(workerEntry))
  const wildcardFolder = join(home, 'wildcards')
  const wildcards = openWildcards(wildcardFolder)
  const choosePrecision = () => ({
    precision: options.precision ?? library.settings.read().precision,
    cache: join(home, 'cache', 'weights'),
  })
  const queue = new JobQueue(
    {
      ...{ home, library, models, worker, operations, wildcards, fewBits, log },
      app: `${about.productName} ${about.version}`,
      modelsFolder: join(home, 'models'),
      trainingPlan: (parameters, model) => planned(datasets, parameters, model),
      keepClassImages({ folder, name }) {
        datasets
          .keepClassImages(folder, name)
          .catch((error: Error) => log(`class images in ${folder}: ${error.message}`))
      },
      chooseProvider: () => providers.choose(),
      choosePrecision,
      async precisionOn(provider) {
        const choice = choosePrecision()
        return { ...choice, precision: chosenPrecision(choice.precision, provider, await providers.half()) }
      },
      emit: event => events.emit(event),
    },
    keepsQueue && library.settings.queuePaused,
  )
  const keeper = new PictureKeeper(library, home)
  const network = models.featureNetwork
  const features = new FeatureDesk({
    library,
    network: async () => (network === undefined ? 'colours alone' : models.additionHash(network)),
    looks: new PictureLooks(workerEntry, network ?? '', log),
    isBusy: () => !keepsQueue || queue.isWorking,
    onProgress: lookedAt => events.emit({ type: 'looked at', ...lookedAt }),
    log,
  })
  const segmentation = new SegmentationDesk(library, models, workerEntry, log)
  const words = new WordDesk(library, models, workerEntry, log)
  const foresight = new TrainingForesightProcess(workerEntry, log)
  const trainings = new TrainingDesk({
    ...{ home, models, operations, queue },
    pictures: (parameters, model) => planned(datasets, parameters, model),
    onModels: () => events.emit({ type: 'models', models: models.list(drawingKinds) }),
    chooseProvider: () => providers.choose(),
    memoryShare: () => library.settings.read().memoryShare,
    foresight,
  })
  const context = {
    studio: studioOf({
      ...{
        trainings,
        features,
        library,
        models,
        downloads,
        datasets,
        keeper,
        segmentation,
        words,
        queue,
        events,
        operations,
        wildcards,
        wildcardFolder,
        providers,
        fewBits,
        keepsQueue,
      },
      log,
    }),
  }
  // Trying a graphics card takes a second, once: it need not begin with the first job. Its failure is told to that job.
  providers.choose().catch(() => {})
  queue.next()
  const upkeep = keepUp(library, events, log)
  let isClosed = false
  return {
    client: createRouterClient(router, { context }),
    context,
    get workerPid() {
      return worker.pid
    },
    blobPath: hash => library.blobs.find(hash) ?? thumbnails.find(hash) ?? trainings.picture(hash),
    async close() {
      if (isClosed) return
      isClosed = true
      upkeep.stop()
      queue.close()
      models.close()
      datasets.close()
      keeper.close()
      features.close()
      await downloads.close()
      events.close()
      worker.close()
      foresight.close()
      segmentation.close()
      words.close()
      try {
        library.close()
      } catch (error) {
        // A full disk, say. What could not be recorded is found by the next start, as after a crash.
        log(`The library was left as it is: ${error}`)
      }
    },
  }
}

/** Milliseconds after the start when a backup disturbs nobody any more. */
const BACKUP_AFTER = 60_000
/** Milliseconds between looks at what other engines did (a command that draws while the app is open). */
const NEIGHBOURS_INTERVAL = 2000

/** What is done while nobody asks. */
function keepUp(library: Library, events: EventHub, log: (line: string) => void): { stop(): void } {
  const told = (error: unknown) => log(`Upkeep of the library failed: ${error}`)
  const backup = setTimeout(() => library.backUpIfDue().catch(told), BACKUP_AFTER)
  const look = setInterval(() => {
    try {
      const added = library.addedByOthers()
      if (added.length > 0) events.emit({ type: 'images', added })
    } catch (error) {
      told(error)
    }
  }, NEIGHBOURS_INTERVAL)
  for (const timer of [backup, look]) timer.unref()
  const stopCollecting = collectTiles(library, log)
  return {
    stop() {
      stopCollecting()
      clearTimeout(backup)
      clearInterval(look)
    },
  }
}

/** Samplers by a word of their class or title, however it is spaced. */
function samplerNames(word: string): string[] {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_-]/g, '')
  const found = Object.values(schedulers).filter(({ className, title }) =>
    plain(className + title).includes(plain(word)),
  )
  return found.map(({ className }) => className)
}
