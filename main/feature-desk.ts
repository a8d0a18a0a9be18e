import type { LookedAt } from '../app/library/facets.ts'
import { findImages } from '../app/library/features/find-images.ts'
import type { Seen } from '../app/library/features/picture-features.ts'
import type { ImagePage } from '../app/library/images.ts'
import type { Library } from '../app/library/library.ts'
import type { ImageQuery } from '../app/library/records.ts'
import { parseSearch } from '../app/library/search.ts'
import { Problem } from '../app/problem.ts'
import type { RgbImage } from '../app/tensor/images.ts'
import { PictureReader } from './picture-reader-process.ts'

/** Milliseconds between looks at whether pictures came; whoever added them, this engine or another. */
const LOOK_INTERVAL = 5000
/** Milliseconds between looks at whether a job still runs, and between two words about how far it is. */
const INTERVAL = 1000
/** Pictures whose names are read at a time. */
const SLICE = 50

export interface FeatureDeskParts {
  readonly library: Pick<Library, 'images' | 'features' | 'blobs'>
  /** What tells the network's places from those of another, with which they cannot be compared. */
  readonly network: () => Promise<string>
  readonly looks: { look(picture: RgbImage): Promise<Seen | undefined>; close(): void }
  /** Whether something runs that must not be made slower. */
  readonly isBusy: () => boolean
  readonly onProgress: (lookedAt: LookedAt) => void
  readonly log: (line: string) => void
  readonly reader?: Pick<PictureReader, 'pixels' | 'close'>
}

/** Looks at every picture of the library once, in the background, whenever no job runs; and finds pictures by what they look like. */
export class FeatureDesk {
  readonly #parts: FeatureDeskParts
  readonly #reader: Pick<PictureReader, 'pixels' | 'close'>
  #timer: NodeJS.Timeout | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #toldAt = 0
  #network: Promise<string> | undefined
  #isClosed = false

  constructor(parts: FeatureDeskParts) {
    this.#parts = parts
    this.#reader = parts.reader ?? new PictureReader()
    this.#later(LOOK_INTERVAL)
  }

  /** A page of pictures. What is asked to be like a picture that nobody looked at yet looks at that one first.
   *  @throws Problem CURSOR_INVALID, IMAGE_UNKNOWN, PICTURE_UNSEEN */
  async find(query: ImageQuery): Promise<ImagePage> {
    const { library } = this.#parts
    for (const id of parseSearch(query.search ?? '').similar) {
      const { hash } = library.images.get(id)
      if (library.features.isWaiting(hash)) await this.#lookAt(hash)
      if (!library.features.isPlaced(hash)) throw unseen()
    }
    return findImages(library.images, library.features, query)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#reader.close()
    this.#parts.looks.close()
  }

  #later(milliseconds: number): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => {
      this.#work().then(
        done => this.#later(done ? LOOK_INTERVAL : INTERVAL),
        (error: unknown) => {
          // The disk is full, say. Whatever waits goes on waiting.
          this.#parts.log(`Looking at pictures stopped: ${error}`)
          this.#later(LOOK_INTERVAL)
        },
      )
    }, milliseconds).unref()
  }

  /** Looks at what waits. @returns false where it stopped for a job that began */
  async #work(): Promise<boolean> {
    const { library, isBusy } = this.#parts
    await this.#named()
    let hashes = library.features.waiting(SLICE)
    if (hashes.length === 0) this.#rest()
    for (; hashes.length > 0; hashes = library.features.waiting(SLICE)) {
      for (const hash of hashes) {
        if (isBusy() || this.#isClosed) return false
        await this.#lookAt(hash)
        this.#tell()
      }
      this.#tell(true)
    }
    return true
  }

  #named(): Promise<string> {
    this.#network ??= this.#parts.network().then(network => {
      this.#parts.library.features.seenOnlyBy(network)
      return network
    })
    return this.#network
  }

  /** One at a time, whoever asks. */
  #lookAt(hash: string): Promise<void> {
    const turn = this.#turn.then(() => this.#look(hash))
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #look(hash: string): Promise<void> {
    const { library, looks, log } = this.#parts
    const blob = library.blobs.find(hash)
    if (blob === undefined || !library.features.isWaiting(hash)) return
    const picture = await this.#reader.pixels({ path: blob.path, background: '#ffffff' }).catch((error: Error) => {
      log(`${blob.path} could not be looked at: ${error.message}`)
      return undefined
    })
    const seen = picture && (await looks.look(picture))
    if (!this.#isClosed) library.features.keep(hash, await this.#named(), seen)
  }

  #tell(isLast = false): void {
    if (!isLast && Date.now() - this.#toldAt < INTERVAL) return
    this.#toldAt = Date.now()
    this.#parts.onProgress(this.#parts.library.features.lookedAt)
  }

  #rest(): void {
    this.#reader.close()
    this.#parts.looks.close()
  }
}

const unseen = () =>
  new Problem('PICTURE_UNSEEN', 'This picture cannot be compared with others: its file could not be looked at.', {
    hint: 'Search by its words or colours.',
  })
