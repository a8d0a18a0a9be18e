import { totalmem } from 'node:os'
import type { JobRequest } from '../app/api/contract.ts'
import { isOpen, type JobRow, type JobWish } from '../app/library/jobs.ts'
import { Choice, type Cost, type Job, type JobProgress, type ProblemInfo } from '../app/library/records.ts'
import type { Wildcards } from '../app/models/prompt/wildcards.ts'
import { chooseWords } from '../app/operations/choose-words.ts'
import { Problem } from '../app/problem.ts'
import type { FewBitPrecision } from '../app/weights/precision.ts'
import { precisionChecks } from './jobs/check-precision.ts'
import { completeRequest } from './jobs/complete-request.ts'
import { drawJobs } from './jobs/draw.ts'
import { JobCosts } from './jobs/job-costs.ts'
import { type End, type JobKind, type JobParts, operationOf, type Unsuccessful } from './jobs/job-kind.ts'
import { modelMaking } from './jobs/make-model.ts'
import { Questions } from './jobs/questions.ts'
import { checkSchema, PRECISION_CHECK } from './precision-check.ts'
import type { Prediction } from './predictions.ts'
import type { WorkerProgress } from './worker-messages.ts'

/** What a queue is made of: what jobs are done with, and what their words are chosen with. */
export interface JobQueueParts extends Omit<JobParts, 'memoryBudget'> {
  readonly wildcards: Wildcards
}

/** Milliseconds until what could not be recorded (the disk was full) is tried again. */
const RETRY_INTERVAL = 2000

/** How often in a row a job that resumes is started again without getting further than before. */
const MOST_STARTS = 10

/** A job that the worker has. */
interface Running {
  readonly id: string
  readonly resumes: boolean
  readonly abort: AbortController
  readonly ended: Promise<void>
  progress?: JobProgress
  /** Bytes that it keeps between steps, once it has told. */
  heldBytes?: number
}

/** Jobs in their order: rows in the library, done by the worker, what they made recorded together with their end. One at a time, and beside a
 *  training another one, between its steps. */
export class JobQueue {
  readonly #parts: JobQueueParts
  readonly #costs: JobCosts
  readonly #kinds: { readonly draw: JobKind; readonly make: JobKind; readonly check: JobKind }
  readonly #running = new Map<string, Running>()
  /** Of trainings that wait: why, in words. */
  readonly #notes = new Map<string, JobProgress>()
  /** Trainings that let all others go first, since there is no memory for both. */
  readonly #givingWay = new Set<string>()
  /** How far trainings had come when their worker ended, and how often it did without a step more. */
  readonly #starts = new Map<string, { readonly step: number; readonly times: number }>()
  readonly #questions = new Questions()
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

  /** Whether the worker has a job. */
  get isWorking(): boolean {
    return this.#running.size > 0
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
    const { resumes = false } = operationOf(this.#parts, request.operation)
    const row = library.jobs.add({ operation: request.operation, model: model.id, parameters, resumes })
    const job = this.#tell(row)
    this.next()
    return job
  }

  /** Does what a request of an operation asks that answers, and waits for it. @returns hashes of kept pictures
   *  @throws Problem OPERATION_SILENT, JOB_CANCELLED; as `submit`; as the job fails */
  ask(request: JobRequest): Promise<readonly string[]> {
    const { answers, title } = operationOf(this.#parts, request.operation)
    if (!answers) throw new Problem('OPERATION_SILENT', `"${title}" makes something, and answers nothing.`)
    return this.#questions.answerOf(this.submit(request).id)
  }

  /** The request with everything filled in. @throws Problem as `submit` */
  check(request: JobRequest): ReturnType<typeof completeRequest> {
    return completeRequest(this.#parts, request)
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
      resumes: false,
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
    if (!isOpen(row)) return this.#jobOf(row)
    this.#refuseElsewhere(row)
    const running = this.#running.get(id)
    if (row.state !== 'running') {
      this.#notes.delete(id)
      return this.#tell(library.jobs.end(id, 'cancelled'))
    }
    if (running) {
      running.abort.abort()
      await worker.cancel(id)
      await running.ended
    }
    return this.get(id)
  }

  /** Stops a job that resumes after its step; it waits then until `resume`. @throws Problem JOB_UNKNOWN, JOB_ELSEWHERE, JOB_NOT_RESUMABLE */
  pauseJob(id: string): Job {
    const row = this.#wish(id, 'pause')
    if (row.state === 'running') {
      this.#say(id, 'Pauses after this step')
      this.#parts.worker.pause(id)
    }
    return this.#tell(row)
  }

  /** Lets a paused job go on. @throws Problem as `pauseJob` */
  resumeJob(id: string): Job {
    const job = this.#tell(this.#wish(id, undefined))
    this.next()
    return job
  }

  /** Ends a job that resumes after its step, with what it has; one that waits does a step first, if it has done none.
   *  @throws Problem as `pauseJob` */
  stopAndKeep(id: string): Job {
    const job = this.#tell(this.#wish(id, 'keep'))
    this.#say(id, 'Ends after this step, and keeps what was learned')
    this.#parts.worker.keep(id)
    this.next()
    return job
  }

  #wish(id: string, wish: JobWish | undefined): JobRow {
    const { jobs } = this.#parts.library
    const row = jobs.get(id)
    if (!row.resumes || !isOpen(row)) {
      throw new Problem(
        'JOB_NOT_RESUMABLE',
        'Only a training that waits or runs can be paused, or ended with what it has.',
      )
    }
    this.#refuseElsewhere(row)
    return jobs.setWish(id, wish)
  }

  /** @throws Problem JOB_ELSEWHERE */
  #refuseElsewhere({ engine }: JobRow): void {
    if (engine === this.#parts.library.engine) return
    throw new Problem('JOB_ELSEWHERE', 'This job belongs to another Sfumato that is open on this computer.', {
      hint: 'Do it there.',
    })
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

  /** Begins what waits and may run. */
  next(): void {
    while (!this.#isPaused && !this.#isClosed) {
      const waiting = this.#take()
      if (waiting === undefined) return
      this.#begin(waiting)
    }
  }

  /** @param before its row before it was started */
  #begin({ id, resumes = false, startedAt }: JobRow): void {
    const ended = Promise.withResolvers<void>()
    const running: Running = { id, resumes, abort: new AbortController(), ended: ended.promise }
    this.#running.set(id, running)
    this.#notes.delete(id)
    const row = this.#parts.library.jobs.get(id)
    this.#tell(row)
    void this.#work(row, running, startedAt !== undefined).then(end => {
      this.#running.delete(id)
      if (!this.#isClosed) this.#end(row, end, running)
      ended.resolve()
      this.next()
    })
  }

  /** Never rejects. */
  async #work(row: JobRow, running: Running, isResumed: boolean): Promise<End> {
    const { library } = this.#parts
    const { signal } = running.abort
    try {
      return await this.#kindOf(row).run(row, {
        ...{ signal, isResumed },
        report: progress => this.#progress(running, progress),
        changed: () => this.#tell(library.jobs.get(row.id)),
        wish: () => library.jobs.get(row.id).wish,
        makeRoom: prediction => this.#makeRoom(prediction),
      })
    } catch (error) {
      if (signal.aborted) return { state: 'cancelled' }
      return { state: 'failed', problem: this.#problemOf(error) }
    }
  }

  /** A training that keeps too much gives way: it saves itself and goes on by itself when nothing else waits. */
  async #makeRoom({ held, cost: { bytes = 0 } }: Prediction): Promise<void> {
    const training = this.#running.values().find(({ resumes }) => resumes)
    if (training === undefined) return
    const { heldBytes = 0 } = training
    if (heldBytes + held <= this.#memoryBudget() && heldBytes + bytes <= systemMemory()) {
      this.#say(training.id, 'Waits for a picture; it goes on by itself')
      return
    }
    this.#givingWay.add(training.id)
    this.#say(training.id, 'Saves itself, to make room for a picture')
    this.#parts.worker.pause(training.id)
    await training.ended
  }

  /** Puts words on the card of a training, which stays as far as it is. */
  #say(id: string, phase: string): void {
    const running = this.#running.get(id)
    if (running === undefined) return
    const { step = 0, total = 0, previews } = running.progress ?? {}
    running.progress = { phase, step, total, previews }
    this.#parts.emit({ type: 'progress', jobId: id, progress: { phase, step, total } })
  }

  #kindOf({ operation }: JobRow): JobKind {
    const { draw, make, check } = this.#kinds
    if (operation === PRECISION_CHECK) return check
    return operationOf(this.#parts, operation).makes ? make : draw
  }

  /** The first that waits and may run, as it was before it was marked as running; nothing while that cannot be written. */
  #take(): JobRow | undefined {
    const { jobs } = this.#parts.library
    try {
      for (const [id, end] of this.#unrecorded) {
        this.#recorded(id, end)
        this.#unrecorded.delete(id)
      }
      const waiting = jobs.waiting()
      return waiting.find(row => this.#mayRun(row, waiting) && jobs.start(row.id))
    } catch (error) {
      this.#parts.log(`The queue waits: ${error}`)
      this.#tryAgainLater()
      return undefined
    }
  }

  /** One training at most, and one other job; a training begins alone. */
  #mayRun({ id, resumes }: JobRow, waiting: readonly JobRow[]): boolean {
    if (!resumes) return this.#running.values().every(each => each.resumes)
    return this.#running.size === 0 && !(this.#givingWay.has(id) && waiting.some(each => !each.resumes))
  }

  #tryAgainLater(): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.next(), RETRY_INTERVAL)
  }

  /** Nothing is begun or recorded any more. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#retry)
    for (const { abort } of this.#running.values()) abort.abort()
  }

  #end(row: JobRow, end: End, running: Running): void {
    const { library, emit, log } = this.#parts
    if (end.state !== 'done') {
      this.#endUnsuccessful(row, this.#goesOn(end, running) ? { state: 'paused' } : end)
      return
    }
    this.#questions.found(row.id, end.answer ?? [])
    if (end.images.length > 0) emit({ type: 'images', added: [...end.images] })
    const { learned } = end
    try {
      this.#tell(library.jobs.get(row.id))
      if (learned) this.#costs.learn(learned.prediction, learned.timing)
    } catch (error) {
      log(`The time of job ${row.id} was not kept: ${error}`)
    }
  }

  /** Whether a training that did not end is put back; the note on its card says why. */
  #goesOn({ state }: Unsuccessful, { id, resumes, progress }: Running): boolean {
    const { step = 0, total = 0, previews } = progress ?? {}
    const note = (phase: string) => this.#notes.set(id, { phase, step, total, previews })
    if (state === 'paused') {
      note(
        this.#givingWay.has(id) ? 'Paused for a picture; it goes on by itself' : `Paused at step ${step} of ${total}`,
      )
      return true
    }
    if (state !== 'interrupted' || !resumes) return false
    const last = this.#starts.get(id)
    const times = last && step <= last.step ? last.times + 1 : 1
    this.#starts.set(id, { step: Math.max(step, last?.step ?? 0), times })
    note('The engine stopped and is back; it goes on from what was saved last')
    return times <= MOST_STARTS
  }

  #endUnsuccessful(row: JobRow, end: Unsuccessful): void {
    try {
      this.#tell(this.#recorded(row.id, end))
    } catch (error) {
      this.#parts.log(`The end of job ${row.id} waits to be recorded: ${error}`)
      this.#unrecorded.set(row.id, end)
      this.#tryAgainLater()
      this.#tell(row)
    }
  }

  #recorded(id: string, { state, problem }: Unsuccessful): JobRow {
    const { jobs } = this.#parts.library
    return state === 'paused' ? jobs.putBack(id) : jobs.end(id, state, problem)
  }

  #progress(running: Running, { previews, heldBytes, ...progress }: WorkerProgress): void {
    const shown = previews?.map(png => `data:image/png;base64,${Buffer.from(png).toString('base64')}`)
    // A step without a new preview does not take the last one away from who comes later.
    running.progress = { ...progress, previews: shown ?? running.progress?.previews }
    running.heldBytes = heldBytes ?? running.heldBytes
    this.#parts.emit({
      type: 'progress',
      jobId: running.id,
      progress: { ...progress, ...(shown && { previews: shown }) },
    })
  }

  #tell(row: JobRow): Job {
    const job = this.#jobOf(row)
    this.#parts.emit({ type: 'job', job })
    if (!isOpen(job)) this.#questions.ended(job)
    return job
  }

  #jobOf({ engine: _, wish: __, ...row }: JobRow): Job {
    const progress = isOpen(row) ? (this.#running.get(row.id)?.progress ?? this.#notes.get(row.id)) : undefined
    const images = row.state === 'done' ? this.#parts.library.images.ofJob(row.id) : []
    return { ...row, ...this.#unrecorded.get(row.id), images, ...(progress && { progress }) }
  }

  #memoryBudget(): number {
    return Math.floor(systemMemory() * this.#parts.library.settings.read().memoryShare)
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

/** Bytes of memory; a container may have less than the machine. */
const systemMemory = (): number => Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
