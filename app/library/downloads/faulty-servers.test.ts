import { expect, test } from 'vitest'
import { type Asked, sendFile, type TestHub, testHub } from './testing.ts'
import { downloadsIn, html, isComplete, isNowhere, model, weights } from './testing-downloads.ts'

test('connections that are cut at random places end in the right model', async () => {
  const hub = await testHub({ 'owner/small': model })
  let cuts = 0
  hub.fault = asked => {
    if (asked.path !== weights || cuts >= 12) return false
    cuts++
    sendFile(asked, { cutAt: Math.floor(Math.random() * 1500) })
    return true
  }
  const { home, get } = downloadsIn(hub)
  expect(await get('owner/small')).toMatchObject({ state: 'done' })
  expect(cuts).toBe(12)
  isComplete(home)
})

test('a server that never gives a byte is given up, what came before is kept, and resuming takes only the rest', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = asked => {
    if (asked.path !== weights) return false
    if (asked.times === 1) sendFile(asked, { cutAt: 15_000 })
    else asked.response.destroy()
    return true
  }
  const parts = downloadsIn(hub)
  const { downloads, home, get } = parts
  const failed = await get('owner/small')
  expect(failed).toMatchObject({ state: 'failed', problem: { code: 'NETWORK' } })
  expect(failed.done).toBeGreaterThanOrEqual(15_000)
  isNowhere(home, parts)
  const ranges: (string | undefined)[] = []
  hub.fault = asked => {
    if (asked.path === weights) ranges.push(asked.range)
    return false
  }
  downloads.resume(failed.id)
  expect(await downloads.settled(failed.id)).toMatchObject({ state: 'done' })
  expect(ranges).toEqual(['bytes=15000-'])
  isComplete(home)
})

test.each<[string, string, NonNullable<TestHub['fault']>]>([
  [
    'a length that is not the declared one',
    'DOWNLOAD_SIZE',
    asked => {
      sendFile({ ...asked, body: asked.body.subarray(0, 10_000) })
      return true
    },
  ],
  [
    'more bytes than declared, without a length',
    'DOWNLOAD_SIZE',
    ({ response, body }) => {
      response.writeHead(200).write(body)
      response.end(Buffer.alloc(100_000))
      return true
    },
  ],
  [
    'wrong bytes, again and again',
    'DOWNLOAD_HASH',
    asked => {
      sendFile({ ...asked, body: Buffer.from(asked.body).fill(1, 500, 600) })
      return true
    },
  ],
  [
    'a web page instead of the file',
    'DOWNLOAD_HTML',
    ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html)
      return true
    },
  ],
  [
    'redirects without end',
    'REDIRECT',
    ({ response, request }) => {
      response.writeHead(302, { location: request.url }).end()
      return true
    },
  ],
  [
    'too many requests, for long',
    'HUB_BUSY',
    ({ response }) => {
      response.writeHead(429, { 'retry-after': '3600' }).end()
      return true
    },
  ],
  [
    'trouble that does not end',
    'HUB_BUSY',
    ({ response }) => {
      response.writeHead(503).end()
      return true
    },
  ],
  [
    'a closed gate',
    'HUB_GATED',
    ({ response }) => {
      response.writeHead(403, { 'x-error-code': 'GatedRepo' }).end()
      return true
    },
  ],
  [
    'silence in the middle',
    'NETWORK',
    ({ response, body }) => {
      response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, 10))
      return true
    },
  ],
  [
    'a range that cannot be satisfied, always',
    'DOWNLOAD_RANGE',
    ({ response }) => {
      response.writeHead(416).end()
      return true
    },
  ],
])('%s: a clear sentence and no half model', async (_, code, fault) => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = asked => asked.path === weights && fault(asked)
  const parts = downloadsIn(hub)
  const failed = await parts.get('owner/small')
  expect(failed).toMatchObject({ state: 'failed', problem: { code } })
  expect(failed.problem?.message).toMatch(/^.*[A-Za-z].*\.$/)
  isNowhere(parts.home, parts)
  // Whatever was wrong, the same download ends well once the server does as it should.
  hub.fault = undefined
  parts.downloads.resume(failed.id)
  expect(await parts.downloads.settled(failed.id)).toMatchObject({ state: 'done' })
  isComplete(parts.home)
})

test('what passes is waited for: 429 with Retry-After, 503, wrong bytes once, a range that is ignored, another tag', async () => {
  const hub = await testHub({ 'owner/small': model })
  const steps: ((asked: Asked) => unknown)[] = [
    ({ response }) => response.writeHead(429, { 'retry-after': '0' }).end(),
    ({ response }) => response.writeHead(503).end(),
    asked => sendFile(asked, { cutAt: 9000 }),
    // The whole file, though only the rest was asked for.
    asked => sendFile({ ...asked, ignoresRange: true }, { cutAt: 12_000 }),
    // A file of another tag: begun anew.
    asked => sendFile(asked, { tag: '"another"', cutAt: 5000 }),
    asked => sendFile({ ...asked, body: Buffer.from(asked.body).fill(9) }, { tag: '"another"' }),
    ({ response }) => response.writeHead(206, { 'content-range': 'bytes 7-99/20000' }).end(),
  ]
  hub.fault = asked => {
    const step = asked.path === weights ? steps.shift() : undefined
    step?.(asked)
    return step !== undefined
  }
  const { home, get } = downloadsIn(hub)
  expect(await get('owner/small')).toMatchObject({ state: 'done' })
  expect(steps).toEqual([])
  isComplete(home)
})

test('whatever a server mixes up, in any order: the right model, or a sentence and no model', async () => {
  const hub = await testHub({ 'owner/small': model })
  const some = (below: number) => Math.floor(Math.random() * below)
  const faults: ((asked: Asked) => unknown)[] = [
    asked => sendFile(asked, { cutAt: some(asked.body.length) }),
    asked => sendFile({ ...asked, ignoresRange: true }, { cutAt: some(asked.body.length) }),
    asked => sendFile(asked, { tag: `"${some(3)}"`, cutAt: some(asked.body.length) }),
    asked => sendFile({ ...asked, body: Buffer.from(asked.body).fill(some(256), some(asked.body.length)) }),
    asked => sendFile({ ...asked, body: asked.body.subarray(0, some(asked.body.length)) }),
    ({ response }) => response.writeHead(503).end(),
    ({ response }) => response.writeHead(429, { 'retry-after': '0' }).end(),
    ({ response }) => response.writeHead(416).end(),
    ({ response }) => response.writeHead(206, { 'content-range': `bytes ${some(99)}-99/100` }).end(),
    ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end(html),
    ({ response, request }) => response.writeHead(302, { location: request.url }).end(),
    ({ response }) => response.destroy(),
  ]
  let arrived = 0
  for (let round = 0; round < 25; round++) {
    const share = round / 25
    hub.fault = asked => {
      if (Math.random() > share) return false
      faults[some(faults.length)](asked)
      return true
    }
    const parts = downloadsIn(hub)
    const plan = await parts.downloads.lookUp({ reference: 'owner/small' }).catch(() => undefined)
    if (plan === undefined) {
      isNowhere(parts.home, parts)
      continue
    }
    parts.downloads.get(plan.id)
    const { state, problem } = await parts.downloads.settled(plan.id)
    if (state === 'done') {
      arrived++
      isComplete(parts.home)
    } else {
      expect(problem?.message).toMatch(/\.$/)
      isNowhere(parts.home, parts)
      hub.fault = undefined
      parts.downloads.resume(plan.id)
      expect(await parts.downloads.settled(plan.id)).toMatchObject({ state: 'done' })
      isComplete(parts.home)
    }
    await parts.downloads.close()
  }
  expect(arrived).toBeGreaterThan(0)
})
