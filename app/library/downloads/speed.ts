/** Milliseconds that are looked back. */
const SPAN = 15_000
/** Milliseconds before a speed means anything. */
const FIRST = 1500

/** How fast bytes arrived lately. */
export class Speed {
  readonly #seen: { at: number; done: number }[] = []

  /** @param done bytes that are there; fewer than before when a file begins anew  @param now milliseconds */
  note(done: number, now: number): void {
    if (done < (this.#seen.at(-1)?.done ?? 0)) this.#seen.length = 0
    this.#seen.push({ at: now, done })
    while (this.#seen.length > 2 && this.#seen[0].at < now - SPAN) this.#seen.shift()
  }

  /** Seconds for the rest; undefined before it is known. */
  secondsFor(rest: number): number | undefined {
    const [first] = this.#seen
    const last = this.#seen.at(-1)
    if (first === undefined || last === undefined || last.at - first.at < FIRST || last.done <= first.done)
      return undefined
    return (rest * (last.at - first.at)) / (last.done - first.done) / 1000
  }
}
