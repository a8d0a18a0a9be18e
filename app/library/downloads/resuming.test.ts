import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { problemCode } from '../testing.ts'
import { Downloads } from './downloads.ts'
import { quickNetwork, sendFile, testHub } from './testing.ts'
import { downloadsIn, filesUnder, isComplete, isNowhere, model, weights } from './testing-downloads.ts'

test('paused, it keeps what came; in the next start it is listed as paused, asks nobody, and goes on when resumed', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = ({ path, response, body }) => {
    if (path !== weights) return false
    response.writeHead(200, { 'content-length': body.length, etag: '"t"' }).write(body.subarray(0, 8000))
    return true
  }
  const { downloads, home, library } = downloadsIn(hub)
  const { id } = await downloads.lookUp({ reference: 'owner/small' })
  downloads.get(id)
  await vi.waitFor(() =>
    expect(filesUnder(join(home, 'models', '.downloads', id, 'files'))).toContain(`${weights}.part`),
  )
  await vi.waitFor(() =>
    expect(readFileSync(join(home, 'models', '.downloads', id, 'files', `${weights}.part`)).length).toBe(8000),
  )
  expect(await downloads.pause(id)).toMatchObject({ state: 'paused' })
  library.close()
  const asked = hub.asked.length
  hub.fault = undefined
  const again = downloadsIn(hub, home)
  expect(again.downloads.list()).toMatchObject([{ id, state: 'paused' }])
  await sleep(30)
  expect(hub.asked.length).toBe(asked)
  again.downloads.resume(id)
  expect(await again.downloads.settled(id)).toMatchObject({ state: 'done' })
  isComplete(home)
})

test('a wait that the server asks for is told, and another version of the same model waits for the first', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = ({ path, response }) => path === weights && !!response.writeHead(429, { 'retry-after': '90' }).end()
  const { downloads, seen } = downloadsIn(hub)
  const { id } = await downloads.lookUp({ reference: 'owner/small' })
  downloads.get(id)
  await vi.waitFor(() =>
    expect(seen.at(-1)).toMatchObject({
      state: 'running',
      waiting: expect.stringMatching(/has had too many requests\. Trying again in 90 s\.$/),
    }),
  )
  const exact = await downloads.lookUp({ reference: 'owner/small', precision: 'fp32' })
  expect(await problemCode(() => downloads.get(exact.id))).toBe('DOWNLOAD_TWICE')
  // Pausing does not wait for the 90 seconds.
  expect(await downloads.pause(id)).toMatchObject({ state: 'paused' })
  expect(seen.at(-1)?.waiting).toBeUndefined()
})

test('two engines of one person: what one fetches the other neither lists nor disturbs', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = ({ path, response }) => path === weights && !!response.writeHead(200).write('x')
  const { downloads, home, library } = downloadsIn(hub)
  const { id } = await downloads.lookUp({ reference: 'owner/small' })
  downloads.get(id)
  await vi.waitFor(() => expect(hub.asked.some(path => path.startsWith('/cdn/'))).toBe(true))
  const other = new Downloads({ home, models: library.models, hub: hub.address, network: quickNetwork })
  expect(other.list()).toEqual([])
  await other.lookUp({ reference: 'owner/small' })
  other.get(id)
  expect(await other.settled(id)).toMatchObject({ state: 'failed', problem: { code: 'DOWNLOAD_ELSEWHERE' } })
  expect(downloads.list()).toMatchObject([{ state: 'running' }])
  await other.close()
})

test('cancelled, nothing of it is left', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = ({ path, response }) => path === weights && !!response.writeHead(200).write('x')
  const parts = downloadsIn(hub)
  const { id } = await parts.downloads.lookUp({ reference: 'owner/small' })
  parts.downloads.get(id)
  expect(await parts.downloads.cancel(id)).toMatchObject({ state: 'cancelled' })
  expect(parts.downloads.list()).toEqual([])
  expect(filesUnder(join(parts.home, 'models', '.downloads'))).toEqual([])
  isNowhere(parts.home, parts)
})

test('an engine that ended right before it could record a model records it at the next start', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = ({ path, response }) => path === weights && !!response.writeHead(404).end()
  const { downloads, home, library, get } = downloadsIn(hub)
  const { id } = await get('owner/small')
  await downloads.close()
  library.close()
  renameSync(join(home, 'models', '.downloads', id, 'files'), join(home, 'models', 'owner--small'))
  const again = downloadsIn(hub, home)
  expect(again.library.models.list()).toMatchObject([{ id: 'owner--small' }])
  expect(again.downloads.list()).toEqual([])
  expect(filesUnder(join(home, 'models', '.downloads'))).toEqual([])
})

test('files that were tampered with between two starts do not end in the library', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = asked => {
    if (asked.path !== weights) return false
    if (asked.times === 1) sendFile(asked, { cutAt: 9000 })
    else asked.response.destroy()
    return true
  }
  const { downloads, home, get } = downloadsIn(hub)
  const { id } = await get('owner/small')
  const part = join(home, 'models', '.downloads', id, 'files', `${weights}.part`)
  writeFileSync(part, readFileSync(part).fill(0, 100, 200))
  hub.fault = undefined
  downloads.resume(id)
  expect(await downloads.settled(id)).toMatchObject({ state: 'done' })
  isComplete(home)
})
