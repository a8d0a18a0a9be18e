import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { modelOfGoldens } from '../models/testing.ts'
import { PixelModel } from '../runtime/pixel-model.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { repaintPicture } from './repaint.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 30 })

test('what is marked is drawn anew, with jumps; what is not stays', async () => {
  const model = new PixelModel(modelOfGoldens({ unet: 'unet2d_ddpm' }, ['DDPMScheduler']), runtime)
  const { width, height } = model.description.defaults
  const of = (value: (x: number) => number): RgbImage => ({
    ...{ width, height },
    data: Uint8Array.from({ length: width * height * 3 }, (_, k) => value(Math.floor(k / 3) % width)),
  })
  const image = of(x => (x * 37) % 256)
  const pictures = { image, mask: of(x => (x < width / 2 ? 255 : 0)) }
  const draw = async (changes: object = {}) => {
    const names = { image: 'a'.repeat(64), mask: 'b'.repeat(64) }
    const chosen = repaintPicture.parameters.parse({
      ...names,
      seed: 3n,
      steps: 6,
      jumpLength: 2,
      jumps: 2,
      ...changes,
    })
    const context = {
      ...{ unconditional: model, signal: new AbortController().signal, wantsPreviews: false },
      pictures: { read: async (hash: string) => (hash === names.image ? pictures.image : pictures.mask) },
    }
    const run = repaintPicture.run(context as never, chosen as never)
    let total = 0
    for (;;) {
      const next = await run.next()
      if (next.done) return { picture: next.value[0].image, total }
      total = next.value.total
    }
  }
  const { picture, total } = await draw()
  expect(total).toBeGreaterThan(6)
  const isKept = (k: number) => Math.floor(k / 3) % width >= width / 2
  const [kept, drawn] = [isKept, (k: number) => !isKept(k)].map(isIn =>
    picture.data.reduce((most, value, k) => Math.max(most, isIn(k) ? Math.abs(value - image.data[k]) : 0), 0),
  )
  expect(kept).toBeLessThanOrEqual(1)
  expect(drawn).toBeGreaterThan(8)
  expect((await draw({ jumps: 1 })).total).toBe(6)
})
