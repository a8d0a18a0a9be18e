import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import type { OperationPicture } from './operation.ts'
import { whereWordsLook } from './where-words-look.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const embedded = new Checkpoint('native-models/sticker-world', runtime)
const image = 'a'.repeat(64)

/** A red disc of a quarter of the side, right of the middle, on blue. */
function disc(side: number): RgbImage {
  const data = new Uint8Array(side * side * 3)
  for (let k = 0; k < side * side; k++) {
    const [x, y] = [(k % side) / side - 0.65, Math.floor(k / side) / side - 0.5]
    data.set(Math.hypot(x, y) < 0.25 ? [210, 40, 40] : [40, 90, 220], k * 3)
  }
  return { width: side, height: side, data }
}

async function look(
  parameters: object,
  picture: RgbImage,
  checkpoint = embedded,
): Promise<readonly OperationPicture[]> {
  const { width, height } = whereWordsLook.sizeOf?.(picture, checkpoint.description, {}) ?? picture
  const chosen = whereWordsLook.parameters.parse({ image, seed: 3n, width, height, ...parameters })
  const context = { checkpoint, signal: new AbortController().signal, wantsPreviews: false }
  const run = whereWordsLook.run({ ...context, pictures: { read: async () => picture } }, chosen as never)
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value
  }
}

const brightness = ({ image: { width, height, data } }: OperationPicture, isMeant: (x: number) => boolean): number => {
  let [sum, count] = [0, 0]
  for (let k = 0; k < width * height; k++) {
    if (!isMeant((k % width) / width)) continue
    sum += data[3 * k]
    count++
  }
  return sum / count
}

test('a thing is looked at where it is, what is behind it around that; each word has a picture as large as the given one', async () => {
  const picture = disc(160)
  const maps = await look({ prompt: 'a red ball, on a blue background', words: 'ball, background' }, picture)
  expect(maps.map(({ image }) => [image.width, image.height])).toEqual([
    [160, 160],
    [160, 160],
  ])
  const [ball, background] = maps
  const inside = (x: number) => x > 0.5 && x < 0.8
  const outside = (x: number) => x < 0.3
  expect(brightness(ball, inside)).toBeGreaterThan(1.3 * brightness(ball, outside))
  const share = (map: OperationPicture) => brightness(map, inside) / brightness(map, outside)
  expect(share(ball)).toBeGreaterThan(1.2 * share(background))
})

test('every word of a prompt is looked at in its order, weights and signs are none; the same seed looks the same', async () => {
  const quick = new Checkpoint('test/parity/goldens/models/sd1', runtime)
  const picture = disc(64)
  const all = await look({ prompt: 'a (red:1.3) ball, here', looks: 1 }, picture, quick)
  expect(all).toHaveLength(4)
  const [again] = await look({ prompt: 'a (red:1.3) ball, here', words: 'red', looks: 1 }, picture, quick)
  expect(again.image.data).toEqual(all[1].image.data)
  await expect(look({ prompt: 'a ball', words: 'cat' }, picture, quick)).rejects.toMatchObject({ code: 'WORD_UNKNOWN' })
})

test('a large picture is looked at as large as the model knows pictures, in its proportions', () => {
  const size = whereWordsLook.sizeOf?.({ width: 4000, height: 1000 }, embedded.description, {}) ?? expect.unreachable()
  expect(size.width / size.height).toBeCloseTo(4, 0)
  expect(size.width * size.height).toBeLessThanOrEqual(1.3 * 128 * 128)
})
