import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { paintWithWords } from './paint-with-words.ts'
import { textToImage } from './text-to-image.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 32 })
const checkpoint = new Checkpoint('test/parity/goldens/models/sd1', runtime)
const words = { prompt: 'a red car and a tree', steps: 3, guidance: 3, seed: 7n, width: 64, height: 64 }
const left: RgbImage = {
  ...{ width: 64, height: 64 },
  data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, k) => (Math.floor(k / 3) % 64 < 32 ? 255 : 0)),
}
const context = {
  ...{ checkpoint, signal: new AbortController().signal, wantsPreviews: false },
  pictures: { read: async () => left },
}

async function draw(operation: typeof paintWithWords | typeof textToImage, changes: object = {}): Promise<RgbImage> {
  const chosen = operation.parameters.parse({ ...words, sampler: 'DDIMScheduler', ...changes })
  const run = operation.run(context as never, chosen as never)
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value[0].image
  }
}
const painted = (prompt: string) => [{ prompt, mask: 'a'.repeat(64), weight: 1 }]

test('painted words change the picture, tied to nothing they hardly do', async () => {
  const plain = await draw(textToImage)
  const distance = (one: RgbImage) => one.data.reduce((sum, value, k) => sum + Math.abs(value - plain.data[k]), 0)
  const tied = distance(await draw(paintWithWords, { regions: painted('car'), tie: 2 }))
  expect(distance(await draw(paintWithWords, { regions: painted('car'), tie: 0 }))).toBeLessThan(
    plain.data.length / 100,
  )
  expect(tied).toBeGreaterThan(plain.data.length / 100)
})

test('a region says words of the prompt', async () => {
  await expect(draw(paintWithWords, { regions: painted('dog') })).rejects.toMatchObject({ code: 'WORD_UNKNOWN' })
  await expect(draw(paintWithWords, { regions: painted('') })).rejects.toMatchObject({ code: 'REGION_WORDS' })
})
