import type { z } from 'zod'
import { Problem } from '../app/problem.ts'
import type { RgbImage } from '../app/tensor/images.ts'
import { startLimited } from './decoder-process.ts'
import { FrameReader, frameBytes } from './frames.ts'
import { LookedAt, largestPixels, type PixelRequest, Pixels, PlainFile, Refusal } from './picture-reader-messages.ts'

/** How much one picture may cost. */
export interface ReaderLimits {
  /** Milliseconds until it is given up. */
  readonly time: number
  /** Bytes of memory for data of the process that reads, where the system enforces it (Linux). */
  readonly memory: number
}

const usual: ReaderLimits = { time: 20_000, memory: 2 ** 31 }

interface Question {
  readonly id: number
  readonly settle: (kind: string, payload: unknown) => void
  readonly fail: (problem: Problem) => void
}

/** Looks at pictures of a person in a process of its own, one at a time, which is started when there is something to look at. A picture that
 *  ends the process, or takes too long, is refused alone; the next one is looked at by another process. */
export class PictureReader {
  readonly #limits: ReaderLimits
  #child: ReturnType<typeof startLimited> | undefined
  #question: Question | undefined
  #last: Promise<unknown> = Promise.resolve()
  #asked = 0

  constructor(limits: ReaderLimits = usual) {
    this.#limits = limits
  }

  /** What is seen of a picture at first sight. @throws Problem PICTURE_*, FILE_* */
  look(path: string): Promise<LookedAt> {
    return this.#ask('look', { path }, LookedAt)
  }

  /** Its pixels, sRGB and upright, before a background; a part of it at another size where that is asked for.
   *  @throws Problem PICTURE_*, FILE_*; PICTURE_CHANGED where it is not the file that was asked for */
  pixels(request: PixelRequest): Promise<RgbImage> {
    return this.#ask('pixels', request, Pixels)
  }

  /** The picture as a plain file: upright, sRGB, before a background. @throws Problem as `pixels` */
  plain(request: Pick<PixelRequest, 'path' | 'background'>): Promise<PlainFile> {
    return this.#ask('plain', request, PlainFile)
  }

  /** Ends the process; what was asked is refused. */
  close(): void {
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
    this.#question?.fail(failed())
  }

  #ask<Answer>(kind: string, payload: unknown, schema: z.ZodType<Answer>): Promise<Answer> {
    const turn = this.#last.then(async () => {
      const found = await this.#answer(kind, payload)
      const parsed = schema.safeParse(found)
      if (parsed.success) return parsed.data
      this.close()
      throw failed()
    })
    this.#last = turn.catch(() => {})
    return turn
  }

  #answer(kind: string, payload: unknown): Promise<unknown> {
    const child = this.#process()
    const id = ++this.#asked
    return new Promise((resolve, reject) => {
      const end = (finish: () => void) => {
        clearTimeout(timer)
        this.#question = undefined
        finish()
      }
      const fail = (problem: Problem) => end(() => reject(problem))
      const timer = setTimeout(() => {
        fail(
          new Problem('PICTURE_TIME', `The picture took longer than ${this.#limits.time / 1000} seconds to decode.`, {
            hint,
          }),
        )
        this.close()
      }, this.#limits.time)
      const settle = (answered: string, found: unknown) => {
        if (answered === kind) return end(() => resolve(found))
        const refusal = Refusal.safeParse(found)
        if (!refusal.success) return fail(failed())
        const { code, message, hint } = refusal.data
        fail(new Problem(code, message, { hint }))
      }
      this.#question = { id, settle, fail }
      child.stdin.write(frameBytes([id, kind, payload]))
    })
  }

  #process() {
    if (this.#child) return this.#child
    const child = startLimited('picture-reader', [`-d ${Math.ceil(this.#limits.memory / 1024)}`])
    this.#child = child
    const reader = new FrameReader(largestPixels)
    child.stdout.on('data', (piece: Buffer) => {
      try {
        for (const [id, kind, payload] of reader.push(piece)) {
          if (this.#question?.id === id) this.#question.settle(kind, payload)
        }
      } catch {
        this.close()
      }
    })
    // A process that dies early does not read to the end; its exit tells more than the broken pipe.
    child.stdin.on('error', () => {})
    child.on('error', error => this.#ended(child, `The picture reader does not start (${error.message}).`))
    child.on('close', () => this.#ended(child))
    return child
  }

  #ended(child: ReturnType<typeof startLimited>, why?: string): void {
    if (this.#child !== child) return
    this.#child = undefined
    this.#question?.fail(why === undefined ? failed() : new Problem('PICTURE_FAILED', why))
  }
}

const hint = 'Open it in another program and save it again.'

const failed = () =>
  new Problem('PICTURE_FAILED', 'The picture could not be decoded: it needed too much memory, or broke its decoder.', {
    hint,
  })
