import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Problem } from '../problem.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import type { TrainingSet } from '../training/data.ts'
import { drawClass } from './draw-class.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 31 })
afterAll(() => runtime.release())
const source = resolve(import.meta.dirname, '../../test/parity/goldens/models/sd1')
const checkpoint = new Checkpoint(source, runtime)

/** Pictures as files whose first four numbers are their size. */
const encodePicture = async ({ width, height, data }: RgbImage) => Uint8Array.from([width, height, ...data])
async function readPicture(path: string): Promise<RgbImage> {
  const [width, height, ...data] = readFileSync(path)
  if (data.length !== width * height * 3) throw new Problem('IMAGE_UNREADABLE', `${path} cannot be read as a picture.`)
  return { width, height, data: Uint8Array.from(data) }
}

function personsFolder(): string {
  const home = mkdtempSync(join(tmpdir(), 'sfumato-class-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  return home
}

async function draw(
  home: string,
  classImages: number,
  { hash = 'aaaaaaaabb', captions = ['a sks cat', 'a sks cat'] } = {},
) {
  const workshop = {
    runtime,
    home,
    readPicture,
    encodePicture,
    isEnough: () => false,
    rest: async () => {},
    job: 'a job',
  }
  const making = { source, target: '', hashes: { [source]: hash }, mergedLoras: () => [] }
  const set: TrainingSet = {
    examples: captions.map(caption => ({
      ...{ caption, size: { width: 16, height: 16 }, isClassImage: false, mayFlip: false, contentHash: '' },
    })),
    read: () => Promise.reject(new Error('not read')),
  }
  const context = { checkpoint, workshop, making, signal: new AbortController().signal, wantsPreviews: false }
  const run = drawClass(context, set, { identifier: 'sks', class: 'cat', classImages, steps: 1 })
  let drawn = 0
  let place: { folder: string; name: string } | undefined
  for (;;) {
    const next = await run.next()
    if (next.done) return { set: next.value, drawn, place }
    if (next.value.phase.startsWith('Drawing')) drawn++
    place = next.value.classImages ?? place
  }
}

test('pictures of the class are drawn once: the next training has the same ones, and more are added to them', async () => {
  const home = personsFolder()
  const first = await draw(home, 2)
  expect(first).toMatchObject({ drawn: 2, place: { name: `cat, drawn by ${checkpoint.description.name}` } })
  expect(new Set(first.set.examples.map(({ contentHash }) => contentHash)).size).toBe(2)
  const again = await draw(home, 3)
  expect(again.drawn).toBe(1)
  expect(again.place).toEqual(first.place)
  expect(again.set.examples.slice(0, 2)).toEqual(first.set.examples)
  for (const k of [0, 1]) expect(await again.set.read(k)).toEqual(await first.set.read(k))
  const files = readdirSync(first.place?.folder ?? '')
  expect(files.filter(name => name.endsWith('.png'))).toHaveLength(3)
  const words = files.filter(name => name.endsWith('.txt'))
  const kept = words.map(name => readFileSync(join(first.place?.folder ?? '', name), 'utf8'))
  expect(kept.sort()).toEqual(again.set.examples.map(({ caption }) => caption).sort())
  expect(kept).toContain('a cat')
  expect(kept.join()).not.toContain('sks')
})

test('other words and another model get pictures of their own; a damaged one is drawn again', async () => {
  const home = personsFolder()
  const first = await draw(home, 1)
  expect((await draw(home, 1, { captions: ['a sks cat on a mat'] })).drawn).toBe(1)
  const other = await draw(home, 1, { hash: 'bbbbbbbbcc' })
  expect(other.drawn).toBe(1)
  expect(other.place?.folder).not.toBe(first.place?.folder)
  const folder = first.place?.folder ?? ''
  for (const name of readdirSync(folder)) if (name.endsWith('.png')) writeFileSync(join(folder, name), 'spoiled')
  const healed = await draw(home, 1)
  expect(healed).toMatchObject({ drawn: 1, set: { examples: first.set.examples } })
})
