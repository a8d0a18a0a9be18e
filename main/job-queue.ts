import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { totalmem } from 'node:os'
import type { JobRequest } from '../app/api/contract.ts'
import type { JobRow } from '../app/library/jobs.ts'
import { Choice, type Cost, type Job, type JobProgress, type ProblemInfo } from '../app/library/records.ts'
import type { Wildcards } from '../app/models/prompt/wildcards.ts'
import { modelParameters, withAdditionFiles, withChosenCompanions } from '../app/operations/additions.ts'
import { checkModel } from '../app/operations/check-model.ts'
import { checkParameters, type StoredParameters } from '../app/operations/check-parameters.ts'
import { chooseWords } from '../app/operations/choose-words.ts'
import { Problem } from '../app/problem.ts'
import { openModel } from '../app/weights/open-model.ts'
import type { FewBitPrecision } from '../app/weights/precision.ts'
import { precisionChecks } from './jobs/check-precision.ts'
import { drawJobs } from './jobs/draw.ts'
import { JobCosts } from './jobs/job-costs.ts'
import { type End, type JobKind, type JobParts, operationOf, type Unsuccessful } from './jobs/job-kind.ts'
import { modelMaking, nameTaken, targetOf } from './jobs/make-model.ts'
import { safely } from './model-files.ts'
import type { ShelfModel } from './model-shelf.ts'
import { checkSchema, PRECISION_CHECK } from './precision-check.ts'
import type { WorkerProgress } from './worker-messages.ts'

/** What a queue is made of: what jobs are done with, and what their words are chosen with. */
export interface JobQueueParts extends Omit<JobParts, 'memoryBudget'> {
  readonly wildcards: Wildcards
}

/** Milliseconds until what could not be recorded (the disk was full) is tried again. */
const RETRY_INTERVAL = 2000

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
  readonly #costs: JobCosts
  readonly #kinds: { readonly draw: JobKind; readonly make: JobKind; readonly check: JobKind }
  #running: Running | undefined
  /** Jobs that ended while nothing could be written. */
  readonly #unrecorded = new Map<string, Unsuccessful>()
  #retry: NodeJS.Timeout | undefined
  #isPaused: boolean
  #isClosed = false

  constructor(parts: JobQueueParts, isPaused: boolean) {
    this.#parts = parts
    const jobParts = { ...parts, memoryBudget: () => this.#memoryBudget() }
    this.#costs = new JobCosts(jobParts)
    this.#kinds = {
      draw: drawJobs(jobParts, this.#costs),
      make: modelMaking(jobParts),
      check: precisionChecks(jobParts),
    }
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
    const parameters = chooseWords(operationOf(this.#parts, request.operation), checked, wildcards)
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
    const operation = operationOf(this.#parts, id)
    const model = models.find(reference)
    const description = models.describe(model)
    checkModel(operation, description, operations)
    const complete = checkParameters(operation, parameters, description, () => BigInt(randomInt(2 ** 32)))
    const named = withAdditionFiles(complete, (name, kind) => models.addition(name, kind))
    const files = withChosenCompanions(named, openModel(model.path), kind => models.pathsOf(kind))
    for (const name of modelParameters(operation)) {
      if (typeof files[name] === 'string' && files[name] !== '') files[name] = models.find(files[name]).path
    }
    const target = targetOf(this.#parts, operation, model, files)
    if (target !== undefined && (existsSync(target) || this.#awaited().includes(target))) throw nameTaken(target)
    return { model, parameters: files }
  }

  /** Where the models go that wait to be made. */
  #awaited(): string[] {
    const { library, models, operations } = this.#parts
    const waiting = library.jobs.list().filter(({ state }) => state === 'waiting' || state === 'running')
    return waiting.flatMap(({ operation: id, model, parameters }) => {
      const [operation, known] = [operations[id], models.known(model)]
      // Of another version of Sfumato, maybe.
      const target = operation && known && safely(() => targetOf(this.#parts, operation, known, parameters))
      return target === undefined ? [] : [target]
    })
  }

  /** What a request would take, as far as can be told, and whether this computer has that much memory. @throws Problem as `submit` */
  async estimate(request: JobRequest): Promise<Cost & { fits?: boolean }> {
    const { model, parameters } = this.check(request)
    const provider = await this.#parts.chooseProvider()
    const computing = { provider, ...(await this.#parts.precisionOn(provider)) }
    const prediction = this.#costs.predict({ ...request, parameters }, model, computing)
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
  async #work(row: JobRow, running: Running): Promise<End> {
    const { signal } = running.abort
    const report = (progress: WorkerProgress) => this.#progress(running, progress)
    const changed = () => this.#tell(this.#parts.library.jobs.get(row.id))
    try {
      return await this.#kindOf(row).run(row, { signal, report, changed })
    } catch (error) {
      if (signal.aborted) return { state: 'cancelled' }
      return { state: 'failed', problem: this.#problemOf(error) }
    }
  }

  #kindOf({ operation }: JobRow): JobKind {
    const { draw, make, check } = this.#kinds
    if (operation === PRECISION_CHECK) return check
    return operationOf(this.#parts, operation).makes ? make : draw
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
      if (learned) this.#costs.learn(learned.prediction, learned.timing)
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
