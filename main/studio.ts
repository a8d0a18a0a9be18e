import { readFile } from 'node:fs/promises'
import type { OperationInfo, StudioEvent } from '../app/api/contract.ts'
import type { PromptQuestion, Studio } from '../app/api/studio.ts'
import type { Downloads } from '../app/library/downloads/downloads.ts'
import { knownModels } from '../app/library/downloads/known-models.ts'
import type { Library } from '../app/library/library.ts'
import { originIn, recipeTexts } from '../app/library/recipe/recipe.ts'
import { readCard } from '../app/models/card.ts'
import { countTokens } from '../app/models/prompt/count-tokens.ts'
import { viewTokens } from '../app/models/prompt/token-view.ts'
import { type Wildcards, wildcardNames } from '../app/models/prompt/wildcards.ts'
import { fieldsOf, jsonSchemaOf } from '../app/operations/fields.ts'
import type { Operation } from '../app/operations/operation.ts'
import { Problem } from '../app/problem.ts'
import { schedulersFor } from '../app/schedulers/index.ts'
import { drawingKinds } from '../app/weights/model-kinds.ts'
import about from '../package.json' with { type: 'json' }
import type { DatasetShelf } from './dataset-shelf.ts'
import { decodePicture } from './decoder-process.ts'
import { documentDesk } from './document-desk.ts'
import type { EventHub } from './event-hub.ts'
import type { FeatureDesk } from './feature-desk.ts'
import type { FewBits } from './few-bits.ts'
import type { JobQueue } from './job-queue.ts'
import type { ModelShelf } from './model-shelf.ts'
import type { PictureKeeper } from './picture-keeper.ts'
import type { Providers } from './providers.ts'
import type { SegmentationDesk } from './segmentation-desk.ts'
import { styleDesk } from './style-desk.ts'
import type { TrainingDesk } from './training-desk.ts'
import type { WordDesk } from './word-desk.ts'

/** Who does what the studio is asked for. */
export interface StudioParts {
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

/** The studio, as its API serves it. */
export function studioOf(parts: StudioParts): Studio {
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
