/** What went wrong, in words for the person who is working: what happened, to which file, what to do.
 *  `code` is stable, for programs and tests; `details` go to the log, never to the screen. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: string
  readonly hint: string | undefined
  readonly details: Record<string, unknown> | undefined

  /** @param message one sentence; @param options.hint one sentence that says what to do */
  constructor(
    code: string,
    message: string,
    options: { hint?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.details = options.details
  }

  /** The sentence and its advice on one line, as the command line prints it. */
  get sentence(): string {
    return this.hint === undefined ? this.message : `${this.message} ${this.hint}`
  }
}
