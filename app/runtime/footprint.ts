import type { Graph, Node } from '../graph/graph.ts'
import { bytesOf, largestLive, views } from '../graph/liveness.ts'
import { sizeOf } from '../tensor/tensor.ts'

/** Bytes that running a graph takes, as far as the graph itself tells. */
export interface Footprint {
  /** Of its weights: pages of their files that a run touches, or the copy that a provider holds. */
  readonly weights: number
  /** Of the weights, those that a session copies to have them laid out for products; absent: none. */
  readonly packed?: number | undefined
  /** Of the values that live at once at the worst moment of a run, with what the allocator keeps between them; given back afterwards. */
  readonly activations: number
}

/** The C library keeps freed blocks below this size for later ones, and gives larger ones back (glibc's DEFAULT_MMAP_THRESHOLD_MAX). */
const KEPT_BELOW = 32 * 2 ** 20
/** Resident memory beside the small blocks that live at once (at least, and at most), and beside the large ones. Measured on Linux with UNets and autoencoders of two models
 *  from 128 x 128 to 768 x 768 (docs/performance.md). */
const SMALL = 4
const MOST_OF_SMALL = 9
const LARGE = 1.4

/** Bytes of live values that take a number of resident bytes. */
export const liveBudget = (bytes: number): number => bytes / SMALL

/** What a graph will take. */
export function footprintOf(graph: Graph): Footprint {
  const nodes = graph.needed()
  const packed = graph.target.products === 'packed' ? packedOf(nodes) : undefined
  return { weights: weightsOf(graph, nodes), packed, activations: activationsOf(graph, nodes) }
}

function packedOf(nodes: readonly Node[]): number {
  const weights = nodes.filter(({ op }) => op === 'Gemm').flatMap(({ inputs: [, weight] }) => weight ?? [])
  return [...new Set(weights)].reduce((sum, weight) => sum + bytesOf(weight), 0)
}

function weightsOf(graph: Graph, nodes: readonly Node[]): number {
  const places = new Map<string, number>()
  const heldBytes = bytesHeld(graph, nodes)
  for (const name of new Set(nodes.flatMap(({ inputs }) => inputs.map(input => input?.name)))) {
    const initializer = graph.initializers.get(name ?? '')
    if (initializer === undefined) continue
    const { content, value } = initializer
    const key = content instanceof Uint8Array ? value.name : `${content.file} ${content.offset}`
    places.set(key, graph.target.weights === 'held' ? sizeOf(value.shape) * heldBytes(value.name) : bytesOf(value))
  }
  return places.values().reduce((sum, bytes) => sum + bytes, 0)
}

/** Bytes of each number of a weight, by its name, that a provider holds: it is cast once, to the type that the layers take. */
function bytesHeld({ target }: Graph, nodes: readonly Node[]): (name: string) => number {
  if (target.compute === 'float32') return () => 4
  const casts = new Map(
    nodes.filter(({ op }) => op === 'Cast').map(({ inputs, outputs }) => [inputs[0]?.name, outputs[0]]),
  )
  const held = (name: string): number => {
    const cast = casts.get(name)
    return cast === undefined ? 2 : cast.type === 'float32' ? 4 : held(cast.name)
  }
  return held
}

function activationsOf(graph: Graph, nodes: readonly Node[]): number {
  const small = largestLive(graph, nodes, bytes => bytes < KEPT_BELOW)
  const large = largestLive(graph, nodes, bytes => bytes >= KEPT_BELOW)
  return Math.min(Math.max(SMALL * small, neverFitting(nodes)), MOST_OF_SMALL * small) + LARGE * large
}

/** A freed block is a little too small for an aligned one of the same size, so the largest of the kept blocks are laid out anew each time;
 *  smaller ones find room in them. An autoencoder, most of whose blocks are of that size, takes eight times what lives at once. Cast weights leave
 *  before anything else is laid out. */
function neverFitting(nodes: readonly Node[]): number {
  const made = nodes.filter(({ op }) => !views.has(op) && op !== 'Cast').flatMap(({ outputs }) => outputs.map(bytesOf))
  const kept = made.filter(bytes => bytes < KEPT_BELOW)
  const largest = kept.reduce((most, bytes) => Math.max(most, bytes), 0)
  return kept.filter(bytes => bytes > 0.8 * largest).reduce((sum, bytes) => sum + bytes, 0)
}
