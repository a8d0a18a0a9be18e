import type { StudioEvent } from '../app/api/contract.ts'

/** Pictures that a listener may be behind; one that is further behind is ended, and lists everything anew. */
const MOST_PENDING_IMAGES = 1000

/** Tells every listener what happens. Each has a queue of its own that cannot grow: of what is overtaken by something newer only
 *  the newest is kept, so a listener that does not listen costs the others nothing. */
export class EventHub {
  readonly #listeners = new Set<Listener>()
  readonly #onAudience: (isWatched: boolean) => void
  /** Listeners who look at previews. */
  #watching = 0

  /** @param onAudience is told when the first listener who looks at previews comes, and when the last one leaves */
  constructor(onAudience: (isWatched: boolean) => void = () => {}) {
    this.#onAudience = onAudience
  }

  emit(event: StudioEvent): void {
    for (const listener of this.#listeners) listener.add(event)
  }

  /** Listens from now on, whether or not anything is taken from the iterator yet; ends with the signal.
   *  @param options.previews whether this listener looks at previews, which cost a little to make */
  listen(signal?: AbortSignal, { previews = false } = {}): AsyncGenerator<StudioEvent, void> {
    const listener = new Listener(() => {
      if (this.#listeners.delete(listener) && previews && --this.#watching === 0) this.#onAudience(false)
    })
    this.#listeners.add(listener)
    if (previews && ++this.#watching === 1) this.#onAudience(true)
    if (signal?.aborted) listener.end()
    signal?.addEventListener('abort', () => listener.end(), { once: true })
    return listener.events()
  }

  /** Ends all listeners. */
  close(): void {
    for (const listener of [...this.#listeners]) listener.end()
  }
}

/** One listener's queue, keyed by what an event is about. */
class Listener {
  readonly #pending = new Map<string, StudioEvent>()
  readonly #onEnd: () => void
  #wake: (() => void) | undefined
  #isEnded = false

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  add(event: StudioEvent): void {
    if (this.#isEnded) return
    const key = keyOf(event)
    const merged = merge(this.#pending.get(key), event)
    // To the end of the queue, so that what is newest comes last.
    this.#pending.delete(key)
    this.#pending.set(key, merged)
    if (event.type === 'job' && event.job.state !== 'running') this.#pending.delete(`progress ${event.job.id}`)
    if (merged.type === 'images' && merged.added.length > MOST_PENDING_IMAGES) this.end()
    this.#wake?.()
  }

  end(): void {
    this.#isEnded = true
    this.#pending.clear()
    this.#onEnd()
    this.#wake?.()
  }

  /** Written out, because a generator function that is left before its first value would not run its `finally`. */
  events(): AsyncGenerator<StudioEvent, void> {
    const take = async (): Promise<IteratorResult<StudioEvent, void>> => {
      while (!this.#isEnded) {
        const next = this.#pending.entries().next().value
        if (next) {
          this.#pending.delete(next[0])
          return { done: false, value: next[1] }
        }
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
      }
      return { done: true, value: undefined }
    }
    const stop = async (): Promise<IteratorResult<StudioEvent, void>> => {
      this.end()
      return { done: true, value: undefined }
    }
    return {
      next: take,
      return: stop,
      throw: async error => {
        this.end()
        throw error
      },
      [Symbol.asyncIterator]() {
        return this
      },
      [Symbol.asyncDispose]: async () => this.end(),
    }
  }
}

function keyOf(event: StudioEvent): string {
  switch (event.type) {
    case 'job':
      return `job ${event.job.id}`
    case 'progress':
      return `progress ${event.jobId}`
    case 'download':
      return `download ${event.download.id}`
    case 'document':
      return `document ${event.document.id}`
    default:
      return event.type
  }
}

/** What two events about the same thing come to. */
function merge(older: StudioEvent | undefined, newer: StudioEvent): StudioEvent {
  if (older?.type === 'images' && newer.type === 'images') return { ...newer, added: [...older.added, ...newer.added] }
  if (older?.type === 'documents removed' && newer.type === 'documents removed') {
    return { ...newer, ids: [...older.ids, ...newer.ids] }
  }
  if (older?.type === 'removed' && newer.type === 'removed') {
    return { ...newer, images: [...older.images, ...newer.images] }
  }
  if (older?.type === 'progress' && newer.type === 'progress' && !newer.progress.previews) {
    // A preview that nobody has seen yet is not lost to a step that brought none.
    return { ...newer, progress: { ...newer.progress, previews: older.progress.previews } }
  }
  return newer
}
