import type { Duplex } from 'node:stream'
import { DecodeError, decode, encode } from '@msgpack/msgpack'
import { Problem } from '../app/problem.ts'

/** Messages between the app and its engine: on a pipe of their own, each a length (4 bytes, big-endian) and a MessagePack array
 *  `[channel, kind, payload]`. Never V8's serialization: Electron and Node do not agree on its versions. A stream in that format
 *  begins with 0xFF, which is a length beyond every limit here, so it is refused at its first bytes.
 *
 *  Bundled for Electron too: nothing newer than Node 18 in this file. */

/** Channel 0 is the pipe's own; others are conversations of pages. The payload's meaning depends on the kind. */
export type Frame = readonly [channel: number, kind: string, payload: unknown]

/** The longest frame, in bytes, when nothing else is said; what is larger than this (pictures) goes by file. */
export const FRAME_LIMIT = 64 * 2 ** 20

const HEADER = 4

/** A frame as bytes. @throws Problem FRAME_LARGE beyond the limit */
export function frameBytes(frame: Frame, limit = FRAME_LIMIT): Uint8Array {
  const body = encode(frame)
  if (body.length > limit) {
    throw new Problem('FRAME_LARGE', `A message of ${body.length} bytes is too long; at most ${limit} can be sent.`)
  }
  const bytes = new Uint8Array(HEADER + body.length)
  new DataView(bytes.buffer).setUint32(0, body.length)
  bytes.set(body, HEADER)
  return bytes
}

/** Takes a stream's pieces and gives its frames. Holds what was received, never what a length announces. */
export class FrameReader {
  readonly #limit: number
  #pieces: Uint8Array[] = []
  #held = 0

  constructor(limit = FRAME_LIMIT) {
    this.#limit = limit
  }

  /** @returns the frames that this piece completes
   *  @throws Problem FRAME_LENGTH or FRAME_FORMAT; the stream cannot be read on after that */
  push(piece: Uint8Array): Frame[] {
    this.#pieces.push(piece)
    this.#held += piece.length
    const frames: Frame[] = []
    while (this.#held >= HEADER) {
      const length = this.#length()
      if (this.#held < HEADER + length) break
      this.#take(HEADER)
      frames.push(parseFrame(this.#take(length), this.#limit))
    }
    return frames
  }

  #length(): number {
    const header = this.#take(HEADER)
    this.#pieces.unshift(header)
    this.#held += HEADER
    const length = new DataView(header.buffer, header.byteOffset, HEADER).getUint32(0)
    if (length === 0 || length > this.#limit) {
      throw new Problem(
        'FRAME_LENGTH',
        `A message announces ${length} bytes; between 1 and ${this.#limit} are possible.`,
      )
    }
    return length
  }

  #take(count: number): Uint8Array {
    this.#held -= count
    const first = this.#pieces[0]
    if (first !== undefined && first.length >= count) {
      if (first.length === count) this.#pieces.shift()
      else this.#pieces[0] = first.subarray(count)
      return first.subarray(0, count)
    }
    const all = Buffer.concat(this.#pieces)
    this.#pieces = all.length > count ? [all.subarray(count)] : []
    return all.subarray(0, count)
  }
}

/** No container of our messages is long, so a few bytes can never ask for gigabytes of slots. */
const MOST_ENTRIES = 16

function parseFrame(bytes: Uint8Array, limit: number): Frame {
  const frame = decodeBody(bytes, limit)
  if (!Array.isArray(frame) || frame.length < 2 || frame.length > 3) throw malformed()
  const [channel, kind, payload]: unknown[] = frame
  if (typeof channel !== 'number' || !Number.isSafeInteger(channel) || channel < 0) throw malformed()
  if (typeof kind !== 'string') throw malformed()
  // A copy of its own: a view into the stream's buffer would take that buffer along wherever it is posted.
  return [channel, kind, payload instanceof Uint8Array ? new Uint8Array(payload) : payload]
}

function decodeBody(bytes: Uint8Array, limit: number): unknown {
  try {
    return decode(bytes, {
      maxStrLength: limit,
      maxBinLength: limit,
      maxArrayLength: MOST_ENTRIES,
      maxMapLength: MOST_ENTRIES,
      maxExtLength: 0,
    })
  } catch (cause) {
    if (cause instanceof DecodeError || cause instanceof RangeError) throw malformed(cause)
    throw cause
  }
}

const malformed = (cause?: unknown) =>
  new Problem('FRAME_FORMAT', 'A message between the app and its engine is not in the agreed format.', { cause })

/** One end of a pipe that carries frames. */
export interface Link {
  /** Sends a frame; resolves when the pipe has room for more, at once when it is closed.
   *  @throws Problem FRAME_LARGE */
  send(channel: number, kind: string, payload?: unknown): Promise<void>
  close(): void
}

export interface LinkHandlers {
  onFrame(frame: Frame): void
  /** Called once: the other end is gone, or (with a problem) what came cannot be read, and the pipe was closed. */
  onEnd(problem?: Problem): void
}

/** Speaks frames over a pipe. */
export function openLink(stream: Duplex, handlers: LinkHandlers, limit = FRAME_LIMIT): Link {
  const reader = new FrameReader(limit)
  let ended = false
  let room: { promise: Promise<void>; open: () => void } | undefined

  const end = (problem?: Problem) => {
    if (ended) return
    ended = true
    room?.open()
    stream.destroy()
    handlers.onEnd(problem)
  }
  const receive = (piece: Uint8Array) => {
    try {
      for (const frame of reader.push(piece)) if (!ended) handlers.onFrame(frame)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      end(error)
    }
  }
  stream.on('data', receive)
  stream.on('drain', () => {
    room?.open()
    room = undefined
  })
  stream.on('end', () => end())
  stream.on('close', () => end())
  stream.on('error', () => end())

  return {
    async send(channel, kind, payload) {
      if (ended) return
      if (!stream.write(frameBytes([channel, kind, payload], limit))) {
        room ??= gate()
        await room.promise
      }
    },
    close: () => end(),
  }
}

/** A promise and what fulfils it. */
function gate(): { promise: Promise<void>; open: () => void } {
  let open = () => {}
  const promise = new Promise<void>(resolve => {
    open = resolve
  })
  return { promise, open }
}
