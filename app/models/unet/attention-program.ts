import type { Graph, Value } from '../../graph/graph.ts'
import {
  add,
  concat,
  multiply,
  reduceMax,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  softmax,
} from '../../graph/ops/index.ts'
import { matMul } from '../../graph/ops/linear.ts'
import { Problem } from '../../problem.ts'
import { type AttentionOptions, attend, attended, attentionScores } from '../layers/attention.ts'
import { computed, inFull, like } from '../layers/half.ts'
import type { Attend, AttentionPlace, TransformerContext } from '../layers/transformer.ts'

/** What is asked of a UNet's attention beside its prediction. The graph of a network that is asked nothing does not change, and neither does a bit
 *  of any picture that is not itself edited: what is computed besides stands beside the ordinary attention. */
export interface AttentionSizes {
  /** Whether the first half of the batch is what the pictures are pulled away from. */
  readonly guided: boolean
  /** How many pictures, the last of each half, follow the one before them, which is not changed; absent: none. */
  readonly followers?: number
  /** The followers look where the one before them looks, word by word (`attention.source_words`, `attention.own_words`). */
  readonly words?: boolean
  /** The followers take queries, keys or values of attention to places from the one before them (`attention.structure`). */
  readonly structure?: StructureSizes
  /** Where each word of the wanted half looks is an output. */
  readonly maps?: boolean
  /** Words are tied to places (`attention.painted.HxW`). */
  readonly painted?: boolean
  /** The wanted pictures stand once more at the end of the batch; in layers whose paths begin so, their places see themselves alone. */
  readonly perturbed?: readonly string[]
  /** How much the places of the middle are looked at is an output, for the first pictures: of what they are pulled away from, if they are. */
  readonly attended?: boolean
}

/** How many predictions of a picture a call holds. */
export const passesOf = ({ guided, perturbed }: Pick<AttentionSizes, 'guided' | 'perturbed'>): number =>
  1 + Number(guided) + Number(perturbed !== undefined)

/** Which attention to places can be taken over. */
export interface StructureSizes {
  /** Of the picture that it sees, at most; absent: however many. */
  readonly mostPlaces?: number
  /** All layers, or those of the way up, where structure is finished. */
  readonly layers: 'all' | 'up'
  /** The wanted half alone, or both. */
  readonly halves: 'wanted' | 'both'
}

/** An attention with its inputs. */
interface Asked {
  readonly query: Value
  readonly key: Value
  readonly value: Value
  readonly options: AttentionOptions
}

/** Writes attention that is looked into and changed while the network runs.
 *
 *  Inputs: attention.source_words [followers, tokens, tokens] and attention.own_words [followers, tokens]: a follower's probabilities are the source's
 *  times the matrix, plus its own times the shares, which holds word swap, refinement and re-weighting of prompt-to-prompt (Hertz et al. 2022,
 *  arXiv:2208.01626, section 3.2); attention.structure [3]: which shares of queries, keys and values are the source's, 0 or 1; attention.painted.HxW
 *  [1, 1, places, tokens] (Balaji et al. 2022, arXiv:2211.01324, equation 3: what is added to the scores, in their largest).
 *  Outputs: maps/HxW [wanted pictures, places, tokens], the mean over heads and layers of that size; attended/HxW [pictures, places], the mean over heads
 *  of what all places give to each, in the first layer of the middle. */
export class AttentionProgram implements NonNullable<TransformerContext['attention']> {
  readonly #graph: Graph
  readonly #sizes: AttentionSizes
  readonly #batch: number
  readonly #tokens: number
  /** Sums of maps, by size, with how many they are. */
  readonly #maps = new Map<string, { sum: Value; layers: number }>()
  readonly #inputs = new Map<string, Value>()
  /** Layers of attention to places, and those among them that are perturbed. */
  readonly #layers = { own: [] as string[], perturbed: 0, attended: 0 }

  constructor(graph: Graph, sizes: AttentionSizes, { batch, tokens }: { batch: number; tokens: number }) {
    this.#graph = graph
    this.#sizes = sizes
    this.#batch = batch
    this.#tokens = tokens
  }

  readonly self: Attend = (place, query, key, value, options) => {
    const { perturbed, attended } = this.#sizes
    this.#layers.own.push(place.layer)
    if (attended && place.layer.startsWith('mid_block') && this.#layers.attended++ === 0)
      this.#outputAttended(place, { query, key, value, options })
    if (!perturbed?.some(start => place.layer.startsWith(start)))
      return this.#structured(place, query, key, value, options)
    this.#layers.perturbed++
    const kept = this.#batch - this.#pictures
    const seen = kept > 0 ? [this.#structured(place, ...upTo({ query, key, value, options }, kept), options)] : []
    return concat([...seen, computed(inFull(rows(value, kept)))], 0)
  }

  #structured: Attend = ({ layer, height, width }, query, key, value, options) => {
    const { structure } = this.#sizes
    const isOutside =
      structure === undefined ||
      height * width > (structure.mostPlaces ?? Number.POSITIVE_INFINITY) ||
      (structure.layers === 'up' && !layer.startsWith('up_blocks'))
    if (isOutside) return attend(query, key, value, options)
    const [first, second, third] = [query, key, value].map((x, k) => this.#following(x, k, structure))
    return attend(first, second, third, options)
  }

  readonly cross: Attend = (place, query, key, value, options) => {
    const { words = false, maps = false, painted = false } = this.#sizes
    const asked = { query, key, value, options }
    const first = this.#firstWanted
    const followers = this.#batch - this.#followers
    // Up to here each picture is as it would be without anything asked.
    const plain = painted ? first : words ? followers : this.#batch
    if (plain === this.#batch && !maps) return attend(query, key, value, options)
    const from = painted || maps ? first : followers - 1
    const own = this.#probabilities(asked, place, from)
    const probabilities = words ? this.#withFollowers(own, followers - from) : own
    if (maps) this.#addMaps(place, probabilities)
    const changed = plain < this.#batch && attended(rows(probabilities, plain - from), rows(value, plain))
    const parts = [...(plain > 0 ? [attend(...upTo(asked, plain), options)] : []), ...(changed ? [changed] : [])]
    return parts.length === 1 ? parts[0] : concat(parts, 0)
  }

  /** Declares the maps as outputs, when all layers are written. @throws Problem ATTENTION_LAYERS where the network has none of those that are asked for */
  finish(): void {
    const { perturbed, attended } = this.#sizes
    if (perturbed && this.#layers.perturbed === 0) throw this.#without(perturbed.join(', '), 'perturbedLayers')
    if (attended && this.#layers.attended === 0) throw this.#without('mid_block', 'selfGuidance')
    for (const [size, { sum, layers }] of this.#maps) this.#graph.output(`maps/${size}`, multiply(sum, 1 / layers))
  }

  get #followers(): number {
    return this.#sizes.followers ?? 0
  }

  /** Pictures of one pass. */
  get #pictures(): number {
    return this.#batch / passesOf(this.#sizes)
  }

  get #firstWanted(): number {
    return this.#sizes.guided ? this.#pictures : 0
  }

  #without(asked: string, field: string): Problem {
    const blocks = new Set(this.#layers.own.map(layer => layer.replace(/\.attentions\..*/, '')))
    const there = [...blocks].join(', ')
    return new Problem('ATTENTION_LAYERS', `This model has no attention to places in ${asked}.`, {
      hint: blocks.size === 0 ? 'Choose another model.' : `It has some in ${there}.`,
      details: { field },
    })
  }

  /** Of the pictures from one on: [pictures, heads, places, tokens]. */
  #probabilities({ query, key, options }: Asked, { height, width }: AttentionPlace, from: number): Value {
    const scores = attentionScores(rows(query, from), rows(key, from), options)
    if (!this.#sizes.painted) return softmax(scores)
    const painted = this.#input(`attention.painted.${height}x${width}`, [1, 1, height * width, this.#tokens])
    return softmax(add(scores, multiply(painted, largestOfEach(scores))))
  }

  /** @param count of pictures before the followers, the last of which they follow */
  #withFollowers(own: Value, count: number): Value {
    const followers = this.#followers
    const matrix = this.#input('attention.source_words', [followers, this.#tokens, this.#tokens])
    const shares = this.#input('attention.own_words', [followers, this.#tokens])
    const taken = matMul(slice(own, 0, count - 1, count), reshape(matrix, [followers, 1, this.#tokens, this.#tokens]))
    const kept = multiply(rows(own, count), reshape(shares, [followers, 1, 1, this.#tokens]))
    return concat([slice(own, 0, 0, count), add(taken, kept)], 0)
  }

  /** Queries, keys or values, the followers' of which are mixed with those of the picture before them. */
  #following(x: Value, kind: number, { halves }: StructureSizes): Value {
    const share = like(slice(this.#input('attention.structure', [3]), 0, kind, kind + 1), x)
    const rest = add(multiply(share, -1), 1)
    const half = this.#batch - this.#firstWanted
    const starts = Array.from({ length: this.#batch / half }, (_, k) => k * half)
    const parts = starts.flatMap(start => {
      const followers = start + half - this.#followers
      if (halves === 'wanted' && start < this.#firstWanted) return [slice(x, 0, start, start + half)]
      const source = slice(x, 0, followers - 1, followers)
      const own = slice(x, 0, followers, start + half)
      // One of the two products is zero: what is taken over is taken over to the last bit.
      return [slice(x, 0, start, followers), add(multiply(source, share), multiply(own, rest))]
    })
    return concat(parts, 0)
  }

  #outputAttended({ height, width }: AttentionPlace, { query, key, options }: Asked): void {
    const [first, second] = [query, key].map(x => slice(x, 0, 0, this.#pictures))
    const mean = reduceMean(softmax(attentionScores(first, second, options)), 1)
    const places = height * width
    this.#graph.output(`attended/${height}x${width}`, reduceSum(reshape(mean, [this.#pictures, places, places]), [1]))
  }

  #addMaps({ height, width }: AttentionPlace, probabilities: Value): void {
    const [pictures, , places, tokens] = probabilities.shape
    const mean = reshape(reduceMean(probabilities, 1), [pictures, places, tokens])
    const size = `${height}x${width}`
    const known = this.#maps.get(size)
    this.#maps.set(size, known ? { sum: add(known.sum, mean), layers: known.layers + 1 } : { sum: mean, layers: 1 })
  }

  #input(name: string, shape: readonly number[]): Value {
    const value = this.#inputs.get(name) ?? this.#graph.input(name, 'float32', [...shape])
    this.#inputs.set(name, value)
    return value
  }
}

/** The pictures from one on. */
const rows = (x: Value, from: number): Value => (from === 0 ? x : slice(x, 0, from, x.shape[0]))

/** The pictures before one. */
const upTo = ({ query, key, value }: Asked, end: number): [Value, Value, Value] => {
  const before = (x: Value) => (end === x.shape[0] ? x : slice(x, 0, 0, end))
  return [before(query), before(key), before(value)]
}

/** The largest score of each picture: [pictures, heads, places, tokens] -> [pictures, 1, 1, 1]. */
function largestOfEach(scores: Value): Value {
  const [pictures, heads, places, tokens] = scores.shape
  return reshape(reduceMax(reshape(scores, [pictures, heads * places * tokens]), 1), [pictures, 1, 1, 1])
}
