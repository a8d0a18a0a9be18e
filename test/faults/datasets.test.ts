import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { PictureReader } from '../../main/picture-reader-process.ts'
import { clientOver } from './page.ts'
import { engineApart, engineHere, eventually, heldToTime, rounds, temporaryHome } from './studio.ts'

const count = 400

/** Pictures that all differ, one in fifty of them damaged. */
async function pictures(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  for (let k = 0; k < count; k++) {
    const background = { r: k % 256, g: (k * 7) % 256, b: (k * 31) % 256 }
    const png = await sharp({ create: { width: 300, height: 200, channels: 3, background } })
      .png()
      .toBuffer()
    writeFileSync(join(folder, `${String(k).padStart(4, '0')}.png`), k % 50 === 0 ? png.subarray(0, 60) : png)
    if (k % 2 === 0) writeFileSync(join(folder, `${String(k).padStart(4, '0')}.txt`), `colour ${k}`)
  }
  return folder
}

test('an engine that is killed while it looks through a folder: what was seen is there, and a second look sees the rest', async () => {
  for (let round = 0; round < rounds(2); round++) {
    const home = temporaryHome()
    const folder = await pictures(join(home, 'pictures'))
    const { engine } = engineApart(home)
    const first = clientOver(engine.openChannel())
    const { id } = await first.datasets.create({ folder })
    await sleep(300 + Math.random() * 1500)
    const closed = new Promise<void>(resolve => engine.openChannel().onClose(resolve))
    process.kill(engine.pid ?? expect.unreachable(), 'SIGKILL')
    await closed

    const again = clientOver(engine.openChannel())
    const [left] = await again.datasets.list()
    expect(left).toMatchObject({ id, folder })
    expect(left.progress).toBeUndefined()
    await again.datasets.lookAgain({ id })
    await eventually(60_000, async () => {
      const [dataset] = await again.datasets.list()
      return (dataset.isComplete && dataset.progress === undefined) || undefined
    })
    const [whole] = await again.datasets.list()
    expect(whole).toMatchObject({ pictures: count - 8, refused: 8, captioned: count / 2 - 8 })
    const { pictures: shown } = await again.datasets.pictures({ id, limit: 500 })
    expect(new Set(shown.map(({ path }) => path)).size).toBe(count)
  }
})

test(
  'while a folder is looked through, the engine answers at once; a picture of it is served, others are not',
  heldToTime,
  async () => {
    const { client, blobPath } = await engineHere({})
    const folder = await pictures(join(temporaryHome(), 'pictures'))
    const { id } = await client.datasets.create({ folder })
    let slowest = 0
    for (let isDone = false; !isDone; ) {
      const start = performance.now()
      const [dataset] = await client.datasets.list()
      slowest = Math.max(slowest, performance.now() - start)
      isDone = dataset.isComplete
      await sleep(10)
    }
    expect(slowest).toBeLessThan(200)
    const { pictures: shown } = await client.datasets.pictures({ id, show: 'without words', limit: 1 })
    const { path, type } = blobPath(shown[0].thumbnail ?? '') ?? expect.unreachable()
    expect(type).toBe('image/webp')
    expect((await sharp(readFileSync(path)).metadata()).format).toBe('webp')
    expect(blobPath(shown[0].hash ?? '')).toBeUndefined()
    expect(blobPath('../../etc/passwd')).toBeUndefined()
  },
)

test.runIf(process.platform === 'linux')('a picture reader that is killed costs one picture at most', async () => {
  const folder = await pictures(join(temporaryHome(), 'pictures'))
  const reader = new PictureReader()
  onTestFinished(() => reader.close())
  const look = (k: number) => reader.look(join(folder, `${String(k).padStart(4, '0')}.png`)).then(({ hash }) => hash)
  await look(1)
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
  const pid = Number(/^\s*(\d+) .*picture-reader/m.exec(children)?.[1])
  process.kill(pid, 'SIGKILL')
  const results = await Promise.allSettled([2, 3, 4].map(look))
  expect(results.filter(({ status }) => status === 'rejected').length).toBeLessThanOrEqual(1)
  expect(results.at(-1)?.status).toBe('fulfilled')
})
