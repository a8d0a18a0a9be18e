/** Measures the steps of an operation, and tells the seconds that are left. */
export class Stopwatch {
  #stepSeconds: number | undefined
  #last: number | undefined

  /** After a step: seconds until the last one; undefined until two were measured. The first step is not: it contains what is done once. */
  step(step: number, total: number): number | undefined {
    const now = performance.now()
    if (this.#last !== undefined) {
      const seconds = (now - this.#last) / 1000
      // A running mean that follows changes of load within a few steps.
      this.#stepSeconds = this.#stepSeconds === undefined ? seconds : this.#stepSeconds * 0.8 + seconds * 0.2
    }
    this.#last = now
    return this.#stepSeconds === undefined || step < 3 ? undefined : this.#stepSeconds * (total - step)
  }
}
