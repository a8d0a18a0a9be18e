import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { expect, test } from 'vitest'
import { connectTo, standIn } from '../testing/stand-in.ts'
import type { Api } from './api.ts'
import { backOff, keepConnected, type Link, linkByPort, takeToken } from './connection.ts'

/** A line that a test can cut; it never answers anything but that it is there. */
function line() {
  let cut = () => {}
  const closed = new Promise<void>(resolve => {
    cut = resolve
  })
  const { router } = standIn({ pictures: [{ hash: 'h', prompt: 'p' }], library: 0, pace: 1 })
  const link: Link = { ...connectTo(router), closed }
  return { link, cut }
}

const immediately = (milliseconds: number) =>
  new Promise<void>(resolve => setTimeout(resolve, milliseconds >= 1000 ? 20 : 0))

test('pauses grow while nobody answers, and never beyond a second', () => {
  expect([0, 1, 2, 3, 4, 20].map(backOff)).toEqual([100, 200, 400, 800, 1000, 1000])
})

test('a lost line is followed by another, and work begins anew on it', async () => {
  const lines = [line(), line()]
  const stop = new AbortController()
  const seen: string[] = []
  let opens = 0
  const kept = keepConnected({
    open: async () => {
      const next = lines[opens++]
      if (next === undefined) throw new Error('nobody there')
      return next.link
    },
    session: async () => {
      seen.push('work')
      setTimeout(() => lines[opens - 1]?.cut(), 5)
      await new Promise(() => {})
    },
    away: () => {
      seen.push('away')
      if (seen.length >= 5) stop.abort()
    },
    wait: immediately,
    signal: stop.signal,
  })
  await kept
  expect(seen).toEqual(['work', 'away', 'work', 'away', 'away'])
})

test('an engine that falls silent is left for another line', async () => {
  const stop = new AbortController()
  const { port1, port2 } = new MessageChannel()
  port2.start()
  const api: Api = createORPCClient(new RPCLink({ port: port2 }))
  const silent: Link = { api, closed: new Promise(() => {}), close: () => port1.close() }
  const errors: unknown[] = []
  await keepConnected({
    open: async () => silent,
    session: () => new Promise(() => {}),
    away: error => {
      errors.push(error)
      stop.abort()
    },
    wait: immediately,
    signal: stop.signal,
  })
  expect(String(errors[0])).toContain('fell silent')
})

test('what waits for an answer on a port learns that the port was closed', async () => {
  const target = new EventTarget()
  const { port1, port2 } = new MessageChannel()
  const message = new MessageEvent('message', { ports: [port2], data: { type: 'sfumato:port' } })
  Object.defineProperty(message, 'source', { value: target })
  const bridge = { platform: 'linux', connect: () => void target.dispatchEvent(message) }
  const link = await linkByPort(bridge, target)
  const answer = link.api.system.hello()
  link.close()
  await expect(answer).rejects.toThrow()
  await link.closed
  port1.close()
})

test('the token leaves the address and stays for the tab', () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  const replaced: string[] = []
  const window = { replaceState: (_: unknown, __: string, address: string) => void replaced.push(address) }
  const address = (hash: string) => ({ hash, pathname: '/', search: '' })
  expect(takeToken(address('#token=abc'), storage, window)).toBe('abc')
  expect(replaced).toEqual(['/'])
  expect(takeToken(address(''), storage, window)).toBe('abc')
})
