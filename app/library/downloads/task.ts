import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../problem.ts'
import { fileProblem, syncFolder, writeFileSafely } from '../../weights/safe-file.ts'
import { openSafetensors } from '../../weights/safetensors.ts'
import { type FileLock, takeLock } from '../file-lock.ts'
import { fetchFile } from './fetch-file.ts'
import { partOf } from './part-file.ts'
import { freeBytes } from './plan.ts'
import { type Download, DownloadPlan, type DownloadState } from './records.ts'
import type { Network } from './request.ts'
import { Speed } from './speed.ts'

/** What is kept of a download between starts, as `state.json` in its folder. */
const Kept = z.object({
  plan: DownloadPlan,
  agreedAt: z.number(),
  /** Strong ETags of the parts, by path. */
  tags: z.record(z.string(), z.string()),
})
type Kept = z.infer<typeof Kept>

export interface TaskParts {
  /** The folder of this download alone. */
  readonly folder: string
  readonly network: Network
  /** Is told of each change; progress comes at most four times a second. */
  readonly onChange: (download: Download) => void
  /** Writes the model down in the library; it lies at `plan.target` then. */
  readonly record: (plan: DownloadPlan) => void
}

/** Milliseconds between two tellings of progress. */
const PACE = 250
/** Seconds of a pause that need no words. */
const SHORT = 2

/** One model that is fetched: its files under `files/` until all are there and right, then renamed into the library in one step. */
export class Task {
  readonly #parts: TaskParts
  readonly #kept: Kept
  #state: DownloadState = 'paused'
  #problem: Problem | undefined
  #waiting: string | undefined
  #lengths = new Map<string, number>()
  #speed = new Speed()
  #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #told = 0

  private constructor(parts: TaskParts, kept: Kept) {
    this.#parts = parts
    this.#kept = kept
    for (const { path } of kept.plan.files) this.#lengths.set(path, lengthOf(join(this.#files, path)))
  }

  /** Writes a new one down. @throws Problem DISK_FULL, FILE_* */
  static begin(parts: TaskParts, plan: DownloadPlan, now = Date.now()): Task {
    try {
      mkdirSync(parts.folder, { recursive: true })
    } catch (error) {
      throw fileProblem(error, parts.folder)
    }
    const task = new Task(parts, { plan, agreedAt: now, tags: {} })
    task.#keep()
    return task
  }

  /** One that an earlier start left; undefined where there is none that can be gone on with. */
  static restore(parts: TaskParts): Task | undefined {
    try {
      const text = readFileSync(join(parts.folder, stateName), 'utf8')
      return new Task(parts, Kept.parse(JSON.parse(text)))
    } catch {
      return undefined
    }
  }

  get plan(): DownloadPlan {
    return this.#kept.plan
  }

  /** Whether all was there and the engine ended between putting the model in its place and recording it. */
  get isInPlace(): boolean {
    return !existsSync(this.#files) && existsSync(this.plan.target)
  }

  get download(): Download {
    const { id, name, host, licence, bytes, model } = this.plan
    const done = [...this.#lengths.values()].reduce((sum, length) => sum + length, 0)
    const isRunning = this.#state === 'running'
    return {
      ...{ id, name, host, licence, agreedAt: this.#kept.agreedAt, state: this.#state, bytes, done, model },
      secondsLeft: isRunning ? this.#speed.secondsFor(bytes - done) : undefined,
      waiting: isRunning ? this.#waiting : undefined,
      problem: this.#problem && infoOf(this.#problem),
    }
  }

  /** Begins or goes on. Does nothing while it runs. */
  start(): void {
    if (this.#state === 'running') return
    this.#stop = new AbortController()
    this.#speed = new Speed()
    this.#problem = undefined
    this.#turn('running')
    this.#running = this.#run(this.#stop.signal)
  }

  /** Stops; what has arrived stays. */
  async pause(): Promise<void> {
    this.#stop.abort(paused)
    await this.#running
  }

  /** Stops, and removes what has arrived. */
  async cancel(): Promise<void> {
    await this.pause()
    if (this.#state === 'done') return
    this.remove()
    this.#turn('cancelled')
  }

  /** Fulfilled when it is done, paused or failed. */
  settled(): Promise<void> {
    return this.#running
  }

  /** Removes the folder of the download. */
  remove(): void {
    rmSync(this.#parts.folder, { recursive: true, force: true })
  }

  async #run(signal: AbortSignal): Promise<void> {
    let lock: FileLock | undefined
    try {
      lock = takeLock(join(this.#parts.folder, 'lock'))
      if (!lock) throw elsewhere(this.plan.name)
      await this.#checkRoom()
      for (const file of this.plan.files) await this.#fetch(file, signal)
      await this.#deliver()
      lock.release()
      this.remove()
      this.#turn('done')
    } catch (error) {
      if (signal.aborted) return this.#turn('paused')
      this.#problem = error instanceof Problem ? error : fileProblem(error, this.plan.target)
      this.#turn('failed')
    } finally {
      lock?.release()
    }
  }

  async #checkRoom(): Promise<void> {
    const { bytes, name } = this.plan
    const needed = bytes - this.download.done
    const free = await freeBytes(this.#parts.folder)
    if (needed <= free) return
    throw new Problem(
      'DISK_FULL',
      `${name} needs ${megabytes(needed)} more, but the disk has ${megabytes(free)} free.`,
      {
        hint: 'Free some space, then resume.',
      },
    )
  }

  async #fetch(file: DownloadPlan['files'][number], signal: AbortSignal): Promise<void> {
    await fetchFile(file, join(this.#files, file.path), {
      network: this.#parts.network,
      signal,
      page: this.plan.page,
      tag: path => this.#kept.tags[path],
      keepTag: (path, tag) => {
        if (tag === this.#kept.tags[path]) return
        if (tag === undefined) delete this.#kept.tags[path]
        else this.#kept.tags[path] = tag
        this.#keep()
      },
      onPause: ({ message }, seconds) => {
        // Short ones are over before they are read.
        if (seconds < SHORT) return
        this.#waiting = `${message} Trying again in ${Math.round(seconds)} s.`
        this.#parts.onChange(this.download)
      },
      onLength: length => this.#arrived(file.path, length),
    })
  }

  #arrived(path: string, length: number): void {
    if (length > (this.#lengths.get(path) ?? 0)) this.#waiting = undefined
    this.#lengths.set(path, length)
    const now = performance.now()
    if (now - this.#told < PACE) return
    this.#told = now
    this.#speed.note(this.download.done, now)
    this.#parts.onChange(this.download)
  }

  /** Puts the model into its place, whole, and then into the library. */
  async #deliver(): Promise<void> {
    const { target, files, isFile } = this.plan
    const paths = files.map(({ path }) => join(this.#files, path))
    for (const path of paths) if (path.endsWith('.safetensors')) this.#checkWeights(path)
    if (existsSync(target)) throw alreadyHere(this.plan)
    try {
      await mkdir(dirname(target), { recursive: true })
      for (const folder of new Set(paths.map(path => dirname(path)))) syncFolder(folder)
      await rename(isFile ? paths[0] : this.#files, target)
      syncFolder(dirname(target))
    } catch (error) {
      throw fileProblem(error, target)
    }
    if (isFile) rmSync(this.#files, { recursive: true, force: true })
    this.#parts.record(this.plan)
  }

  /** What has no declared hash may still be something else under the name of weights; it is not kept then.
   *  @throws Problem SAFETENSORS_* */
  #checkWeights(path: string): void {
    try {
      openSafetensors(path)
    } catch (error) {
      rmSync(path, { force: true })
      for (const file of this.plan.files) this.#lengths.set(file.path, lengthOf(join(this.#files, file.path)))
      throw error
    }
  }

  #turn(state: DownloadState): void {
    this.#waiting = undefined
    this.#state = state
    this.#parts.onChange(this.download)
  }

  #keep(): void {
    writeFileSafely(join(this.#parts.folder, stateName), [Buffer.from(JSON.stringify(this.#kept))])
  }

  get #files(): string {
    return join(this.#parts.folder, 'files')
  }
}

const stateName = 'state.json'
const paused = new Problem('DOWNLOAD_PAUSED', 'The download was stopped.')

const elsewhere = (name: string) =>
  new Problem('DOWNLOAD_ELSEWHERE', `${name} is being fetched by another Sfumato just now.`, {
    hint: 'Wait for it, or stop it there.',
  })

/** The model or file is there already. */
export const alreadyHere = ({ name, target }: Pick<DownloadPlan, 'name' | 'target'>): Problem =>
  new Problem('MODEL_HERE', `${name} is on this computer already: ${target}.`, { hint: 'Use it, or remove it first.' })

const infoOf = ({ code, message, hint }: Problem) => ({ code, message, ...(hint !== undefined && { hint }) })

const megabytes = (bytes: number) => (bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`)

/** Bytes of a file that arrived, or of its part. */
function lengthOf(path: string): number {
  for (const name of [path, partOf(path)]) {
    const found = statSync(name, { throwIfNoEntry: false })
    if (found) return found.size
  }
  return 0
}
