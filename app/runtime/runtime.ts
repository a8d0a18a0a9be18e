import { totalmem } from 'node:os'
import type { Graph } from '../graph/graph.ts'
import type { Target } from '../graph/targets.ts'
import { Problem } from '../problem.ts'
import { type Footprint, footprintOf } from './footprint.ts'
import { Session } from './session.ts'

/** Where graphs are computed, and how much memory their sessions may hold. */
export interface RuntimeOptions {
  readonly target: Target
  /** Threads of the CPU provider; usually the physical cores. */
  readonly threads: number
  /** Bytes that open sessions may hold together, as far as can be told beforehand. Pages of files do not count: the system takes them back. */
  readonly memoryBudget: number
  /** Bytes of the whole computer; default: what the system says. */
  readonly memory?: number
  /** Opens a graph's session; default: `Session.open`. */
  readonly open?: typeof Session.open
  /** Told what a person should know of the computing, in a sentence. */
  readonly onNote?: (sentence: string) => void
}

/** What can be run: a session, or one that is also fed what was added to its network. */
export type Runnable = Pick<Session, 'run'>

interface OpenSession {
  readonly session: Session
  readonly footprint: Footprint
}

/** What an open session holds besides weights and activations, in bytes: its plan. Measured with Stable Diffusion 1.5's UNet. */
const SESSION_BYTES = 32e6

/** What the program itself takes, with ONNX Runtime's libraries. Measured with the worker before and after small models. */
const PROGRAM_BYTES = 200e6

/** Bytes of weights that are worth closing while others compute: opening Stable Diffusion's text encoder (246 MB) again takes 0.2 s. */
const WORTH_CLOSING = 64e6

/** Opens sessions when they are asked for, keeps them while the memory budget allows; the least recently used leaves first. */
export class Runtime {
  readonly target: Target
  readonly #options: RuntimeOptions
  /** In the order of their last use. */
  readonly #open = new Map<string, OpenSession>()

  constructor(options: RuntimeOptions) {
    this.target = options.target
    this.#options = options
  }

  /** The session of a graph, opened if it is not; when it runs and has left meanwhile, to make room for another, it is opened again. @param network names network and graph; @param sizes tells its sizes apart
   *  @param lighter what would take less memory, in words, for the message; e.g. 'the precision "8 bit"'
   *  @throws Problem MEMORY where it would not fit even alone; SESSION_OPEN */
  async session(network: string, sizes: string, build: () => Graph, lighter?: string): Promise<Runnable> {
    const opened = () => this.#opened(network, sizes, build, lighter)
    await opened()
    return { run: async feeds => (await opened()).run(feeds) }
  }

  /** Threads of a session. */
  get threads(): number {
    return this.#options.threads
  }

  async #opened(network: string, sizes: string, build: () => Graph, lighter?: string): Promise<Session> {
    const key = `${network} ${sizes}`
    const existing = this.#open.get(key)
    if (existing !== undefined) {
      this.#open.delete(key)
      this.#open.set(key, existing)
      return existing.session
    }
    const graph = build()
    const footprint = footprintOf(graph)
    this.refuse(footprint, lighter)
    // Another size of the same network would hold a second copy of the weights.
    if (this.target.weights === 'held') await this.release(network)
    await this.#makeRoom(footprint)
    const { threads, open = Session.open } = this.#options
    const session = await open(graph, { threads })
    this.#open.set(key, { session, footprint })
    return session
  }

  /** Says what a person should know of the computing. */
  note(sentence: string): void {
    this.#options.onNote?.(sentence)
  }

  /** Bytes of the memory budget that a session takes, alone. */
  held(footprint: Footprint): number {
    return this.#held([footprint])
  }

  /** Whether a session would fit, alone. */
  fits(footprint: Footprint): boolean {
    const { memoryBudget, memory = systemMemory() } = this.#options
    return this.#held([footprint]) <= memoryBudget && footprint.weights + footprint.activations <= memory
  }

  /** Refuses what cannot fit, before anything of it is loaded. @throws Problem MEMORY with the numbers and what would take less */
  refuse(footprint: Footprint, lighter?: string): void {
    if (this.fits(footprint)) return
    const { memoryBudget: budget, memory = systemMemory() } = this.#options
    const bytes = this.#held([footprint])
    const [limit, whose] = bytes > budget ? [budget, 'models may use'] : [memory, 'this computer has']
    const { weights, activations } = footprint
    const parts = `${gigabytes(weights)} of weights, ${gigabytes(activations)} to compute with`
    const choices = [...(activations > 0 ? ['a smaller size'] : []), ...(lighter === undefined ? [] : [lighter])]
    throw new Problem(
      'MEMORY',
      `This needs about ${gigabytes(weights + activations)} of memory (${parts}); ${whose} ${gigabytes(limit)}.`,
      {
        hint: `Choose ${[...choices, bytes > budget ? 'more memory in the settings' : 'a smaller model'].join(', or ')}.`,
        details: { weights, activations, limit },
      },
    )
  }

  /** Bytes of memory at the worst moment of a run that opens all of these, one after the other: the program, weights, and what is computed with. */
  peak(footprints: readonly Footprint[]): number {
    const weights = footprints.reduce((sum, each) => sum + each.weights, 0)
    const activations = footprints.reduce((most, each) => Math.max(most, each.activations), 0)
    return PROGRAM_BYTES + weights + activations
  }

  /** Closes the sessions whose keys begin so; without a prefix, all. */
  async release(prefix = ''): Promise<void> {
    for (const [key, { session }] of [...this.#open]) {
      if (!key.startsWith(prefix)) continue
      this.#open.delete(key)
      await session.release()
    }
  }

  /** Closes a network's sessions until they are asked for again, where that spares much: pages of a mapped file that were read count as
   *  this program's memory as long as a session maps them. A provider that holds weights would have to copy them again, so there they stay.
   *  @param prefix how the keys of its sessions begin  @param weights bytes of its weights */
  async rest(prefix: string, weights: number): Promise<void> {
    if (this.target.weights === 'mapped' && weights >= WORTH_CLOSING) await this.release(prefix)
  }

  async #makeRoom(footprint: Footprint): Promise<void> {
    for (const [key, { session }] of [...this.#open]) {
      const all = [...this.#open.values().map(each => each.footprint), footprint]
      if (this.#held(all) <= this.#options.memoryBudget) return
      this.#open.delete(key)
      await session.release()
    }
  }

  /** Bytes that sessions hold together: only one runs at a time, and activations are given back after a run; a provider that holds weights
   *  keeps its arena too. Of mapped weights only those count that were laid out anew. */
  #held(all: readonly Footprint[]): number {
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
    const activations = all.map(each => each.activations)
    const sessions = all.length * SESSION_BYTES
    return this.target.weights === 'held'
      ? sum(all.map(each => each.weights)) + sum(activations) + sessions
      : Math.max(...activations) + sum(all.map(({ packed = 0 }) => packed)) + sessions
  }
}

/** Bytes of memory; a container may have less than the machine. */
const systemMemory = (): number => Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(2)} GB`
