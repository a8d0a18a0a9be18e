import type { Graph } from '../graph/graph.ts'
import type { Target } from '../graph/targets.ts'
import { Problem } from '../problem.ts'
import { sizeOf } from '../tensor/tensor.ts'
import { Session } from './session.ts'

/** Where graphs are computed, and how much memory their sessions may hold. */
export interface RuntimeOptions {
  readonly target: Target
  /** Threads of the CPU provider; usually the physical cores. */
  readonly threads: number
  /** Bytes that open sessions may hold together, as far as can be told beforehand. */
  readonly memoryBudget: number
}

interface OpenSession {
  readonly session: Session
  readonly bytes: number
}

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

  /** The session of a graph, opened if it is not. @param network names network and graph; @param sizes tells its sizes apart
   *  @throws Problem MEMORY where it would not fit even alone; SESSION_OPEN */
  async session(network: string, sizes: string, build: () => Graph): Promise<Session> {
    const key = `${network} ${sizes}`
    const existing = this.#open.get(key)
    if (existing !== undefined) {
      this.#open.delete(key)
      this.#open.set(key, existing)
      return existing.session
    }
    const graph = build()
    const bytes = estimatedBytes(graph)
    if (bytes > this.#options.memoryBudget) throw tooLarge(bytes, this.#options.memoryBudget)
    // Another size of the same network would hold a second copy of the weights.
    if (this.target.weights === 'held') await this.release(network)
    await this.#makeRoom(bytes)
    const session = await Session.open(graph, { threads: this.#options.threads })
    this.#open.set(key, { session, bytes })
    return session
  }

  /** Closes the sessions whose keys begin so; without a prefix, all. */
  async release(prefix = ''): Promise<void> {
    for (const [key, { session }] of [...this.#open]) {
      if (!key.startsWith(prefix)) continue
      this.#open.delete(key)
      await session.release()
    }
  }

  async #makeRoom(bytes: number): Promise<void> {
    for (const [key, { session }] of [...this.#open]) {
      const held = this.#open.values().reduce((sum, each) => sum + each.bytes, 0)
      if (held + bytes <= this.#options.memoryBudget) return
      this.#open.delete(key)
      await session.release()
    }
  }
}

const tooLarge = (bytes: number, budget: number): Problem =>
  new Problem('MEMORY', `This needs about ${gigabytes(bytes)} of memory; models may use ${gigabytes(budget)}.`, {
    hint: 'Choose a smaller size, or allow more memory in the settings.',
  })

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(2)} GB`

/** What a session will hold, roughly: its weights where the provider holds them, and four times the largest node's values. */
function estimatedBytes(graph: Graph): number {
  const weights = graph.initializers.values().reduce((sum, { value }) => sum + sizeOf(value.shape) * 4, 0)
  const largest = graph.nodes.reduce((most, node) => {
    const values = [...node.inputs, ...node.outputs].filter(value => value !== undefined)
    return Math.max(
      most,
      values.reduce((sum, value) => sum + (graph.initializers.has(value.name) ? 0 : sizeOf(value.shape) * 4), 0),
    )
  }, 0)
  return (graph.target.weights === 'held' ? weights : 0) + largest * 4
}
