import { implement, ORPCError, ValidationError } from '@orpc/server'
import { Problem } from '../problem.ts'
import { contract } from './contract.ts'
import type { Studio } from './studio.ts'

/** The API over a studio: every call is checked by the contract's schemas, every Problem crosses the wire with its code, its sentence
 *  and its field; of anything else the caller learns nothing but that it happened. */

const base = implement(contract)
  .$context<{ studio: Studio }>()
  .use(async ({ context, next, path }) => {
    try {
      return await next()
    } catch (error) {
      throw wireError(error, path, context.studio)
    }
  })

/** Errors carry this in their `data`. */
export interface WireProblem {
  readonly code: string
  readonly message: string
  readonly hint?: string
  /** The parameter that is at fault. */
  readonly field?: string
}

function wireError(error: unknown, path: readonly string[], studio: Studio): ORPCError<string, WireProblem> {
  if (error instanceof Problem) {
    const { code, message, hint, details } = error
    const field = typeof details?.field === 'string' ? details.field : undefined
    const data = { code, message, ...(hint !== undefined && { hint }), ...(field !== undefined && { field }) }
    return new ORPCError('BAD_REQUEST', { message, data, cause: error })
  }
  if (error instanceof ORPCError && error.cause instanceof ValidationError && error.code === 'BAD_REQUEST') {
    const [issue] = error.cause.issues
    const field = issue?.path?.map(part => String(typeof part === 'object' ? part.key : part)).join('.')
    const message = `The call ${path.join('.')} is not as agreed${field ? ` at ${field}` : ''}: ${issue?.message}.`
    return new ORPCError('BAD_REQUEST', { message, data: { code: 'CALL_INVALID', message, ...(field && { field }) } })
  }
  studio.log(`${path.join('.')}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  const data = {
    code: 'ENGINE_FAILED',
    message: 'Something went wrong in the engine that it does not know.',
    hint: 'Try again; the log says more.',
  }
  return new ORPCError('INTERNAL_SERVER_ERROR', { message: data.message, data })
}

const bytesOf = async (file: Blob): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer())

export const router = base.router({
  system: {
    hello: base.system.hello.handler(({ context }) => context.studio.hello()),
    events: base.system.events.handler(({ context, signal }) => context.studio.events(signal, { previews: true })),
    changeSettings: base.system.changeSettings.handler(({ context, input }) => context.studio.changeSettings(input)),
    precisions: base.system.precisions.handler(({ context }) => context.studio.precisions()),
  },
  operations: {
    list: base.operations.list.handler(({ context }) => context.studio.operations()),
    samplers: base.operations.samplers.handler(({ context }) => context.studio.samplers()),
  },
  models: {
    list: base.models.list.handler(({ context, input }) => context.studio.models(input?.kinds)),
    import: base.models.import.handler(({ context, input }) => context.studio.importModels(input.paths)),
    locate: base.models.locate.handler(({ context, input }) => context.studio.locateModel(input.id, input.path)),
    remove: base.models.remove.handler(({ context, input }) => ({ ids: context.studio.removeModels(input.ids) })),
    countTokens: base.models.countTokens.handler(({ context, input }) => context.studio.countTokens(input)),
    tokens: base.models.tokens.handler(({ context, input }) => {
      const { tokens, ...view } = context.studio.tokens(input)
      return { ...view, tokens: [...tokens] }
    }),
    estimate: base.models.estimate.handler(({ context, input }) => context.studio.estimate(input)),
    checkPrecision: base.models.checkPrecision.handler(({ context, input }) =>
      context.studio.checkPrecision(input.id, input.precision),
    ),
    details: base.models.details.handler(({ context, input }) => context.studio.modelDetails(input.id)),
    picture: base.models.picture.handler(({ context, input }) => {
      const url = context.studio.modelPicture(input.id)
      return url === undefined ? {} : { url }
    }),
    known: base.models.known.handler(({ context }) => [...context.studio.knownModels()]),
    lookUp: base.models.lookUp.handler(({ context, input, signal }) => context.studio.downloads.lookUp(input, signal)),
    get: base.models.get.handler(({ context, input }) => context.studio.downloads.get(input.plan)),
    downloads: base.models.downloads.handler(({ context }) => context.studio.downloads.list()),
    pauseDownload: base.models.pauseDownload.handler(({ context, input }) => context.studio.downloads.pause(input.id)),
    resumeDownload: base.models.resumeDownload.handler(({ context, input }) =>
      context.studio.downloads.resume(input.id),
    ),
    cancelDownload: base.models.cancelDownload.handler(({ context, input }) =>
      context.studio.downloads.cancel(input.id),
    ),
  },
  prompts: {
    suggest: base.prompts.suggest.handler(({ context, input }) =>
      context.studio.prompts.suggest(input.words, input.limit),
    ),
    recent: base.prompts.recent.handler(({ context, input }) => ({
      prompts: context.studio.prompts.recent(input.limit),
    })),
    wildcards: base.prompts.wildcards.handler(({ context }) => ({ names: context.studio.prompts.wildcards() })),
  },
  styles: {
    list: base.styles.list.handler(({ context }) => context.studio.styles.list()),
    save: base.styles.save.handler(({ context, input }) => context.studio.styles.save([input])),
    remove: base.styles.remove.handler(({ context, input }) => context.studio.styles.remove(input.name)),
    import: base.styles.import.handler(({ context, input }) => ({
      imported: context.studio.styles.importFrom(input.csv),
    })),
  },
  jobs: {
    list: base.jobs.list.handler(({ context }) => context.studio.jobs()),
    ask: base.jobs.ask.handler(async ({ context, input }) => ({ pictures: [...(await context.studio.ask(input))] })),
    submit: base.jobs.submit.handler(({ context, input }) => context.studio.submit(input)),
    cancel: base.jobs.cancel.handler(({ context, input }) => context.studio.cancel(input.id)),
    pause: base.jobs.pause.handler(({ context, input }) => context.studio.pause(input.id)),
    resume: base.jobs.resume.handler(({ context, input }) => context.studio.resume(input.id)),
    stopAndKeep: base.jobs.stopAndKeep.handler(({ context, input }) => context.studio.stopAndKeep(input.id)),
    runAgain: base.jobs.runAgain.handler(({ context, input }) => context.studio.runAgain(input.id)),
    move: base.jobs.move.handler(({ context, input }) => context.studio.move(input.id, input.before)),
    pauseQueue: base.jobs.pauseQueue.handler(({ context, input }) => context.studio.pauseQueue(input.paused)),
  },
  datasets: {
    list: base.datasets.list.handler(({ context }) => context.studio.datasets.list()),
    create: base.datasets.create.handler(({ context, input }) => context.studio.datasets.create(input)),
    lookAgain: base.datasets.lookAgain.handler(({ context, input }) => context.studio.datasets.lookAgain(input.id)),
    cancel: base.datasets.cancel.handler(({ context, input }) => context.studio.datasets.cancel(input.id)),
    details: base.datasets.details.handler(({ context, input }) => context.studio.datasets.details(input)),
    pictures: base.datasets.pictures.handler(({ context, input }) => context.studio.datasets.pictures(input)),
    change: base.datasets.change.handler(({ context, input }) => ({ changed: context.studio.datasets.change(input) })),
    editTags: base.datasets.editTags.handler(({ context, input }) => {
      const before = context.studio.datasets.editTags(input)
      return { changed: before.length, before }
    }),
    putWordsBack: base.datasets.putWordsBack.handler(({ context, input }) => ({
      changed: context.studio.datasets.putWordsBack(input.id, input.words),
    })),
    remove: base.datasets.remove.handler(({ context, input }) => ({ ids: context.studio.datasets.remove(input.ids) })),
  },
  trainings: {
    list: base.trainings.list.handler(({ context }) => context.studio.trainings.list()),
    get: base.trainings.get.handler(({ context, input }) => context.studio.trainings.get(input.id)),
    addPrompt: base.trainings.addPrompt.handler(({ context, input }) =>
      context.studio.trainings.addPrompt(input.id, input.prompt),
    ),
    estimate: base.trainings.estimate.handler(({ context, input }) => context.studio.trainings.estimate(input)),
    goOnSlower: base.trainings.goOnSlower.handler(({ context, input }) =>
      context.studio.trainings.goOnSlower(input.id),
    ),
    use: base.trainings.use.handler(({ context, input }) => context.studio.trainings.use(input.id, input.step)),
  },
  boards: {
    list: base.boards.list.handler(({ context }) => context.studio.boards.list()),
    create: base.boards.create.handler(({ context, input }) => context.studio.boards.create(input.name)),
    rename: base.boards.rename.handler(({ context, input }) => context.studio.boards.rename(input.id, input.name)),
    remove: base.boards.remove.handler(({ context, input }) => {
      context.studio.boards.remove(input.id)
      return input
    }),
    add: base.boards.add.handler(({ context, input }) => context.studio.boards.add(input.id, input.images)),
    take: base.boards.take.handler(({ context, input }) => context.studio.boards.take(input.id, input.images)),
  },
  segmentation: {
    find: base.segmentation.find.handler(({ context, input }) => context.studio.findObject(input)),
    words: base.segmentation.words.handler(({ context, input }) => context.studio.findWords(input)),
  },
  documents: {
    list: base.documents.list.handler(({ context, input }) => context.studio.documents.list(input)),
    create: base.documents.create.handler(({ context, input }) => context.studio.documents.create(input)),
    open: base.documents.open.handler(({ context, input }) => context.studio.documents.open(input.id)),
    apply: base.documents.apply.handler(({ context, input: { edit, ...step } }) =>
      context.studio.documents.apply(step, edit),
    ),
    undo: base.documents.undo.handler(({ context, input }) => context.studio.documents.undo(input)),
    redo: base.documents.redo.handler(({ context, input }) => context.studio.documents.redo(input)),
    storeTiles: base.documents.storeTiles.handler(async ({ context, input }) => ({
      hashes: await context.studio.documents.storeTiles(await Promise.all(input.tiles.map(bytesOf))),
    })),
    setThumbnail: base.documents.setThumbnail.handler(async ({ context, input }) =>
      context.studio.documents.setThumbnail(input.id, await bytesOf(input.picture)),
    ),
    rename: base.documents.rename.handler(({ context, input }) =>
      context.studio.documents.rename(input.id, input.name),
    ),
    duplicate: base.documents.duplicate.handler(({ context, input }) =>
      context.studio.documents.duplicate(input.id, input.version),
    ),
    trash: base.documents.trash.handler(({ context, input }) => ({ ids: context.studio.documents.trash(input.ids) })),
    restore: base.documents.restore.handler(({ context, input }) => ({
      ids: context.studio.documents.restore(input.ids),
    })),
    emptyTrash: base.documents.emptyTrash.handler(async ({ context }) => ({
      removed: (await context.studio.documents.emptyTrash()).length,
    })),
    versions: base.documents.versions.handler(({ context, input }) => context.studio.documents.versions(input.id)),
    keepVersion: base.documents.keepVersion.handler(({ context, input }) =>
      context.studio.documents.keepVersion(input.id, input.name),
    ),
    version: base.documents.version.handler(({ context, input }) =>
      context.studio.documents.version(input.id, input.version),
    ),
    returnTo: base.documents.returnTo.handler(({ context, input: { version, ...step } }) =>
      context.studio.documents.returnTo(step, version),
    ),
    removeVersion: base.documents.removeVersion.handler(({ context, input }) => {
      context.studio.documents.removeVersion(input.id, input.version)
      return context.studio.documents.versions(input.id)
    }),
  },
  images: {
    list: base.images.list.handler(({ context, input }) => context.studio.listImages(input)),
    get: base.images.get.handler(({ context, input }) => context.studio.image(input.id)),
    lineage: base.images.lineage.handler(({ context, input }) => context.studio.lineage(input.id, input.depth)),
    star: base.images.star.handler(({ context, input }) => context.studio.star(input.id, input.starred)),
    rate: base.images.rate.handler(({ context, input }) => ({
      ids: context.studio.marks.rate(input.ids, input.rating),
    })),
    tag: base.images.tag.handler(({ context, input: { ids, ...change } }) => ({
      ids: context.studio.marks.tag(ids, change),
    })),
    origin: base.images.origin.handler(async ({ context, input }) => ({ says: await context.studio.origin(input.id) })),
    facets: base.images.facets.handler(({ context }) => context.studio.facets()),
    tags: base.images.tags.handler(({ context }) => context.studio.marks.tags()),
    trash: base.images.trash.handler(({ context, input }) => ({ ids: context.studio.trash(input.ids) })),
    restore: base.images.restore.handler(({ context, input }) => ({ ids: context.studio.restore(input.ids) })),
    emptyTrash: base.images.emptyTrash.handler(async ({ context }) => ({ removed: await context.studio.emptyTrash() })),
    keep: base.images.keep.handler(async ({ context, input }) =>
      context.studio.keepPicture(new Uint8Array(await input.file.arrayBuffer()), input.use, input.canvas),
    ),
    open: base.images.open.handler(async ({ context: { studio }, input }) =>
      studio.openPicture('upload' in input ? studio.uploaded(input.upload) : await bytesOf(input.file)),
    ),
    upload: base.images.upload.handler(async ({ context, input }) => {
      context.studio.upload(input.upload, await bytesOf(input.piece))
      return {}
    }),
    recipeTexts: base.images.recipeTexts.handler(({ context, input }) => ({
      texts: context.studio.recipeTexts(input.id),
    })),
    readRecipe: base.images.readRecipe.handler(async ({ context, input }) =>
      context.studio.readRecipe(await bytesOf(input.file)),
    ),
  },
})
export type Router = typeof router
