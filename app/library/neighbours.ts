import type { Images } from './images.ts'
import type { Image } from './records.ts'
import type { Store } from './store.ts'

/** Notices what other engines do in the same library: a command that draws while the app is open. */
export class Neighbours {
  readonly #store: Store
  readonly #images: Images
  readonly #engine: string
  #seenChange: number
  #seenNumber: number

  constructor(store: Store, images: Images, engine: string) {
    this.#store = store
    this.#images = images
    this.#engine = engine
    this.#seenChange = store.changesOfOthers
    this.#seenNumber = images.lastNumber
  }

  /** Pictures that they recorded since the last call, oldest first. Costs next to nothing when they did nothing. */
  added(): Image[] {
    const change = this.#store.changesOfOthers
    if (change === this.#seenChange) return []
    this.#seenChange = change
    const last = this.#images.lastNumber
    const added = this.#images.addedAfter(this.#seenNumber, this.#engine)
    this.#seenNumber = last
    return added
  }
}
