import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import type { OperationInfo, StudioEvent } from '../app/api/contract.ts'
import { type Router, router } from '../app/api/router.ts'
import type { PromptQuestion, Studio } from '../app/api/studio.ts'
import type { Provider } from '../app/graph/targets.ts'
import { Downloads } from '../app/library/downloads/downloads.ts'
import { knownModels } from '../app/library/downloads/known-models.ts'
import { type Library, openLibrary } from '../app/library/library.ts'
import { originIn, recipeTexts } from '../app/library/recipe/recipe.ts'
import { readCard } from '../app/models/card.ts'
import { countTokens } from '../app/models/prompt/count-tokens.ts'
import { viewTokens } from '../app/models/prompt/token-view.ts'
import { openWildcards, type Wildcards, wildcardNames } from '../app/models/prompt/wildcards.ts'
import { fieldsOf, jsonSchemaOf } from '../app/operations/fields.ts'
import { operations as everyOperation } from '../app/operations/index.ts'
import type { Operation } from '../app/operations/operation.ts'
import { Problem } from '../app/problem.ts'
import { schedulers, schedulersFor } from '../app/schedulers/index.ts'
import { drawingKinds } from '../app/weights/model-kinds.ts'
import type { Precision } from '../app/weights/precision.ts'
import about from '../package.json' with { type: 'json' }
import { DatasetShelf } from './dataset-shelf.ts'
import { decodePicture } from './decoder-process.ts'
import { collectTiles, documentDesk } from './document-desk.ts'
import { EventHub } from './event-hub.ts'
import { FeatureDesk } from './feature-desk.ts'
import { FewBits, measureInChild } from './few-bits.ts'
import { JobQueue } from './job-queue.ts'
import { ModelShelf } from './model-shelf.ts'
import { PictureKeeper } from './picture-keeper.ts'
import { PictureLooks } from './picture-looks-process.ts'
import {
  chooseHalf,
  chooseProvider,
  chosenPrecision,
  type Probed,
  type ProviderChoice,
  probeInChild,
} from './provider-choice.ts'
import { SegmentationDesk } from './segmentation-desk.ts'
import { styleDesk } from './style-desk.ts'
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

/** What the person's choice of a provider comes to on this computer; found out once for each choice. */
class Providers {
  readonly #home: string
  readonly #workerEntry: string
  readonly #choice: () => ProviderChoice
  readonly #log: (line: string) => void
  #asked: { choice: ProviderChoice; provider: Promise<Provider>; half: Promise<Probed | undefined> } | undefined
  #last: Provider | undefined

  constructor(home: string, workerEntry: string, choice: () => ProviderChoice, log: (line: string) => void) {
    this.#log = log
    this.#home = home
    this.#workerEntry = workerEntry
    this.#choice = choice
  }

  /** The one that was chosen last, or the choice itself before that. */
  get shown(): string {
    return this.#last ?? this.#choice()
  }

  /** @throws Problem PROVIDER_UNUSABLE */
  async choose(): Promise<Provider> {
    const choice = this.#choice()
    if (this.#asked?.choice !== choice) {
      const probe = probeInChild(this.#workerEntry)
      const provider = chooseProvider(choice, this.#home, probe)
      const half = provider.then(found => this.#half(found))
      half.catch(() => {}) // who asks for the provider hears it
      this.#asked = { choice, provider, half }
    }
    this.#last = await this.#asked.provider
    return this.#last
  }

  /** What is known of half precision on the chosen provider. @throws Problem PROVIDER_UNUSABLE */
  async half(): Promise<Probed | undefined> {
    await this.choose()
    return this.#asked?.half
  }

  async #half(provider: Provider): Promise<Probed | undefined> {
    const half = await chooseHalf(provider, this.#home, probeInChild(this.#workerEntry))
    const used = half?.usable && half.quicker ? 'is used' : 'is not used'
    if (half !== undefined) this.#log(`Half precision on ${provider} ${used}: ${half.reason}.`)
    return half
  }
}

interface StudioParts {
  readonly library: Library
  readonly models: ModelShelf
  readonly downloads: Downloads
  readonly datasets: DatasetShelf
  readonly keeper: PictureKeeper
  readonly features: FeatureDesk
  readonly segmentation: SegmentationDesk
  readonly words: WordDesk
  readonly trainings: TrainingDesk
  readonly queue: JobQueue
  readonly events: EventHub
  readonly operations: Readonly<Record<string, Operation>>
  readonly wildcards: Wildcards
  readonly wildcardFolder: string
  readonly providers: Providers
  readonly fewBits: FewBits
  readonly keepsQueue: boolean
  readonly log: (line: string) => void
}

/** What reads a model's prompts, and how. */
function readerFor({ model: reference, longPrompts: long, embeddings }: PromptQuestion, parts: StudioParts) {
  const { models, wildcards } = parts
  const model = models.find(reference)
  const { steps } = models.describe(model).defaults
  return [models.tokenizer(model, embeddings), { long, steps, wildcards }] as const
}

function studioOf(parts: StudioParts): Studio {
  const { library, models, downloads, datasets, queue, events, operations } = parts
  const { providers, fewBits, keepsQueue, log } = parts
  const { images, settings, losses } = library
  const tell = (event: StudioEvent) => events.emit(event)
  return {
    log,
    hello: () => ({
      version: about.version,
      provider: providers.shown,
      queuePaused: queue.isPaused,
      settings: settings.read(),
    }),
    events: (signal, options) => events.listen(signal, options),
    async changeSettings(change) {
      if (change.precision !== undefined) await fewBits.refuseInexact(change.precision)
      const changed = settings.change(change)
      if (change.provider !== undefined) providers.choose().catch(() => {})
      tell({ type: 'settings', settings: changed })
      return changed
    },
    precisions: async () => fewBits.offers(await providers.half().catch(() => undefined)),
    operations: () => Object.values(operations).map(operationInfo),
    samplers: () =>
      (['diffusion', 'flow'] as const).flatMap(serves =>
        schedulersFor(serves).map(({ className, title, goodFor, choosesNoiseLevels }) => ({
          ...{ className, title, goodFor, serves, choosesNoiseLevels },
        })),
      ),
    models: kinds => models.list(kinds),
    async importModels(paths) {
      const report = await models.import(paths)
      tell({ type: 'models', models: models.list(drawingKinds) })
      return report
    },
    async locateModel(id, path) {
      const found = await models.locate(id, path)
      tell({ type: 'models', models: models.list(drawingKinds) })
      return found
    },
    removeModels(ids) {
      const removed = models.remove(ids)
      tell({ type: 'models', models: models.list(drawingKinds) })
      return removed
    },
    countTokens: question => countTokens(question.prompt, ...readerFor(question, parts)),
    tokens: question => viewTokens(question.prompt, ...readerFor(question, parts)),
    prompts: {
      suggest: (words, most) => library.promptHistory.suggest(words, most),
      recent: most => library.promptHistory.recent(most),
      wildcards: () => wildcardNames(parts.wildcardFolder),
    },
    styles: styleDesk(library, tell),
    estimate: request => queue.estimate(request),
    checkPrecision: (model, precision) => queue.checkPrecision(model, precision),
    async modelDetails(id) {
      const model = models.find(id)
      const { licence } = readCard(model.path)
      const hash = await models.hash(model)
      return { hash, losses: losses.of(hash), ...(licence !== undefined && { licence }) }
    },
    modelPicture: id => models.picture(id),
    knownModels: () => knownModels,
    downloads,
    trainings: parts.trainings,
    documents: documentDesk(library, tell),
    marks: library.marks,
    boards: library.boards,
    datasets: {
      list: () => datasets.list(),
      create: request => datasets.create(request),
      lookAgain: id => datasets.lookAgain(id),
      cancel: id => datasets.cancel(id),
      details: query => datasets.details(query),
      pictures: query => datasets.pictures(query),
      change: change => datasets.change(change),
      editTags: change => datasets.editTags(change),
      putWordsBack: (id, words) => datasets.putWordsBack(id, words),
      remove(ids) {
        const removed = datasets.remove(ids)
        tell({ type: 'datasets removed', ids: removed })
        return removed
      },
    },
    findObject: question => parts.segmentation.find(question),
    findWords: question => parts.words.find(question),
    jobs: () => queue.list(),
    submit: request => queue.submit(request),
    ask: request => queue.ask(request),
    cancel: id => queue.cancel(id),
    pause: id => queue.pauseJob(id),
    resume: id => queue.resumeJob(id),
    stopAndKeep: id => queue.stopAndKeep(id),
    runAgain: id => queue.runAgain(id),
    move: (id, before) => queue.move(id, before),
    pauseQueue(paused) {
      // A command's pause is not the app's.
      if (keepsQueue) settings.queuePaused = paused
      queue.pause(paused)
      return { paused }
    },
    listImages: query => parts.features.find(query),
    image: id => images.get(id),
    facets: () => library.facets(),
    origin: id => originOfFile(library, images.get(id).hash),
    lineage: (id, depth) => library.lineage.around(id, depth),
    star: (id, starred) => images.star(id, starred),
    trash(ids) {
      const moved = images.trash(ids)
      tell({ type: 'removed', images: moved })
      return moved
    },
    restore(ids) {
      const moved = images.restore(ids)
      tell({ type: 'images', added: moved.map(id => images.get(id)) })
      return moved
    },
    async emptyTrash() {
      const removed = await images.emptyTrash()
      return removed.length
    },
    keepPicture: (picture, use, canvas) => parts.keeper.keep(picture, use, canvas),
    openPicture: file => parts.keeper.open(file),
    upload: (upload, piece) => parts.keeper.receive(upload, piece),
    uploaded: upload => parts.keeper.received(upload),
    recipeTexts(id) {
      const { recipe } = images.get(id)
      return recipe ? recipeTexts(recipe) : []
    },
    async readRecipe(picture) {
      const { recipe, source } = await decodePicture(picture)
      if (recipe && source) return { recipe, source }
      throw new Problem('RECIPE_NONE', 'This picture does not say how it was made.', {
        hint: 'Pictures keep their recipe only in the PNG files that Sfumato, InvokeAI or A1111 wrote.',
      })
    },
  }
}

async function originOfFile(library: Library, hash: string) {
  const blob = library.blobs.find(hash)
  const png = blob && (await readFile(blob.path).catch(() => undefined))
  if (png) return originIn(png)
  throw new Problem('PICTURE_GONE', 'The file of this picture is not there any more.')
}

function operationInfo(operation: Operation): OperationInfo {
  const { id, version, title, description, needs, makes, answers } = operation
  const what = fieldsOf(operation).some(({ widget }) => widget === 'pictures')
    ? { teaches: needs.model }
    : { draws: makes === undefined && answers === undefined ? needs.model : undefined }
  return {
    ...{ id, version, title, description, ...what, ...(answers && { answers }) },
    parameters: jsonSchemaOf(operation),
  }
}
