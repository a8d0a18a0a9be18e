import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { type Network, realNetwork } from './request.ts'

/** Helpers of the tests of downloads: a model hub on this computer that can be made to misbehave. */

/** Small files of safetensors with the given number of bytes of data. */
export function safetensors(bytes: number, fill = 7): Buffer {
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.alloc(bytes, fill).map((value, k) => (value + k * k) & 255)])
}

export interface Repository {
  readonly files: Readonly<Record<string, Buffer>>
  readonly card?: Record<string, unknown>
  readonly gated?: boolean | string
  /** Changes the API's answer. */
  readonly listing?: (info: Record<string, unknown>) => unknown
}

/** A request for the bytes of a file, and a way to answer it that is not as it should be. */
export interface Asked {
  readonly path: string
  readonly range: string | undefined
  /** How often this path was asked for, from 1. */
  readonly times: number
  readonly body: Buffer
  readonly request: IncomingMessage
  readonly response: ServerResponse
}
/** @returns whether it answered */
export type Fault = (asked: Asked) => boolean | undefined | Promise<boolean>

export interface TestHub {
  readonly address: string
  /** `GET` lines, in order. */
  readonly asked: string[]
  fault: Fault | undefined
  readonly commit: string
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const gitSha1 = (bytes: Buffer) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
const isLarge = (path: string) => path.endsWith('.safetensors')
const commit = createHash('sha1').update('commit').digest('hex')

function infoOf(id: string, { files, card, gated = false }: Repository): Record<string, unknown> {
  const siblings = Object.entries(files).map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    blobId: gitSha1(bytes),
    ...(isLarge(rfilename) && { lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 134 } }),
  }))
  return { id, sha: commit, gated, cardData: card, siblings }
}

/** Starts a hub; it is gone after the test. Large files are answered with a redirect to its store, as the public hub does it. */
export async function testHub(repositories: Readonly<Record<string, Repository>>): Promise<TestHub> {
  const times = new Map<string, number>()
  const server = createServer((request, response) => void answer(request, response))
  const hub = { address: '', asked: [] as string[], fault: undefined as Fault | undefined, commit }

  const json = (response: ServerResponse, status: number, value: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', hub.address)
    hub.asked.push(pathname)
    const [, apiId] = /^\/api\/models\/([^/]+\/[^/]+)/.exec(pathname) ?? []
    const known = apiId === undefined ? undefined : repositories[apiId]
    if (apiId !== undefined) {
      if (!known) {
        response.setHeader('x-error-code', 'RepoNotFound')
        return json(response, 401, { error: 'Invalid username or password.' })
      }
      const info = infoOf(apiId, known)
      return json(response, 200, known.listing?.(info) ?? info)
    }
    const [, id, revision, path = ''] =
      /^\/(?:cdn\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(decodeURIComponent(pathname)) ?? []
    const body = revision === commit ? repositories[id]?.files[path] : undefined
    if (!body) return json(response, 404, {})
    const count = (times.get(pathname) ?? 0) + 1
    times.set(pathname, count)
    const isStore = pathname.startsWith('/cdn/')
    if (isLarge(path) && !isStore) {
      const headers = {
        location: `/cdn${pathname}`,
        'x-linked-etag': `"${sha256(body)}"`,
        'x-linked-size': body.length,
      }
      response.writeHead(302, headers).end()
      return
    }
    const asked = { path, range: request.headers.range, times: count, body, request, response }
    if (await hub.fault?.(asked)) return
    sendFile(asked)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  hub.address = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return hub
}

/** Answers as it should be: the whole, or the part that is asked for if the tag still fits. */
export function sendFile(
  {
    request,
    response,
    body,
    ignoresRange = false,
  }: Pick<Asked, 'request' | 'response' | 'body'> & { ignoresRange?: boolean },
  change: { cutAt?: number; tag?: string } = {},
): void {
  const { cutAt, tag = `"${sha256(body)}"` } = change
  const ifRange = request.headers['if-range']
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(ignoresRange ? '' : (request.headers.range ?? '')) ?? []
  const start = from !== undefined && (ifRange === undefined || ifRange === tag) ? Number(from) : undefined
  response.setHeader('etag', tag)
  response.setHeader('content-type', 'application/octet-stream')
  if (start !== undefined && start >= body.length) {
    response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end()
    return
  }
  const end = to ? Math.min(Number(to) + 1, body.length) : body.length
  const part = body.subarray(start ?? 0, start === undefined ? body.length : end)
  const headers = { 'content-length': part.length }
  if (start === undefined) response.writeHead(200, headers)
  else response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${end - 1}/${body.length}` })
  if (cutAt === undefined) response.end(part)
  else response.write(part.subarray(0, cutAt), () => response.destroy())
}

/** The real network without its long pauses. */
export const quickNetwork: Network = { ...realNetwork, answerWithin: 2000, silentFor: 200, firstPause: 1 }
