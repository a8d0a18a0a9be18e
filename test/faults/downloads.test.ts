import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { safetensors, sendFile, testHub } from '../../app/library/downloads/testing.ts'
import { clientOver } from './page.ts'
import { engineApart, engineHere, eventually, rounds, temporaryHome } from './studio.ts'

const weights = 'unet/diffusion_pytorch_model.safetensors'
const files = {
  'model_index.json': Buffer.from(JSON.stringify({ unet: ['diffusers', 'UNet2DConditionModel'] })),
  'unet/config.json': Buffer.from('{}'),
  [weights]: safetensors(4_000_000),
}

test('an engine that is killed in the middle of a download: it is paused then, asks nobody, and goes on to the right bytes', async () => {
  const hub = await testHub({ 'owner/small': { files } })
  const ranges: (string | undefined)[] = []
  // A slow line: about a second for the whole.
  hub.fault = async asked => {
    if (asked.path !== weights) return false
    ranges.push(asked.range)
    const { response, body } = asked
    const start = Number(/^bytes=(\d+)/.exec(asked.range ?? '')?.[1] ?? 0)
    if (ranges.length > 40) {
      sendFile(asked)
      return true
    }
    const about = { 'content-length': body.length - start, etag: '"t"' }
    if (start === 0) response.writeHead(200, about)
    else response.writeHead(206, { ...about, 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` })
    for (let at = start; at < body.length && !response.destroyed; at += 40_000) {
      response.write(body.subarray(at, at + 40_000))
      await sleep(10)
    }
    response.end()
    return true
  }
  process.env.SFUMATO_HUB = hub.address
  onTestFinished(() => {
    delete process.env.SFUMATO_HUB
  })

  for (let round = 0; round < rounds(2); round++) {
    const home = temporaryHome()
    const { engine } = engineApart(home)
    const first = clientOver(engine.openChannel())
    const plan = await first.models.lookUp({ reference: 'owner/small' })
    ranges.length = 0
    await first.models.get({ plan: plan.id })
    await sleep(100 + Math.random() * 600)
    const pid = engine.pid ?? expect.unreachable()
    const closed = new Promise<void>(resolve => engine.openChannel().onClose(resolve))
    process.kill(pid, 'SIGKILL')
    await closed

    const again = clientOver(engine.openChannel())
    const asked = hub.asked.length
    const [left] = await again.models.downloads()
    expect(left).toMatchObject({ id: plan.id, state: 'paused' })
    // Nothing of it is in the library yet.
    expect((await again.models.list()).map(({ id }) => id)).toEqual(['sticker-world', 'sticker-world-instruct'])
    expect(readdirSync(join(home, 'models'))).toEqual(['.downloads'])
    await sleep(100)
    expect(hub.asked.length).toBe(asked)

    await again.models.resumeDownload({ id: plan.id })
    await eventually(20_000, async () => {
      const [download] = await again.models.downloads()
      expect(download?.problem).toBeUndefined()
      return download?.state === 'done' || undefined
    })
    const small = plan.bytes - files[weights].length
    if (left.done > small) expect(ranges.at(-1)).toMatch(/^bytes=[1-9]/)
    const folder = join(home, 'models', 'owner--small')
    for (const [name, bytes] of Object.entries(files)) {
      expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true)
    }
    expect((await again.models.list()).map(({ id }) => id)).toEqual([
      'sticker-world',
      'sticker-world-instruct',
      'owner--small',
    ])
    expect(readdirSync(join(home, 'models', '.downloads'))).toEqual([])
    await engine.stop()
  }
})

test('a disk that fills up meanwhile: a sentence, what came is kept, and with room again it goes on', async context => {
  const home = temporaryHome()
  const disk = join(home, 'models')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return context.skip('no right to mount a small disk')
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  const hub = await testHub({ 'owner/small': { files } })
  const ballast = join(disk, 'ballast')
  hub.fault = ({ path, times }) => {
    if (path === weights && times === 1) writeFileSync(ballast, Buffer.alloc(6_000_000))
    return false
  }
  process.env.SFUMATO_HUB = hub.address
  onTestFinished(() => {
    delete process.env.SFUMATO_HUB
  })
  const { client } = await engineHere({ home })
  const { id } = await client.models.lookUp({ reference: 'owner/small' })
  await client.models.get({ plan: id })
  const ended = (state: string) =>
    eventually(10_000, async () => (await client.models.downloads()).find(download => download.state === state))
  const failed = await ended('failed')
  expect(failed.problem?.code).toBe('DISK_FULL')
  expect(failed.done).toBeGreaterThan(0)
  expect(existsSync(join(home, 'models', 'owner--small'))).toBe(false)
  rmSync(ballast)
  await client.models.resumeDownload({ id })
  await ended('done')
  expect(readFileSync(join(home, 'models', 'owner--small', weights)).equals(files[weights])).toBe(true)
})
