/** Bits of 64 in which copies of one picture may differ, and levels (0 to 255) by which their mean colours may. */
const [mostBits, mostLevels] = [6, 10]
/** By the pigeonhole principle, hashes that differ in 6 bits are equal in one of 7 parts: only those are compared. */
const parts = mostBits + 1

/** What is known of a picture here: its number, the hash of its file, and what it looks like (see `perceptualHash`). */
export interface Seen {
  readonly number: number
  readonly hash: string
  readonly perceptualHash: string
}

/** What pictures look like, as columns: thousands are compared with each other. */
interface Looks {
  readonly high: Int32Array
  readonly low: Int32Array
  /** Red, green and blue of each. */
  readonly colours: Uint8Array
}

/** Pictures that show the same, in groups of two and more, each in the order given; what looks like one of a group belongs to it. */
export function findDuplicates(pictures: readonly Seen[]): number[][] {
  const groups = new Groups(pictures.length)
  const looks = looksOf(pictures)
  for (const [, bucket] of Map.groupBy(pictures.keys(), index => pictures[index].hash)) {
    for (const index of bucket) groups.join(bucket[0], index)
  }
  for (const bucket of alikeInPart(looks)) {
    for (let k = 0; k < bucket.length; k++) {
      for (let n = k + 1; n < bucket.length; n++) {
        if (isAlike(looks, bucket[k], bucket[n])) groups.join(bucket[k], bucket[n])
      }
    }
  }
  return groups.list().map(group => group.map(index => pictures[index].number))
}

function isAlike({ high, low, colours }: Looks, a: number, b: number): boolean {
  if (bitsOf(high[a] ^ high[b]) + bitsOf(low[a] ^ low[b]) > mostBits) return false
  for (let k = 0; k < 3; k++) if (Math.abs(colours[a * 3 + k] - colours[b * 3 + k]) > mostLevels) return false
  return true
}

function looksOf(pictures: readonly Seen[]): Looks {
  const word = (start: number) =>
    Int32Array.from(pictures, ({ perceptualHash }) => hexadecimal(perceptualHash, start, 8))
  const colours = pictures.flatMap(({ perceptualHash }) => [16, 18, 20].map(at => hexadecimal(perceptualHash, at, 2)))
  return { high: word(0), low: word(8), colours: Uint8Array.from(colours) }
}

const hexadecimal = (text: string, start: number, digits: number): number =>
  Number.parseInt(text.slice(start, start + digits), 16)

/** Set bits of 32. */
function bitsOf(word: number): number {
  let count = word - ((word >>> 1) & 0x55555555)
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333)
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Indices of pictures that have a part of their looks in common, part by part. */
function* alikeInPart({ high, low }: Looks): Iterable<readonly number[]> {
  for (let part = 0; part < parts; part++) {
    const [start, end] = [part, part + 1].map(each => Math.round((each * 64) / parts))
    const bits = (index: number): number => {
      if (start >= 32) return low[index] >>> (start - 32)
      return end > 32 ? (high[index] >>> start) | (low[index] << (32 - start)) : high[index] >>> start
    }
    yield* Map.groupBy(high.keys(), index => bits(index) & (2 ** (end - start) - 1)).values()
  }
}

/** Which indices belong together. */
class Groups {
  readonly #leader: number[]

  constructor(count: number) {
    this.#leader = Array.from({ length: count }, (_, index) => index)
  }

  of(index: number): number {
    let leader = index
    while (this.#leader[leader] !== leader) leader = this.#leader[leader]
    this.#leader[index] = leader
    return leader
  }

  /** The earlier one leads. */
  join(a: number, b: number): void {
    const [one, other] = [this.of(a), this.of(b)]
    this.#leader[Math.max(one, other)] = Math.min(one, other)
  }

  list(): number[][] {
    const groups = Map.groupBy(this.#leader.keys(), index => this.of(index))
    return [...groups.values()].filter(group => group.length > 1)
  }
}

/** Finds duplicates, and remembers what it found last: pages of one data set are asked for one after the other. */
export class DuplicateFinder {
  #key = ''
  #groups: number[][] = []

  find(pictures: readonly Seen[]): readonly (readonly number[])[] {
    const key = pictures.map(({ number, hash }) => `${number} ${hash}`).join()
    if (key !== this.#key) {
      this.#groups = findDuplicates(pictures)
      this.#key = key
    }
    return this.#groups
  }
}
