import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Channel, EngineProcess } from './engine-process.ts'
import { securityHeaders, serve } from './serving.ts'

/** Browser mode: page, pictures and the engine's API on one loopback port, for the browser that was given the address and no other.
 *
 *  The address carries a token in its fragment, which no server and no other page sees. The first wire that names it gets
 *  a cookie in return; from then on the token is worth nothing without that cookie, and a picture nothing without it either.
 *  Every request must name this very host and, where a page made it, come from this very page. */

/** Longest message of a page, in bytes; the engine's pipe takes no longer ones. */
const longestMessage = 32 * 2 ** 20

export interface Loopback {
  /** `http://127.0.0.1:PORT/#token=…` */
  readonly address: string
  close(): Promise<void>
}

/** @param options.page the folder of the built page
 *  @param options.port the port to use if it is free; else, and by default, any */
export async function serveLoopback(options: {
  page: string
  engine: Pick<EngineProcess, 'openChannel' | 'blobPath'>
  port?: number
}): Promise<Loopback> {
  const { engine, page } = options
  const answer = serve({ page, blobPath: hash => engine.blobPath(hash) })
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestMessage })
  const port = await listen(server, options.port ?? 0).catch(() => listen(server, 0))
  const door = new Door(port)

  server.on('request', (request, response) => void respond(request, response))
  server.on('upgrade', (request, socket, head) => upgrade(request, socket, head))
  sockets.on('headers', headers => headers.push(`Set-Cookie: ${door.cookie}`))

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    if (request.method !== 'GET' || !door.admits(request)) return refuse(response)
    if (path.startsWith('/blob/') && !door.hasCookie(request)) return refuse(response)
    try {
      const { status, headers, body } = await answer(path)
      response.writeHead(status, headers).end(body)
    } catch {
      response.writeHead(503, securityHeaders).end()
    }
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [path, query] = (request.url ?? '').split('?', 2)
    const token = new URLSearchParams(query).get('token') ?? ''
    if (path !== '/api' || !door.admits(request) || !door.opens(request, token)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, wire => join(wire, engine.openChannel()))
  }

  return {
    address: `${door.origin}/#token=${door.token}`,
    async close() {
      for (const wire of sockets.clients) wire.terminate()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function listen(server: Server, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, '127.0.0.1', () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function refuse(response: ServerResponse): void {
  response.writeHead(403, securityHeaders).end()
}

/** Joins a page's socket to a wire to the engine; text stays text and bytes stay bytes. */
function join(wire: WebSocket, channel: Channel): void {
  wire.binaryType = 'nodebuffer'
  wire.on('message', (data, isBinary) => {
    if (!Buffer.isBuffer(data)) return
    channel.send(isBinary ? new Uint8Array(data) : data.toString('utf8'))
  })
  wire.on('close', () => channel.close())
  wire.on('error', () => wire.terminate())
  channel.onMessage(message => new Promise<void>(sent => wire.send(message, () => sent())))
  channel.onClose(() => wire.close())
}

/** Who may come in. */
class Door {
  readonly origin: string
  readonly token = randomBytes(32).toString('hex')
  readonly #host: string
  readonly #cookieName: string
  readonly #secret = randomBytes(32).toString('hex')
  #used = false

  constructor(port: number) {
    this.#host = `127.0.0.1:${port}`
    this.origin = `http://${this.#host}`
    // Cookies are shared by all ports of a host, so the name says which one this is for.
    this.#cookieName = `sfumato-${port}`
  }

  get cookie(): string {
    return `${this.#cookieName}=${this.#secret}; HttpOnly; SameSite=Strict; Path=/`
  }

  /** The name that was called is ours (a foreign name that leads here is an attack), and so is the page that calls. */
  admits({ headers }: IncomingMessage): boolean {
    const site = headers['sec-fetch-site']
    if (headers.host !== this.#host) return false
    if (headers.origin !== undefined && headers.origin !== this.origin) return false
    return site === undefined || site === 'same-origin' || site === 'none'
  }

  hasCookie({ headers }: IncomingMessage): boolean {
    const pairs = (headers.cookie ?? '').split(';').map(pair => pair.trim().split('=', 2))
    return pairs.some(([name, value]) => name === this.#cookieName && same(value ?? '', this.#secret))
  }

  /** Whether a wire may open: the page is ours (browsers always say), the token right and, after its first use, the browser the same. */
  opens(request: IncomingMessage, token: string): boolean {
    if (request.headers.origin !== this.origin || !same(token, this.token)) return false
    if (this.#used && !this.hasCookie(request)) return false
    this.#used = true
    return true
  }
}

/** Compares secrets in a time that tells nothing about them. */
function same(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)]
  return a.length === b.length && timingSafeEqual(a, b)
}
