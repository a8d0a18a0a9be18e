import { setImmediate } from 'node:timers/promises'
import { mostColours } from '../../metrics/dominant-colours.ts'
import type { Lab } from '../../tensor/oklab.ts'

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
/** Multiplications between two turns of others: some milliseconds. */
const WORK = 4_000_000

/** What pictures look like, in memory: rows of numbers beside each other, so that comparing with all of 100,000 takes tens of milliseconds. */
export class FeatureIndex {
  readonly #places = new Map<string, number>()
  readonly #hashes: string[] = []
  /** [pictures, mostColours, 4] */
  #colours = new Float32Array(0)
  /** [pictures, width]; zeros where there is none. */
  #embeddings = new Float32Array(0)
  #width = 0

  /** Adds a picture or changes it. @param colours four numbers each, as they are stored  @param embedding of length 1 */
  put(hash: string, colours: Float32Array, embedding: Float32Array | undefined): void {
    if (embedding !== undefined && this.#width === 0) this.#widen(embedding.length)
    const place = this.#places.get(hash) ?? this.#add(hash)
    this.#colours.fill(0, place * mostColours * 4, (place + 1) * mostColours * 4)
    this.#colours.set(colours, place * mostColours * 4)
    if (embedding?.length === this.#width) this.#embeddings.set(embedding, place * this.#width)
  }

  async nearColour([lightness, a, b]: Lab, among?: ReadonlySet<string>): Promise<Found[]> {
    const colours = this.#colours
    return this.#nearest(farthestColour, mostColours * 6, among, place => {
      let best = Number.POSITIVE_INFINITY
      for (let at = place * mostColours * 4; at < (place + 1) * mostColours * 4 && colours[at + 3] > 0; at += 4) {
        const far = Math.sqrt((colours[at] - lightness) ** 2 + (colours[at + 1] - a) ** 2 + (colours[at + 2] - b) ** 2)
        if (far < farthestColour) best = Math.min(best, far + forItsShare * (1 - Math.sqrt(colours[at + 3])))
      }
      return best
    })
  }

  async like(wanted: Float32Array, among?: ReadonlySet<string>): Promise<Found[]> {
    const [embeddings, width] = [this.#embeddings, this.#width]
    if (wanted.length !== width) return []
    const whole = width - (width % 4)
    return this.#nearest(1, width, among, place => {
      // Sums beside each other: the processor need not wait for one to add the next.
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      let at = place * width
      for (let k = 0; k < whole; k += 4, at += 4) {
        s0 += embeddings[at] * wanted[k]
        s1 += embeddings[at + 1] * wanted[k + 1]
        s2 += embeddings[at + 2] * wanted[k + 2]
        s3 += embeddings[at + 3] * wanted[k + 3]
      }
      for (let k = whole; k < width; k++, at++) s0 += embeddings[at] * wanted[k]
      return 1 - (s0 + s1 + s2 + s3)
    })
  }

  /** The pictures nearer than a limit, the nearest first. @param work multiplications a picture */
  async #nearest(
    limit: number,
    work: number,
    among: ReadonlySet<string> | undefined,
    distanceOf: (place: number) => number,
  ): Promise<Found[]> {
    const count = this.#hashes.length
    const places: number[] = []
    const distances = new Float32Array(count)
    const slice = Math.max(1, Math.floor(WORK / work))
    for (let from = 0; from < count; from += slice) {
      if (from > 0) await setImmediate()
      for (let place = from; place < Math.min(count, from + slice); place++) {
        if (among !== undefined && !among.has(this.#hashes[place])) continue
        distances[place] = distanceOf(place)
        if (distances[place] < limit) places.push(place)
      }
    }
    const best = mostFound < places.length ? nearer(places, distances) : places
    const found = best.map(place => ({ hash: this.#hashes[place], distance: distances[place] }))
    return found.sort((x, y) => x.distance - y.distance).slice(0, mostFound)
  }

  #add(hash: string): number {
    const place = this.#hashes.push(hash) - 1
    this.#places.set(hash, place)
    this.#colours = withRoom(this.#colours, (place + 1) * mostColours * 4)
    this.#embeddings = withRoom(this.#embeddings, (place + 1) * this.#width)
    return place
  }

  #widen(width: number): void {
    this.#width = width
    this.#embeddings = withRoom(this.#embeddings, this.#hashes.length * width)
  }
}

/** Those that are as near as the last that is wanted: sorting all of them as objects would take longer than comparing them. */
function nearer(places: readonly number[], distances: Float32Array): number[] {
  const sorted = Float32Array.from(places, place => distances[place]).sort()
  const last = sorted[mostFound - 1]
  return places.filter(place => distances[place] <= last)
}

/** Numbers with room for more, which grow by half so that adding costs little. */
function withRoom(numbers: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  if (length <= numbers.length) return numbers
  const larger = new Float32Array(Math.ceil(length * 1.5))
  larger.set(numbers)
  return larger
}
