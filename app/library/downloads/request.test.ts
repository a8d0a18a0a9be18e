import { expect, test } from 'vitest'
import { problemCode } from '../testing.ts'
import { type Network, request } from './request.ts'
import { quickNetwork } from './testing.ts'
import { maySendTo, nearest, zoneOf } from './zones.ts'

test.each([
  ['93.184.216.34', 'public'],
  ['2606:2800:220:1::1', 'public'],
  ['127.0.0.1', 'loopback'],
  ['127.8.9.1', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['::1', 'loopback'],
  ['[::1]', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.31.0.1', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['169.254.169.254', 'private'],
  ['100.64.0.1', 'private'],
  ['::ffff:10.0.0.1', 'private'],
  ['fd12::1', 'private'],
  ['fe80::1%eth0', 'private'],
  ['64:ff9b::7f00:1', 'private'],
] as const)('%s is %s', (address, zone) => expect(zoneOf(address)).toBe(zone))

test('a host is as near as the nearest of its addresses, and nobody sends nearer than they are', () => {
  expect(nearest(['93.184.216.34', '10.0.0.1'])).toBe('private')
  expect(maySendTo('public', 'private')).toBe(false)
  expect(maySendTo('public', 'loopback')).toBe(false)
  expect(maySendTo('private', 'loopback')).toBe(false)
  expect(maySendTo('loopback', 'public')).toBe(true)
})

const hosts: Record<string, string> = {
  'hub.org': '93.184.216.34',
  'cdn.org': '93.184.216.35',
  'inside.org': '10.0.0.9',
}

/** A network on which `https://hub.org/` sends to `location`. */
function sendingTo(location: string, asked: string[]): Network {
  return {
    ...quickNetwork,
    resolve: async host => [hosts[host] ?? '127.0.0.1'],
    fetch: async address => {
      asked.push(String(address))
      return String(address) === 'https://hub.org/'
        ? new Response(null, { status: 302, headers: { location } })
        : new Response('bytes')
    },
  }
}

const never = new AbortController().signal

test.each([
  ['https://inside.org/x'],
  ['https://localhost/x'],
  ['http://127.0.0.1:8080/x'],
  ['https://[::1]/x'],
  ['https://169.254.169.254/latest'],
])('a public host that sends to %s is not followed', async location => {
  const asked: string[] = []
  const code = await problemCode(() => request(new URL('https://hub.org/'), {}, sendingTo(location, asked), never))
  expect(code).toBe('REDIRECT')
  expect(asked).toEqual(['https://hub.org/'])
})

test.each([['http://cdn.org/x'], ['ftp://cdn.org/x'], ['https://user:word@cdn.org/x'], ['file:///etc/passwd']])(
  'nor to %s',
  async location => {
    const asked: string[] = []
    const code = await problemCode(() => request(new URL('https://hub.org/'), {}, sendingTo(location, asked), never))
    expect(['ADDRESS', 'REDIRECT', 'NETWORK']).toContain(code)
    expect(asked).toEqual(['https://hub.org/'])
  },
)

test('its store of files elsewhere is followed', async () => {
  const asked: string[] = []
  const { response } = await request(new URL('https://hub.org/'), {}, sendingTo('https://cdn.org/x', asked), never)
  expect(await response.text()).toBe('bytes')
  expect(asked).toEqual(['https://hub.org/', 'https://cdn.org/x'])
})
