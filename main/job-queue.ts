import { randomInt } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { totalmem } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { JobRequest, StudioEvent } from '../app/api/contract.ts'
import type { Provider } from '../app/graph/targets.ts'
import type { EndState, JobRow } from '../app/library/jobs.ts'
import type { Library } from '../app/library/library.ts'
import { embedRecipe } from '../app/library/recipe/recipe.ts'
import {
  Choice,
  type Cost,
  type Image,
  type Job,
  type JobCost,
  type JobProgress,
  type ProblemInfo,
  type Recipe,
} from '../app/library/records.ts'
import type { Wildcards } from '../app/models/prompt/wildcards.ts'
import { additionFiles, modelParameters, withAdditionFiles, withChosenCompanions } from '../app/operations/additions.ts'
import { checkModel } from '../app/operations/check-model.ts'
import { checkParameters, type StoredParameters } from '../app/operations/check-parameters.ts'
import { chooseWords } from '../app/operations/choose-words.ts'
import type { Operation } from '../app/operations/operation.ts'
import { Problem } from '../app/problem.ts'
import { drawingKinds } from '../app/weights/model-kinds.ts'
import { isFile } from '../app/weights/model-source.ts'
import { openModel } from '../app/weights/open-model.ts'
import { type FewBitPrecision, fewBitPrecisions, type PrecisionChoice } from '../app/weights/precision.ts'
import type { FewBits } from './few-bits.ts'
import type { ModelShelf, ShelfModel } from './model-shelf.ts'
import { checkSchema, comparedDrawing, PRECISION_CHECK } from './precision-check.ts'
import { type PlannedJob, type Prediction, Predictions, tooLarge } from './predictions.ts'
import type { WorkerPicture, WorkerProgress, WorkerTiming } from './worker-messages.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface JobQueueParts {
  /** The person's folder. */
  readonly home: string
  readonly library: Library
  readonly models: ModelShelf
  readonly worker: WorkerProcess
  readonly operations: Readonly<Record<string, Operation>>
  readonly wildcards: Wildcards
  readonly chooseProvider: () => Promise<Provider>
  /** What the person chose. */
  readonly choosePrecision: () => PrecisionChoice
  /** What that comes to on a provider. @throws Problem PRECISION_PROVIDER */
  readonly precisionOn: (provider: Provider) => Promise<PrecisionChoice>
  readonly fewBits: FewBits
  readonly emit: (event: StudioEvent) => void
  readonly log: (line: string) => void
  /** Where models go that are made here. */
  readonly modelsFolder: string
  /** Name and version, as recipes carry them. */
  readonly app: string
}

/** Milliseconds until what could not be recorded (the disk was full) is tried again. */
const RETRY_INTERVAL = 2000

/** On what a job is computed, and in which precision. */
type Computing = Pick<PlannedJob, 'provider' | 'precision'>

/** The job that the worker has. */
interface Running {
  readonly id: string
  readonly abort: AbortController
  readonly ended: Promise<void>
  progress?: JobProgress
}

/** Jobs in their order, one at a time: rows in the library, drawn by the worker, their pictures recorded together with their end. */
export class JobQueue {
  readonly #parts: JobQueueParts
  readonly #predictions: Predictions
  #running: Running | undefined
  /** Jobs that ended while nothing could be written. */
  readonly #unrecorded = new Map<string, Unsuccessful>()
  #retry: NodeJS.Timeout | undefined
  #isPaused: boolean
  #isClosed = false

  constructor(parts: JobQueueParts, isPaused: boolean) {
    this.#parts = parts
    this.#predictions = new Predictions({
      timings: parts.library.timings,
      cache: parts.choosePrecision().cache,
      memoryBudget: () => this.#memoryBudget(),
    })
    this.#isPaused = isPaused
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** All that wait or run, then the latest that ended. */
  list(): Job[] {
    return this.#parts.library.jobs.list().map(row => this.#jobOf(row))
  }

  get(id: string): Job {
    return this.#jobOf(this.#parts.library.jobs.get(id))
  }

  /** Checks a request and puts it at the end. @throws Problem OPERATION_UNKNOWN, MODEL_*, PARAMETER_*, SIZE_MULTIPLE ... */
  submit(request: JobRequest): Job {
    const { library, wildcards } = this.#parts
    const { model, parameters: checked } = this.check(request)
    const parameters = chooseWords(this.#operation(request.operation), checked, wildcards)
    const row = library.jobs.add({ operation: request.operation, model: model.id, parameters })
    const job = this.#tell(row)
    this.next()
    return job
  }

  /** The request with everything filled in. @throws Problem as `submit` */
  check({ operation: id, model: reference, parameters }: JobRequest): {
    model: ShelfModel
    parameters: StoredParameters
  } {
    const { models, operations } = this.#parts
    const operation = this.#operation(id)
    const model = models.find(reference)
    const description = models.describe(model)
    checkModel(operation, description, operations)
    const complete = checkParameters(operation, parameters, description, () => BigInt(randomInt(2 ** 32)))
    const named = withAdditionFiles(complete, (name, kind) => models.addition(name, kind))
    const files = withChosenCompanions(named, openModel(model.path), kind => models.pathsOf(kind))
    for (const name of modelParameters(operation)) {
      if (typeof files[name] === 'string' && files[name] !== '') files[name] = models.find(files[name]).path
    }
    if (operation.makes === 'model') this.#refuseTaken(targetOf(this.#parts.modelsFolder, model, files))
    return { model, parameters: files }
  }

  /** @throws Problem MODEL_NAME */
  #refuseTaken(target: string): void {
    const isTaken = existsSync(target) || this.#awaited().includes(target)
    if (!isTaken) return
    throw new Problem('MODEL_NAME', `There is a model called "${basename(target)}" in ${dirname(target)} already.`, {
      hint: 'Choose another name.',
      details: { field: 'name' },
    })
  }

  /** Where the models go that wait to be made. */
  #awaited(): string[] {
    const { library, models, operations, modelsFolder } = this.#parts
    const waiting = library.jobs.list().filter(({ state }) => state === 'waiting' || state === 'running')
    const making = waiting.filter(({ operation }) => operations[operation]?.makes === 'model')
    return making.flatMap(({ model, parameters }) => {
      const known = models.known(model)
      return known ? [targetOf(modelsFolder, known, parameters)] : []
    })
  }

  /** What a request would take, as far as can be told, and whether this computer has that much memory. @throws Problem as `submit` */
  async estimate(request: JobRequest): Promise<Cost & { fits?: boolean }> {
    const { model, parameters } = this.check(request)
    const provider = await this.#parts.chooseProvider()
    const computing = { provider, ...(await this.#parts.precisionOn(provider)) }
    const prediction = this.#predictions.predict(this.#planned({ ...request, parameters }, model, computing))
    return prediction === undefined ? {} : { ...prediction.cost, fits: prediction.fits }
  }

  /** Puts a measurement of what a model loses in a precision behind all jobs. @throws Problem MODEL_UNKNOWN */
  checkPrecision(reference: string, precision: FewBitPrecision): Job {
    const { library, models } = this.#parts
    const model = models.find(reference)
    models.describe(model)
    const row = library.jobs.add({
      operation: PRECISION_CHECK,
      model: model.id,
      parameters: { precision },
      yields: true,
    })
    const job = this.#tell(row)
    this.next()
    return job
  }

  /** The same once more. @throws Problem JOB_UNKNOWN, and as `submit` */
  runAgain(id: string): Job {
    const row = this.#parts.library.jobs.get(id)
    if (row.operation !== PRECISION_CHECK) return this.submit(row)
    return this.checkPrecision(row.model, checkSchema.parse(row.parameters).precision)
  }

  /** Ends a job that waits or runs. @throws Problem JOB_UNKNOWN, JOB_ELSEWHERE */
  async cancel(id: string): Promise<Job> {
    const { library, worker } = this.#parts
    const row = library.jobs.get(id)
    if (row.state !== 'waiting' && row.state !== 'running') return this.#jobOf(row)
    if (row.engine !== library.engine) {
      throw new Problem('JOB_ELSEWHERE', 'This job belongs to another Sfumato that is open on this computer.', {
        hint: 'Cancel it there.',
      })
    }
    if (row.state === 'waiting') return this.#tell(library.jobs.end(id, 'cancelled'))
    if (this.#running?.id === id) {
      this.#running.abort.abort()
      await worker.cancel()
      await this.#running?.ended
    }
    return this.get(id)
  }

  /** @throws Problem JOB_NOT_WAITING */
  move(id: string, before?: string): Job[] {
    for (const row of this.#parts.library.jobs.move(id, before)) this.#tell(row)
    return this.list()
  }

  /** A paused queue finishes what runs and begins nothing. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.#parts.emit({ type: 'queue', paused: isPaused })
    this.next()
  }

  /** Begins the next job, if there is one and nothing runs. */
  next(): void {
    if (this.#running || this.#isPaused || this.#isClosed) return
    const row = this.#take()
    if (!row) return
    const abort = new AbortController()
    const ended = Promise.withResolvers<void>()
    const running: Running = { id: row.id, abort, ended: ended.promise }
    this.#running = running
    this.#tell(row)
    void this.#work(row, running).then(end => {
      this.#running = undefined
      if (!this.#isClosed) this.#end(row, end)
      ended.resolve()
      this.next()
    })
  }

  /** Never rejects. */
  #work(row: JobRow, running: Running): Promise<End> {
    if (row.operation === PRECISION_CHECK) return this.#check(row, running)
    return this.#operation(row.operation).makes === 'model' ? this.#make(row, running) : this.#draw(row, running)
  }

  /** The first that waits, marked as running; nothing while that cannot be written. */
  #take(): JobRow | undefined {
    const { jobs } = this.#parts.library
    try {
      for (const [id, { state, problem }] of this.#unrecorded) {
        jobs.end(id, state, problem)
        this.#unrecorded.delete(id)
      }
      const row = jobs.waiting().find(({ id }) => jobs.start(id))
      return row && jobs.get(row.id)
    } catch (error) {
      this.#parts.log(`The queue waits: ${error}`)
      this.#tryAgainLater()
      return undefined
    }
  }

  #tryAgainLater(): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.next(), RETRY_INTERVAL)
  }

  /** Nothing is begun or recorded any more. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#retry)
    this.#running?.abort.abort()
  }

  /** Draws a job and stores its pictures. Never rejects. */
  async #draw(row: JobRow, running: Running): Promise<End> {
    const { models, worker } = this.#parts
    const { signal } = running.abort
    try {
      const model = models.find(row.model)
      const hash = models.hash(model)
      hash.catch(() => {}) // looked at below
      const additions = Promise.all(
        additionFiles(row.parameters).map(async path => ({ model: path, hash: await models.additionHash(path) })),
      )
      additions.catch(() => {}) // looked at below
      const provider = await untilAborted(this.#parts.chooseProvider(), signal)
      const choice = await untilAborted(this.#parts.precisionOn(provider), signal)
      await untilAborted(this.#parts.fewBits.refuseInexact(choice.precision), signal)
      const prediction = await untilAborted(this.#foresee(row, model, { provider, ...choice }), signal)
      const began = performance.now()
      const order = {
        precision: choice,
        ...{ ...this.#given(row, model), operation: row.operation, parameters: row.parameters, provider },
      }
      const outcome = await worker.run(order, progress => this.#progress(running, progress))
      if (outcome.type === 'cancelled') return { state: 'cancelled' }
      if (outcome.type !== 'done') return { state: outcome.type, problem: outcome.problem }
      if (outcome.models.length > 0) {
        await models.import(outcome.models)
        this.#parts.emit({ type: 'models', models: models.list(drawingKinds) })
      }
      const added = await untilAborted(additions, signal)
      const recipe = {
        ...{ operation: row.operation, operationVersion: this.#operation(row.operation).version, provider },
        ...(choice.precision !== 'as stored' && { precision: choice.precision }),
        ...{
          model: { name: models.describe(model).name, hash: await untilAborted(hash, signal) },
          ...(added.length > 0 && { additions: added }),
          app: this.#parts.app,
          parents: [],
        },
      }
      const pictures = outcome.pictures.map(picture => ({ ...picture, recipe: recipeOf(row, recipe, picture) }))
      const { timing, peakBytes: bytes } = outcome
      const took = { seconds: (performance.now() - began) / 1000, ...(bytes !== undefined && { bytes }) }
      const images = await this.#store(row, pictures, prediction && { predicted: prediction.cost, took })
      return { state: 'done', images, ...(timing && prediction && { learned: { timing, prediction } }) }
    } catch (error) {
      if (signal.aborted) return { state: 'cancelled' }
      return { state: 'failed', problem: this.#problemOf(error) }
    }
  }

  /** What the worker is told of every job. */
  #given({ id }: JobRow, model: ShelfModel) {
    const { models, home } = this.#parts
    const { path } = model
    return { id, home, model: { path, fingerprint: models.fingerprint(model) }, memoryBudget: this.#memoryBudget() }
  }

  /** What a job will take, written down; refuses one that cannot fit, before anything is loaded. @throws Problem MEMORY */
  async #foresee(row: JobRow, model: ShelfModel, computing: Computing): Promise<Prediction | undefined> {
    const { library, fewBits, log } = this.#parts
    const job = this.#planned(row, model, computing)
    let prediction: Prediction | undefined
    try {
      prediction = this.#predictions.predict(job)
    } catch (error) {
      log(`Nothing can be foretold of job ${row.id}: ${error}`) // The operation will say it better.
    }
    if (prediction === undefined) return undefined
    if (!prediction.fits) {
      const mayTake = computing.provider === 'cpu' && (await fewBits.report())?.exact ? fewBitPrecisions : []
      throw tooLarge(prediction, this.#memoryBudget(), this.#predictions.lighter(job, mayTake))
    }
    library.jobs.setCost(row.id, { predicted: prediction.cost })
    this.#tell(library.jobs.get(row.id))
    return prediction
  }

  #planned({ operation, parameters }: JobRequest, model: ShelfModel, { provider, precision }: Computing) {
    const { models } = this.#parts
    return {
      ...{ operation, parameters, provider, precision },
      model: { ...model, fingerprint: models.fingerprint(model), description: models.describe(model) },
    }
  }

  /** Measures what a model loses in a precision, on the CPU, which alone has few bits. Never rejects. */
  async #check(row: JobRow, running: Running): Promise<End> {
    const { library, models, worker, operations, fewBits, choosePrecision } = this.#parts
    const { signal } = running.abort
    try {
      const { precision } = checkSchema.parse(row.parameters)
      await untilAborted(fewBits.refuseInexact(precision), signal)
      const model = models.find(row.model)
      const order = {
        ...{ ...this.#given(row, model), ...comparedDrawing(operations, models.describe(model)) },
        ...{ provider: 'cpu' as const, precision: { ...choosePrecision(), precision }, compared: true as const },
      }
      const outcome = await worker.run(order, progress => this.#progress(running, progress))
      if (outcome.type === 'cancelled') return { state: 'cancelled' }
      if (outcome.type !== 'done') return { state: outcome.type, problem: outcome.problem }
      library.losses.set(await untilAborted(models.hash(model), signal), precision, outcome.decibels ?? null)
      library.jobs.end(row.id, 'done')
      return { state: 'done', images: [] }
    } catch (error) {
      if (signal.aborted) return { state: 'cancelled' }
      return { state: 'failed', problem: this.#problemOf(error) }
    }
  }

  /** Makes a model and puts it into the library. Never rejects. */
  async #make(row: JobRow, running: Running): Promise<End> {
    const { models, worker, modelsFolder, emit } = this.#parts
    const { signal } = running.abort
    let target: string | undefined
    try {
      const model = models.find(row.model)
      const place = targetOf(modelsFolder, model, row.parameters)
      if (existsSync(place)) this.#refuseTaken(place)
      target = place
      const provider = await untilAborted(this.#parts.chooseProvider(), signal)
      const order = {
        ...{ ...this.#given(row, model), operation: row.operation, parameters: row.parameters, provider },
        making: { target, hashes: await untilAborted(this.#hashes(row, model), signal) },
        precision: { precision: 'as stored', cache: '' } as const,
      }
      const outcome = await worker.run(order, progress => this.#progress(running, progress))
      if (outcome.type !== 'done') {
        removeUnfinished(target)
        return outcome.type === 'cancelled' ? { state: 'cancelled' } : { state: outcome.type, problem: outcome.problem }
      }
      await models.import([target])
      this.#parts.library.jobs.end(row.id, 'done')
      emit({ type: 'models', models: models.list(drawingKinds) })
      return { state: 'done', images: [] }
    } catch (error) {
      if (target !== undefined && signal.aborted) removeUnfinished(target)
      if (signal.aborted) return { state: 'cancelled' }
      return { state: 'failed', problem: this.#problemOf(error) }
    }
  }

  /** SHA-256 of the weights of all that goes into a new model, by path. */
  async #hashes({ operation, parameters }: JobRow, model: ShelfModel): Promise<Record<string, string>> {
    const { models } = this.#parts
    const others = modelParameters(this.#operation(operation)).flatMap(name => {
      const path = parameters[name]
      return typeof path === 'string' && path !== '' ? [models.find(path)] : []
    })
    const whole = [model, ...others].map(async each => [each.path, await models.hash(each)] as const)
    const beside = additionFiles(parameters).map(async path => [path, await models.additionHash(path)] as const)
    return Object.fromEntries(await Promise.all([...whole, ...beside]))
  }

  /** The pictures' files first, then the rows of all of them and the job's end at once. */
  async #store(
    row: JobRow,
    pictures: readonly (WorkerPicture & { recipe: Recipe })[],
    cost: JobCost | undefined,
  ): Promise<Image[]> {
    const { library } = this.#parts
    for (let attempt = 1; ; attempt++) {
      const images = await Promise.all(
        pictures.map(async ({ png, recipe, width, height }, index) => {
          const blob = await library.blobs.put(embedRecipe(png, recipe), 'image/png')
          return { blob, width, height, index, recipe, job: row.id }
        }),
      )
      try {
        return library.transaction(() => {
          library.jobs.end(row.id, 'done')
          if (cost) library.jobs.setCost(row.id, cost)
          return library.images.add(images)
        })
      } catch (error) {
        // The trash was emptied of the same picture in this very moment.
        if (!(error instanceof Problem) || error.code !== 'BLOB_GONE' || attempt === 3) throw error
      }
    }
  }

  #end(row: JobRow, end: End): void {
    const { library, emit, log } = this.#parts
    if (end.state !== 'done') {
      this.#endWithoutPictures(row, end)
      return
    }
    if (end.images.length > 0) emit({ type: 'images', added: [...end.images] })
    const { learned } = end
    try {
      this.#tell(library.jobs.get(row.id))
      if (learned) this.#predictions.learn(learned.prediction, learned.timing)
    } catch (error) {
      log(`The time of job ${row.id} was not kept: ${error}`)
    }
  }

  #endWithoutPictures(row: JobRow, { state, problem }: Unsuccessful): void {
    const { library, log } = this.#parts
    try {
      this.#tell(library.jobs.end(row.id, state, problem))
    } catch (error) {
      log(`The end of job ${row.id} waits to be recorded: ${error}`)
      this.#unrecorded.set(row.id, { state, ...(problem && { problem }) })
      this.#tryAgainLater()
      this.#tell(row)
    }
  }

  #progress(running: Running, { previews, ...progress }: WorkerProgress): void {
    const shown = previews?.map(png => `data:image/png;base64,${Buffer.from(png).toString('base64')}`)
    // A step without a new preview does not take the last one away from who comes later.
    running.progress = { ...progress, previews: shown ?? running.progress?.previews }
    this.#parts.emit({
      type: 'progress',
      jobId: running.id,
      progress: { ...progress, ...(shown && { previews: shown }) },
    })
  }

  #tell(row: JobRow): Job {
    const job = this.#jobOf(row)
    this.#parts.emit({ type: 'job', job })
    return job
  }

  #jobOf({ engine: _, ...row }: JobRow): Job {
    const progress = this.#running?.id === row.id ? this.#running.progress : undefined
    const images = row.state === 'done' ? this.#parts.library.images.ofJob(row.id) : []
    return { ...row, ...this.#unrecorded.get(row.id), images, ...(progress && { progress }) }
  }

  #operation(id: string): Operation {
    const { operations } = this.#parts
    const operation = Object.hasOwn(operations, id) ? operations[id] : undefined
    if (operation) return operation
    throw new Problem('OPERATION_UNKNOWN', `This Sfumato cannot do "${id}".`, {
      hint: `It can do ${Object.keys(operations).join(', ')}.`,
    })
  }

  #memoryBudget(): number {
    // A container may have less than the machine.
    const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
    return Math.floor(memory * this.#parts.library.settings.read().memoryShare)
  }

  #problemOf(error: unknown): ProblemInfo {
    if (error instanceof Problem) {
      const { code, message, hint, details } = error
      const { data: choices } = Choice.array().safeParse(details?.choices)
      return { code, message, ...(hint !== undefined && { hint }), ...(choices && { choices }) }
    }
    this.#parts.log(error instanceof Error ? (error.stack ?? error.message) : String(error))
    const hint = 'Run it again; the log says more.'
    return { code: 'JOB_FAILED', message: 'The job failed for a reason that Sfumato does not know.', hint }
  }
}

/** Where a new model goes: a file if the one that it is made of is one, else a folder. */
function targetOf(folder: string, { path }: ShelfModel, { name }: StoredParameters): string {
  return join(folder, isFile(path) ? `${name}.safetensors` : `${name}`)
}

/** What a worker left that was ended while it wrote, under its temporary name. */
function removeUnfinished(target: string): void {
  rmSync(target, { recursive: true, force: true })
  const folder = dirname(target)
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`.${basename(target)}.`) && name.endsWith('.part')) {
      rmSync(join(folder, name), { recursive: true, force: true })
    }
  }
}

interface Unsuccessful {
  readonly state: Exclude<EndState, 'done'>
  readonly problem?: ProblemInfo
}

type End =
  | {
      readonly state: 'done'
      readonly images: readonly Image[]
      readonly learned?: { readonly timing: WorkerTiming; readonly prediction: Prediction }
    }
  | Unsuccessful

/** What a picture's own recipe says: drawn alone, with its own seed. */
const recipeOf = (
  { parameters }: JobRow,
  common: Omit<Recipe, 'parameters' | 'seed'>,
  { seed }: WorkerPicture,
): Recipe => ({ ...common, parameters: { ...parameters, seed, ...('count' in parameters && { count: 1 }) }, seed })

/** Waits for a promise, but not longer than until the signal. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const stop = () => aborted.reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener('abort', stop))
}
