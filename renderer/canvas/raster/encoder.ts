import type { EncodeAnswer } from './encode-worker.ts'

interface Waiting {
  readonly resolve: (bytes: Uint8Array<ArrayBuffer> | undefined) => void
  readonly reject: (error: Error) => void
}

let worker: Worker | undefined
let last = 0
const waiting = new Map<number, Waiting>()

function fail(error: Error): void {
  worker?.terminate()
  worker = undefined
  for (const { reject } of waiting.values()) reject(error)
  waiting.clear()
}

function open(): Worker {
  if (worker !== undefined) return worker
  worker = new Worker(new URL('./encode-worker.ts', import.meta.url), { type: 'module' })
  worker.addEventListener('message', ({ data: { id, bytes, problem } }: MessageEvent<EncodeAnswer>) => {
    const found = waiting.get(id)
    waiting.delete(id)
    if (problem === undefined) found?.resolve(bytes && new Uint8Array(bytes))
    else found?.reject(new Error(problem))
  })
  worker.addEventListener('error', event => fail(new Error(`Tiles cannot be encoded: ${event.message}`)))
  return worker
}

/** A picture as the bytes of a PNG file, made in another thread; nothing where it is wholly transparent. The picture is used up. */
export function encodePng(picture: ImageBitmap): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const id = ++last
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    open().postMessage({ id, picture }, [picture])
  })
}
