import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { isLocked } from '../file-lock.ts'
import type { ModelTable } from '../models.ts'
import { lookUp, type Place } from './plan.ts'
import type { Download, DownloadPlan, ModelReference } from './records.ts'
import { publicHub } from './reference.ts'
import { type Network, realNetwork } from './request.ts'
import { alreadyHere, Task } from './task.ts'

export interface DownloadsOptions {
  /** The person's folder; models go to `models/` in it. */
  readonly home: string
  readonly models: ModelTable
  /** Is told of each change. */
  readonly onChange?: (download: Download) => void
  /** Address of the hub; default: SFUMATO_HUB, else the public one. */
  readonly hub?: string
  readonly network?: Network
}

/** Plans that can still be agreed to. */
const mostPlans = 32

/** The models that are being fetched. The network is used only between a person's call and its end: what an earlier start left is
 *  listed as paused, and waits to be resumed. */
export class Downloads {
  readonly #options: Required<DownloadsOptions>
  readonly #tasks = new Map<string, Task>()
  readonly #plans = new Map<string, DownloadPlan>()
  readonly #closing = new AbortController()

  constructor({
    hub = process.env.SFUMATO_HUB || publicHub,
    network = realNetwork,
    onChange = () => {},
    ...rest
  }: DownloadsOptions) {
    this.#options = { hub, network, onChange, ...rest }
    for (const id of foldersIn(this.#folder)) this.#restore(id)
  }

  /** What a model consists of and what it costs to fetch it; the first use of the network.
   *  @throws Problem REFERENCE, HUB_*, WEIGHTS_*, NETWORK, MODEL_HERE ... */
  async lookUp(asked: ModelReference, signal?: AbortSignal): Promise<DownloadPlan> {
    const either = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])])
    const plan = await lookUp(asked, this.#place, this.#options.network, either)
    if (existsSync(plan.target)) throw alreadyHere(plan)
    this.#plans.delete(plan.id)
    this.#plans.set(plan.id, plan)
    const [oldest] = this.#plans.keys()
    if (this.#plans.size > mostPlans && oldest !== undefined) this.#plans.delete(oldest)
    return plan
  }

  /** Fetches what was planned, and has been agreed to. The same plan again goes on with what is there.
   *  @throws Problem PLAN_UNKNOWN, MODEL_HERE, DISK_FULL, FILE_* */
  get(id: string): Download {
    const plan = this.#plans.get(id)
    if (!plan) throw new Problem('PLAN_UNKNOWN', 'This model was not looked up lately.', { hint: 'Look it up again.' })
    if (existsSync(plan.target)) throw alreadyHere(plan)
    this.#refuseTwice(plan)
    const task = this.#tasks.get(id) ?? Task.begin(this.#partsOf(id), plan)
    this.#tasks.set(id, task)
    task.start()
    return task.download
  }

  list(): Download[] {
    return [...this.#tasks.values()].map(task => task.download)
  }

  /** @throws Problem DOWNLOAD_UNKNOWN */
  async pause(id: string): Promise<Download> {
    const task = this.#task(id)
    await task.pause()
    return task.download
  }

  /** @throws Problem DOWNLOAD_UNKNOWN */
  resume(id: string): Download {
    const task = this.#task(id)
    task.start()
    return task.download
  }

  /** Ends it and removes what has arrived; one that is done only leaves the list. @throws Problem DOWNLOAD_UNKNOWN */
  async cancel(id: string): Promise<Download> {
    const task = this.#task(id)
    await task.cancel()
    this.#tasks.delete(id)
    return task.download
  }

  /** Fulfilled when it is done, paused or failed. @throws Problem DOWNLOAD_UNKNOWN */
  async settled(id: string): Promise<Download> {
    const task = this.#task(id)
    await task.settled()
    return task.download
  }

  /** Stops everything; what has arrived stays for the next start. */
  async close(): Promise<void> {
    this.#closing.abort(new Problem('ENGINE_CLOSED', 'Sfumato was closed.'))
    await Promise.all([...this.#tasks.values()].map(task => task.pause()))
  }

  /** Two versions of a model would go to the same place. @throws Problem DOWNLOAD_TWICE */
  #refuseTwice({ id, target, name }: DownloadPlan): void {
    const other = [...this.#tasks.values()].find(({ plan }) => plan.target === target && plan.id !== id)
    if (!other || other.download.state === 'done') return
    throw new Problem('DOWNLOAD_TWICE', `Another version of ${name} is being fetched already.`, {
      hint: 'Cancel that one first.',
    })
  }

  #task(id: string): Task {
    const task = this.#tasks.get(id)
    if (task) return task
    throw new Problem('DOWNLOAD_UNKNOWN', 'This download is over.', { hint: 'Look the model up again.' })
  }

  #restore(id: string): void {
    const parts = this.#partsOf(id)
    // Another engine of the same person may be at it.
    if (isLocked(join(parts.folder, 'lock'))) return
    const task = Task.restore(parts)
    if (!task || task.plan.id !== id) return
    if (task.isInPlace) {
      parts.record(task.plan)
      task.remove()
    } else this.#tasks.set(id, task)
  }

  #partsOf(id: string) {
    const { network, models, onChange } = this.#options
    return {
      folder: join(this.#folder, id),
      network,
      onChange,
      record: ({ model, target }: DownloadPlan) => models.add({ id: model, path: target }),
    }
  }

  /** What is arriving: on the same disk as the models, even where the person put their folder on another one. */
  get #folder(): string {
    return join(this.#options.home, 'models', '.downloads')
  }

  get #place(): Place {
    const { hub, home } = this.#options
    if (URL.canParse(hub)) return { hub: new URL(hub), folder: join(home, 'models') }
    throw new Problem('ADDRESS', `SFUMATO_HUB is ${JSON.stringify(hub)}, which is no address.`, {
      hint: `Use ${publicHub}.`,
    })
  }
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path).filter(name => /^[0-9a-f]{16}$/.test(name))
  } catch {
    return []
  }
}
