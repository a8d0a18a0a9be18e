import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { targets } from '../../app/graph/targets.ts'
import { depthToImage } from '../../app/operations/depth-to-image.ts'
import { doubleSize } from '../../app/operations/double-size.ts'
import { drawLarge } from '../../app/operations/draw-large.ts'
import { enlarge } from '../../app/operations/enlarge.ts'
import { instruct } from '../../app/operations/instruct.ts'
import type { Operation, OperationPicture, Progress } from '../../app/operations/operation.ts'
import { paintByExample } from '../../app/operations/paint-by-example.ts'
import { refineLarge } from '../../app/operations/refine-large.ts'
import { upscaleWithWords } from '../../app/operations/upscale-with-words.ts'
import type { Checkpoint } from '../../app/runtime/checkpoint.ts'
import { depthPicture } from '../../app/runtime/estimating.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { Upscaler } from '../../app/runtime/upscaler.ts'
import type { RgbImage } from '../../app/tensor/images.ts'
import { cropped } from '../../app/tensor/masks.ts'
import { writeDepthNetwork } from '../../app/weights/testing-estimators.ts'
import { withPipeline } from './replayers/pipeline.ts'

const root = join(import.meta.dirname, 'goldens')
const parts = {
  vae: 'models/sd1/vae',
  text_encoder: 'models/sd1/text_encoder',
  tokenizer: 'models/sd1/tokenizer',
}
/** What a model is shown that reads no words. */
const shownParts = { vae: 'models/sd1/vae', image_encoder: 'models/pbe_image_encoder' }
const config = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' }
const [name, otherName] = ['a'.repeat(64), 'b'.repeat(64)]

/** A picture of slopes, whose colours a number changes. */
const picture = (width: number, height: number, turn = 0): RgbImage => ({
  ...{ width, height },
  data: Uint8Array.from({ length: width * height * 3 }, (_, k) => (Math.floor(k / 3) * 3 + k * turn) % 256),
})

async function finish(run: AsyncGenerator<Progress, readonly OperationPicture[]>): Promise<RgbImage> {
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value[0].image
  }
}

const common = { signal: new AbortController().signal, wantsPreviews: false }
const words = { prompt: 'a cat', steps: 2, guidance: 3, seed: 5n, sampler: 'EulerDiscreteScheduler' }

/** Draws with a pipeline of the goldens. */
async function draw(
  operation: Operation,
  pipeline: string,
  unet: string,
  given: object,
  pictures: Readonly<Record<string, RgbImage>>,
): Promise<RgbImage> {
  const scheduler = { class: 'EulerDiscreteScheduler', config }
  const components = { ...(pipeline === 'PaintByExamplePipeline' ? shownParts : parts), unet }
  const drawn = await withPipeline(root, { pipeline, components, scheduler }, checkpoint => {
    const context = {
      ...common,
      checkpoint: checkpoint as Checkpoint,
      pictures: { read: async (at: string) => pictures[at] },
    }
    const parameters = operation.parameters.parse({ ...words, image: name, ...given })
    return finish(operation.run(context as never, parameters as never))
  })
  if ('leftOut' in drawn) throw new Error(drawn.leftOut)
  return drawn
}

const kinds = [
  [instruct, 'StableDiffusionInstructPix2PixPipeline', 'models/unet_ip2p8', { width: 48, height: 64 }],
  [depthToImage, 'StableDiffusionDepth2ImgPipeline', 'models/unet_depth5', { width: 48, height: 64, depth: otherName }],
  [
    upscaleWithWords,
    'StableDiffusionUpscalePipeline',
    'models/unet_upscale',
    { width: 192, height: 256, tileSide: 96 },
  ],
  [doubleSize, 'StableDiffusionLatentUpscalePipeline', 'models/unet_latent_upscale', { width: 128, height: 256 }],
] as const

test.each(kinds)(
  '$id draws at the size that is asked for, and looks at the picture',
  async (operation, pipeline, unet, given) => {
    const one = await draw(operation as never, pipeline, unet, given, {
      [name]: picture(30, 40),
      [otherName]: picture(9, 12),
    })
    expect([one.width, one.height]).toEqual([given.width, given.height])
    const same = await draw(operation as never, pipeline, unet, given, {
      [name]: picture(30, 40),
      [otherName]: picture(9, 12),
    })
    expect(same.data).toEqual(one.data)
    const other = await draw(operation as never, pipeline, unet, given, {
      [name]: picture(30, 40, 5),
      [otherName]: picture(9, 12),
    })
    expect(other.data).not.toEqual(one.data)
  },
)

test('an example is painted into the mask, and nothing changes outside of it', async () => {
  const given = { mask: otherName, example: 'c'.repeat(64), width: 64, height: 64, softness: 0 }
  const mask = picture(64, 64)
  const marked = (k: number) => Math.floor(k / 3) % 64 < 24
  mask.data.set(mask.data.map((_, k) => (marked(k) ? 255 : 0)))
  const [image, example] = [picture(64, 64), picture(40, 40, 3)]
  const drawn = (shown: RgbImage) =>
    draw(paintByExample as never, 'PaintByExamplePipeline', 'models/unet_inpaint9', given, {
      ...{ [name]: image, [otherName]: mask },
      [given.example]: shown,
    })
  const one = await drawn(example)
  expect(one.data.some((value, k) => marked(k) && value !== image.data[k])).toBe(true)
  expect(one.data.filter((value, k) => !marked(k) && value !== image.data[k])).toHaveLength(0)
  expect((await drawn(picture(40, 40, 11))).data).not.toEqual(one.data)
})

test('a picture is enlarged part by part without a seam, and to any factor', async () => {
  const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 31 })
  const upscaler = new Upscaler(join(root, 'models/upscalers/new_x2.safetensors'), runtime)
  const wide = picture(301, 17)
  const run = (image: RgbImage, factor: number) =>
    finish(enlarge.run({ ...common, upscaler, pictures: { read: async () => image } }, { image: name, factor }))
  const whole = await run(wide, 2)
  expect([whole.width, whole.height]).toEqual([602, 34])
  // Far from the seam nothing differs from that part alone.
  const left = await run(cropped(wide, { left: 0, top: 0, right: 192, bottom: 17 }), 2)
  const corner = { left: 0, top: 0, right: 200, bottom: 34 }
  expect(cropped(whole, corner).data).toEqual(cropped(left, corner).data)
  const three = await run(picture(10, 8), 3)
  expect([three.width, three.height]).toEqual([30, 24])
  await runtime.release()
})

test('a picture is refined, and drawn, in parts that are as large as the model knows', async () => {
  const size = { width: 160, height: 96, tileSide: 64, strength: 0.6 }
  const pipeline = ['StableDiffusionPipeline', 'models/sd1/unet'] as const
  const refined = await draw(refineLarge as never, ...pipeline, size, { [name]: picture(80, 48) })
  expect([refined.width, refined.height]).toEqual([160, 96])
  const large = await draw(drawLarge as never, ...pipeline, size, {})
  expect([large.width, large.height]).toEqual([160, 96])
  const model = { stride: 8, sizeMultiple: 8, defaults: { width: 64, height: 64, steps: 1, guidance: 1, sampler: '' } }
  expect(refineLarge.sizeOf?.({ width: 81, height: 50 }, model, { timesLarger: 2 })).toEqual({
    width: 160,
    height: 104,
  })
})

test('the depth that a network finds in the picture is the depth that is drawn with; without a network there is a sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-depth-'))
  try {
    const depthFinder = writeDepthNetwork(folder)
    const shown = picture(64, 48)
    const size = { width: 48, height: 64 }
    const drawn = (given: object, pictures: Record<string, RgbImage>) =>
      draw(
        depthToImage as never,
        'StableDiffusionDepth2ImgPipeline',
        'models/unet_depth5',
        { ...size, ...given },
        pictures,
      )
    const near = await depthPicture(depthFinder, shown, 1)
    const given = await drawn({ depth: otherName }, { [name]: shown, [otherName]: near })
    expect((await drawn({ depthFinder }, { [name]: shown })).data).toEqual(given.data)
    const other = { [name]: picture(64, 48, 5), [otherName]: shown }
    const found = await drawn({ depth: otherName, findDepth: true, depthFinder }, other)
    expect(found.data).toEqual((await drawn({ depth: otherName }, { ...other, [otherName]: near })).data)
    expect(found.data).not.toEqual((await drawn({ depth: otherName }, other)).data)
    await expect(drawn({}, { [name]: shown })).rejects.toMatchObject({
      code: 'DEPTH_FINDER',
      hint: expect.stringMatching(/Add MiDaS or Depth Anything/),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
