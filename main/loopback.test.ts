import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Channel } from './engine-process.ts'
import { type Loopback, serveLoopback } from './loopback.ts'

const root = mkdtempSync(join(tmpdir(), 'sfumato-loopback-'))
const page = join(root, 'page')
const hash = '0f'.repeat(32)
mkdirSync(page)
writeFileSync(join(page, 'index.html'), '<!doctype html>')
writeFileSync(join(root, 'picture'), Buffer.from('89504e47', 'hex'))

/** An engine that says everything back. */
function echo(): Channel {
  let heard: (message: string | Uint8Array) => void = () => {}
  return {
    send: message => heard(message),
    onMessage: listener => {
      heard = listener
    },
    onClose: () => {},
    close: () => {},
  }
}
const engine = {
  openChannel: echo,
  blobPath: async (asked: string) => (asked === hash ? { path: join(root, 'picture'), type: 'image/png' } : undefined),
}

let loopback: Loopback
let origin: string
let token: string
let port: number
async function restart(): Promise<void> {
  await loopback?.close()
  loopback = await serveLoopback({ page, engine })
  const url = new URL(loopback.address)
  origin = url.origin
  port = Number(url.port)
  token = url.hash.slice('#token='.length)
}
beforeAll(restart)
afterAll(() => loopback.close())

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } }
    request(options, response => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

/** Tries to open a wire. @returns the socket and its cookie, or the status of the refusal */
function wire(asked: { token: string; headers?: Record<string, string>; path?: string }) {
  const address = `ws://127.0.0.1:${port}${asked.path ?? '/api'}?token=${encodeURIComponent(asked.token)}`
  const socket = new WebSocket(address, { headers: { origin, ...asked.headers } })
  return new Promise<{ socket?: WebSocket; cookie?: string; status?: number }>((resolve, reject) => {
    let cookie: string | undefined
    socket.on('upgrade', response => {
      cookie = response.headers['set-cookie']?.[0]
    })
    socket.on('open', () => resolve({ socket, cookie }))
    socket.on('unexpected-response', (_request, response) => {
      resolve({ status: response.statusCode })
      socket.on('error', () => {})
      socket.terminate()
    })
    socket.on('error', reject)
  })
}

test('the address leads to a loopback port and keeps its token where no server sees it', () => {
  expect(loopback.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[0-9a-f]{64}$/)
})

test('the page is served; what the page did not ask for, or another name asks for, is not', async () => {
  expect(await get('/')).toBe(200)
  const refused = {
    'a foreign host name': await get('/', { host: `evil.example:${port}` }),
    'the other name of this machine': await get('/', { host: `localhost:${port}` }),
    'a host without its port': await get('/', { host: '127.0.0.1' }),
    'a foreign page': await get('/', { origin: 'http://evil.example' }),
    'a page on another port': await get('/', { origin: `http://127.0.0.1:${port + 1}` }),
    'a page without an origin': await get('/', { origin: 'null' }),
    'a picture element elsewhere': await get('/', { 'sec-fetch-site': 'cross-site' }),
    'a page of another port on this machine': await get('/', { 'sec-fetch-site': 'same-site' }),
    'writing by POST': await get('/', {}, 'POST'),
    'writing by PUT': await get('/index.html', {}, 'PUT'),
    'asking for leave': await get('/', {}, 'OPTIONS'),
    'a path outside': await get('/../package.json'),
    'an encoded path outside': await get('/%2e%2e/picture'),
    'the token in the open': await get(`/blob/${hash}?token=${token}`),
  }
  expect(refused).toEqual(Object.fromEntries(Object.keys(refused).map(name => [name, 403])))
})

test('a request without a host, and one that is no HTTP, leave the server standing', async () => {
  for (const text of [
    'GET / HTTP/1.0\r\n\r\n',
    'GET http://127.0.0.1/ HTTP/1.1\r\n\r\n',
    '\xff\xfe\0garbage\r\n\r\n',
  ]) {
    const answer = await new Promise<string>(resolve => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'))
      let heard = ''
      socket.on('data', data => {
        heard += data
      })
      socket.on('error', () => resolve(heard))
      socket.on('close', () => resolve(heard))
    })
    expect(answer).not.toMatch(/ 200 /)
  }
  expect(await get('/')).toBe(200)
})

test('a wire opens to the right token from the own page only', async () => {
  const refused = {
    'no token': await wire({ token: '' }),
    'a wrong token': await wire({ token: 'f'.repeat(64) }),
    'a shorter token': await wire({ token: token.slice(1) }),
    'a foreign page': await wire({ token, headers: { origin: 'http://evil.example' } }),
    'a page on another port': await wire({ token, headers: { origin: `http://127.0.0.1:${port + 1}` } }),
    'a foreign host name': await wire({ token, headers: { host: `evil.example:${port}` } }),
    'another path': await wire({ token, path: '/' }),
  }
  expect(refused).toEqual(Object.fromEntries(Object.keys(refused).map(name => [name, { status: 403 }])))
})

test('the token opens once; after that only with the cookie that the first browser got', async () => {
  await restart()
  const first = await wire({ token })
  expect(first.cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/)
  const cookie = first.cookie?.split(';')[0] ?? ''
  expect(await wire({ token })).toEqual({ status: 403 })
  expect(await wire({ token, headers: { cookie: cookie.replace(/.$/, 'x') } })).toEqual({ status: 403 })
  expect(await wire({ token: 'f'.repeat(64), headers: { cookie } })).toEqual({ status: 403 })
  expect((await wire({ token, headers: { cookie: `other=1; ${cookie}` } })).socket).toBeDefined()

  expect(await get(`/blob/${hash}`)).toBe(403)
  expect(await get(`/blob/${hash}`, { cookie })).toBe(200)
  expect(await get(`/blob/${'1e'.repeat(32)}`, { cookie })).toBe(404)
  expect(await get('/blob/../picture', { cookie })).toBe(403)
})

test('a wished port is taken where it is free', async () => {
  await restart()
  const beside = await serveLoopback({ page, engine, port })
  expect(new URL(beside.address).port).not.toBe(String(port))
  const { port: free } = new URL(beside.address)
  await beside.close()
  const again = await serveLoopback({ page, engine, port: Number(free) })
  expect(new URL(again.address).port).toBe(free)
  await again.close()
})

test('text and bytes reach the engine and come back as what they were', async () => {
  await restart()
  const { socket } = await wire({ token })
  const heard = (message: string | Uint8Array) =>
    new Promise<string>(resolve => {
      socket?.once('message', (data, isBinary) => resolve(`${isBinary ? 'bytes' : 'text'} ${data.toString()}`))
      socket?.send(message)
    })
  expect(await heard('grüße')).toBe('text grüße')
  expect(await heard(new TextEncoder().encode('pixels'))).toBe('bytes pixels')
})
