import { type DominantColour, mostColours } from '../../metrics/dominant-colours.ts'
import type { Lab } from '../../tensor/oklab.ts'
import { float32ToFloat16, halfTables } from '../../weights/half.ts'
import type { LookedAt } from '../facets.ts'
import type { Store } from '../store.ts'
import { FeatureIndex, type Found } from './feature-index.ts'

/** What was seen of a picture. */
export interface Seen {
  readonly colours: readonly DominantColour[]
  /** Where it lies among pictures, of length 1; absent where no network looked at it. */
  readonly embedding?: Float32Array
}

interface Row {
  number: number
  hash: string
  colours: Uint8Array | null
  embedding: Uint8Array | null
}

/** Rows that are read at a time, so that others get their turn between them. */
const SLICE = 2000
/** Milliseconds after the last search when the index leaves the memory. */
const IDLE = 300_000

/** What the pictures of the library look like, and which look alike. Searches are exact: they compare with every picture. */
export class PictureFeatures {
  readonly #store: Store
  #index: Promise<FeatureIndex> | undefined
  #changes = 0
  #idle: NodeJS.Timeout | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /** Pictures that nobody looked at yet, those that came last first. */
  waiting(most: number): string[] {
    const rows = this.#store.all<{ hash: string }>(
      'SELECT hash FROM pictureFeatures WHERE seenBy IS NULL ORDER BY number DESC LIMIT ?',
      [most],
    )
    return rows.map(({ hash }) => hash)
  }

  get lookedAt(): LookedAt {
    const [row] = this.#store.all<{ total: number; waiting: number }>(
      `SELECT (SELECT count(*) FROM pictureFeatures) AS total,
       (SELECT count(*) FROM pictureFeatures WHERE seenBy IS NULL) AS waiting`,
    )
    return { done: row.total - row.waiting, total: row.total }
  }

  /** Lets all pictures wait again that another network looked at: places of two networks cannot be compared. */
  seenOnlyBy(network: string): void {
    const changed = this.#store.run(
      'UPDATE pictureFeatures SET seenBy = NULL, embedding = NULL WHERE seenBy < ? OR seenBy > ?',
      [network, network],
    )
    if (changed > 0) this.#forget()
  }

  /** Records what was seen of a picture. One that is gone meanwhile is left out.
   *  @param seen undefined where it cannot be read: it is not looked at again */
  keep(hash: string, network: string, seen: Seen | undefined): void {
    const colours = coloursToBytes(seen?.colours ?? [])
    const embedding = seen?.embedding && bytesOf(float32ToFloat16(seen.embedding))
    this.#store.run('UPDATE pictureFeatures SET seenBy = ?, colours = ?, embedding = ? WHERE hash = ?', [
      network,
      colours,
      embedding ?? null,
      hash,
    ])
    void this.#index?.then(index => index.put(hash, coloursOf(colours), embedding && embeddingOf(embedding)))
  }

  isWaiting(hash: string): boolean {
    return this.#store.get('SELECT 1 FROM pictureFeatures WHERE hash = ? AND seenBy IS NULL', [hash]) !== undefined
  }

  /** Whether a network placed it among pictures. */
  isPlaced(hash: string): boolean {
    return (
      this.#store.get('SELECT 1 FROM pictureFeatures WHERE hash = ? AND embedding IS NOT NULL', [hash]) !== undefined
    )
  }

  /** Pictures with much of a colour, the nearest first. @param among hashes that count; default: all */
  async nearColour(colour: Lab, among?: ReadonlySet<string>): Promise<Found[]> {
    return (await this.#opened()).nearColour(colour, among)
  }

  /** Pictures that look like one, itself first; none where no network looked at it. @param among hashes that count; default: all */
  async like(hash: string, among?: ReadonlySet<string>): Promise<Found[]> {
    const row = this.#store.get<Row>('SELECT * FROM pictureFeatures WHERE hash = ?', [hash])
    if (row?.embedding == null) return []
    return (await this.#opened()).like(embeddingOf(row.embedding), among)
  }

  close(): void {
    this.#forget()
  }

  #forget(): void {
    clearTimeout(this.#idle)
    this.#index = undefined
  }

  /** The index, read anew where another engine wrote meanwhile. */
  #opened(): Promise<FeatureIndex> {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#forget(), IDLE).unref()
    const changes = this.#store.changesOfOthers
    if (this.#index === undefined || this.#changes !== changes) {
      this.#changes = changes
      this.#index = this.#read()
    }
    return this.#index
  }

  async #read(): Promise<FeatureIndex> {
    const index = new FeatureIndex()
    let last = 0
    for (;;) {
      const rows = this.#store.all<Row>(
        `SELECT number, hash, colours, embedding FROM pictureFeatures
         WHERE number > ? AND +seenBy IS NOT NULL ORDER BY number LIMIT ${SLICE}`,
        [last],
      )
      for (const { hash, colours, embedding } of rows) {
        if (colours !== null)
          index.put(hash, coloursOf(colours), embedding === null ? undefined : embeddingOf(embedding))
      }
      if (rows.length < SLICE) return index
      last = rows[rows.length - 1].number
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)

/** Four numbers a colour: lightness, a, b, share. */
const coloursToBytes = (colours: readonly DominantColour[]): Uint8Array =>
  bytesOf(Float32Array.from(colours.slice(0, mostColours).flatMap(({ colour, share }) => [...colour, share])))

/** A copy, for the bytes of a row may begin anywhere. */
const coloursOf = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer)

/** By a table: a hundred thousand rows are read at once. */
function embeddingOf(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(bytes.slice().buffer)
  const numbers = new Float32Array(halves.length)
  for (let k = 0; k < halves.length; k++) numbers[k] = halfTables.F16[halves[k]]
  return numbers
}
