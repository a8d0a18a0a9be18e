import { PassThrough } from 'node:stream'
import { serialize } from 'node:v8'
import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Problem } from '../app/problem.ts'
import { type Frame, FrameReader, frameBytes, openLink } from './frames.ts'

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
  return 'nothing was thrown'
}

/** A length and any bytes after it. */
const framed = (body: Uint8Array) => {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(body.length)
  return Buffer.concat([header, body])
}

test('frames come out as they went in, wherever the stream is cut', () => {
  const payload = fc.oneof(fc.string(), fc.uint8Array(), fc.constant(null), fc.record({ hash: fc.string() }))
  const frames = fc.array(fc.tuple(fc.nat(), fc.string(), payload), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 50 }), (sent, cut) => {
      const bytes = Buffer.concat(sent.map(frame => frameBytes(frame)))
      const reader = new FrameReader()
      const received: Frame[] = []
      for (let at = 0; at < bytes.length; at += cut) received.push(...reader.push(bytes.subarray(at, at + cut)))
      expect(received).toEqual(sent)
    }),
    { numRuns: 200 },
  )
})

test('a stream in the serialization of V8, of any version, is refused at its first bytes', () => {
  expect(codeOf(() => new FrameReader().push(serialize({ job: 1 })))).toBe('FRAME_LENGTH')
  for (let version = 0; version < 256; version++) {
    expect(codeOf(() => new FrameReader().push(Uint8Array.of(0xff, version, 0, 0)))).toBe('FRAME_LENGTH')
  }
})

test('lengths that no message has are refused before anything is kept', () => {
  expect(codeOf(() => new FrameReader().push(Uint8Array.of(0, 0, 0, 0)))).toBe('FRAME_LENGTH')
  expect(codeOf(() => new FrameReader(1000).push(Uint8Array.of(0, 0, 3, 233)))).toBe('FRAME_LENGTH')
  expect(new FrameReader(1000).push(Uint8Array.of(0, 0, 3, 232))).toEqual([])
})

test('what announces gigabytes inside a short message is refused', () => {
  const hostile = {
    array: [0xdd, 0xff, 0xff, 0xff, 0xff],
    map: [0xdf, 0xff, 0xff, 0xff, 0xff],
    string: [0xdb, 0xff, 0xff, 0xff, 0xff],
    bytes: [0xc6, 0xff, 0xff, 0xff, 0xff],
    extension: [0xc9, 0xff, 0xff, 0xff, 0xff, 1],
  }
  for (const body of Object.values(hostile)) {
    expect(codeOf(() => new FrameReader().push(framed(Uint8Array.from(body))))).toBe('FRAME_FORMAT')
    const inside = Uint8Array.from([0x93, 0x01, 0xa1, 0x78, ...body])
    expect(codeOf(() => new FrameReader().push(framed(inside)))).toBe('FRAME_FORMAT')
  }
})

test('a million nested lists are refused without running out of stack', () => {
  const nested = new Uint8Array(1_000_000).fill(0x91)
  expect(codeOf(() => new FrameReader().push(framed(nested)))).toBe('FRAME_FORMAT')
})

test('frames of another shape are refused', () => {
  for (const frame of [7, 'x', [], [1], [1, 2, 3], ['1', 'kind'], [-1, 'kind'], [1.5, 'kind'], [1, 'kind', 0, 0], {}]) {
    expect(codeOf(() => new FrameReader().push(framed(encode(frame))))).toBe('FRAME_FORMAT')
  }
})

test('random bytes never throw anything but a Problem', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), bytes => {
      codeOf(() => new FrameReader().push(framed(bytes)))
      codeOf(() => new FrameReader().push(bytes))
    }),
    { numRuns: 2000 },
  )
})

test('a message beyond the limit is not sent', () => {
  expect(codeOf(() => frameBytes([1, 'data', 'x'.repeat(200)], 100))).toBe('FRAME_LARGE')
})

test('a link that receives garbage says so once and closes its pipe', async () => {
  const stream = new PassThrough()
  const ends: (Problem | undefined)[] = []
  openLink(stream, { onFrame: () => expect.unreachable(), onEnd: problem => ends.push(problem) })
  stream.write(serialize('garbage'))
  await new Promise(resolve => stream.once('close', resolve))
  expect(ends.map(problem => problem?.code)).toEqual(['FRAME_LENGTH'])
})

test('sending waits while the other end does not read', async () => {
  const stream = new PassThrough({ highWaterMark: 1000 })
  stream.pause()
  const link = openLink(stream, { onFrame: () => {}, onEnd: () => {} })
  stream.pause()
  let sent = false
  const sending = link.send(1, 'data', 'x'.repeat(5000)).then(() => {
    sent = true
  })
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(sent).toBe(false)
  stream.resume()
  await sending
})
