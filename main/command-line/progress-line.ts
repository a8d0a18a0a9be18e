import type { WriteStream } from 'node:tty'
import type { JobProgress } from '../../app/library/records.ts'

/** Shows progress on stderr: on a terminal in one line that is written again and again, elsewhere its notes alone. */
export class ProgressLine {
  readonly #stream: Pick<WriteStream, 'isTTY' | 'columns' | 'write'>
  #shown = false

  constructor(stream: Pick<WriteStream, 'isTTY' | 'columns' | 'write'>) {
    this.#stream = stream
  }

  /** A note stays, on a line of its own. */
  show({ phase, secondsLeft, note }: Pick<JobProgress, 'phase' | 'secondsLeft' | 'note'>): void {
    if (note !== undefined) {
      this.clear()
      this.#stream.write(`${note}\n`)
      return
    }
    if (!this.#stream.isTTY) return
    const left = secondsLeft === undefined ? '' : `, ${duration(secondsLeft)} left`
    this.#stream.write(`\r\x1b[K${`${phase}${left}`.slice(0, Math.max(1, (this.#stream.columns || 80) - 1))}`)
    this.#shown = true
  }

  /** Takes the line away, so that other words can be printed. */
  clear(): void {
    if (this.#shown) this.#stream.write('\r\x1b[K')
    this.#shown = false
  }
}

/** "4 s", "2 min 5 s" */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
