import { setImmediate } from 'node:timers/promises'
import { mostColours } from '../../metrics/dominant-colours.ts'
import type { Lab } from '../../tensor/oklab.ts'
import { DotProducts } from './dot-products.ts'

/** A picture that a search found. */
export interface Found {
  readonly hash: string
  /** How far it is: of colours a distance, of likeness 1 minus the cosine. */
  readonly distance: number
}

/** Colours farther away than this are others: about those that share a name. */
export const farthestColour = 0.16
/** A colour of which little is there counts as farther away, by this much at most. */
const forItsShare = 0.08
/** Pictures that a search finds, at most. */
export const mostFound = 2000
/** Pictures that are compared between two turns of others: some milliseconds. */
const SLICE = 50_000

/** What pictures look like, in memory: rows of numbers beside each other, so that comparing with all of 100,000 takes tens of milliseconds. */
export class FeatureIndex {
  readonly #places = new Map<string, number>()
  readonly #hashes: string[] = []
  /** [pictures, mostColours, 4] */
  #colours = new Float32Array(0)
  /** Zeros where there is none. */
  #embeddings: DotProducts | undefined

  /** Adds a picture or changes it. @param colours four numbers each, as they are stored  @param embedding of length 1 */
  put(hash: string, colours: Float32Array, embedding: Float32Array | undefined): void {
    if (embedding !== undefined) this.#embeddings ??= new DotProducts(embedding.length)
    const place = this.#places.get(hash) ?? this.#add(hash)
    this.#colours.fill(0, place * mostColours * 4, (place + 1) * mostColours * 4)
    this.#colours.set(colours, place * mostColours * 4)
    if (embedding !== undefined && embedding.length === this.#embeddings?.width) this.#embeddings.put(place, embedding)
  }

  async nearColour([lightness, a, b]: Lab, among?: ReadonlySet<string>): Promise<Found[]> {
    const colours = this.#colours
    return this.#nearest(farthestColour, among, place => {
      let best = Number.POSITIVE_INFINITY
      for (let at = place * mostColours * 4; at < (place + 1) * mostColours * 4 && colours[at + 3] > 0; at += 4) {
        const far = Math.sqrt((colours[at] - lightness) ** 2 + (colours[at + 1] - a) ** 2 + (colours[at + 2] - b) ** 2)
        if (far < farthestColour) best = Math.min(best, far + forItsShare * (1 - Math.sqrt(colours[at + 3])))
      }
      return best
    })
  }

  async like(wanted: Float32Array, among?: ReadonlySet<string>): Promise<Found[]> {
    if (wanted.length !== this.#embeddings?.width) return []
    const cosines = new Float32Array(this.#hashes.length)
    for (let done = this.#embeddings.multiply(wanted, cosines, 0); done < cosines.length; ) {
      await setImmediate()
      done = this.#embeddings.multiply(wanted, cosines, done)
    }
    return this.#nearest(1, among, place => 1 - cosines[place])
  }

  /** The pictures nearer than a limit, the nearest first. */
  async #nearest(
    limit: number,
    among: ReadonlySet<string> | undefined,
    distanceOf: (place: number) => number,
  ): Promise<Found[]> {
    const count = this.#hashes.length
    const places: number[] = []
    const distances = new Float32Array(count)
    for (let from = 0; from < count; from += SLICE) {
      if (from > 0) await setImmediate()
      for (let place = from; place < Math.min(count, from + SLICE); place++) {
        if (among !== undefined && !among.has(this.#hashes[place])) continue
        distances[place] = distanceOf(place)
        if (distances[place] < limit) places.push(place)
      }
    }
    const best = mostFound < places.length ? nearer(places, distances, limit) : places
    const found = best.map(place => ({ hash: this.#hashes[place], distance: distances[place] }))
    return found.sort((x, y) => x.distance - y.distance).slice(0, mostFound)
  }

  #add(hash: string): number {
    const place = this.#hashes.push(hash) - 1
    this.#places.set(hash, place)
    this.#colours = withRoom(this.#colours, (place + 1) * mostColours * 4)
    return place
  }
}

/** Those among which the wanted number of nearest is: distances are counted in steps first, for sorting all of them would take longer than comparing. */
function nearer(places: readonly number[], distances: Float32Array, limit: number): number[] {
  const steps = new Uint32Array(4096)
  const stepOf = (place: number) => Math.max(0, Math.floor((distances[place] / limit) * (steps.length - 1)))
  for (const place of places) steps[stepOf(place)]++
  let last = 0
  for (let counted = steps[0]; counted < mostFound; ) counted += steps[++last]
  return places.filter(place => stepOf(place) <= last)
}

/** Numbers with room for more, which grow by half so that adding costs little. */
function withRoom(numbers: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  if (length <= numbers.length) return numbers
  const larger = new Float32Array(Math.ceil(length * 1.5))
  larger.set(numbers)
  return larger
}
