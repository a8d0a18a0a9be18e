import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Upscaler } from '../runtime/upscaler.ts'
import type { RgbImage } from '../tensor/images.ts'
import { resample } from '../tensor/resample.ts'
import type { Operation, Progress } from './operation.ts'
import { picture } from './parameters.ts'
import { Stopwatch } from './stopwatch.ts'
import { factor } from './upscaling-parameters.ts'

const parameters = z.object({ image: picture, factor })

/** Pixels of a result, at most: each takes about 30 bytes on the way. */
const MOST_PIXELS = 2 ** 26

/** A network that was trained for it enlarges a picture (ESRGAN, Wang et al. 2018, arXiv:1809.00219, and its kin). */
export const enlarge: Operation<typeof parameters, 'upscaler', 'upscaler' | 'pictures'> = {
  id: 'enlarge',
  version: 1,
  title: 'Enlarge',
  description: 'Makes a picture larger and fills in detail; no words, and quick.',
  needs: { model: 'upscaler' },
  parameters,
  async *run(context, chosen) {
    const { upscaler } = context
    let image = await context.pictures.read(chosen.image, '#ffffff')
    const size = sizeOf(image, chosen.factor)
    refuseTooLarge(size)
    // One that enlarges less goes over the picture more than once.
    for (const total of passes(upscaler, chosen.factor)) {
      image = yield* enlargedBy(upscaler, image, total)
      context.signal.throwIfAborted()
    }
    const fits = image.width === size.width && image.height === size.height
    return [{ image: fits ? image : resample(image, size, 'lanczos'), seed: 0n }]
  },
}

const sizeOf = ({ width, height }: RgbImage, times: number) => ({
  width: Math.max(1, Math.round(width * times)),
  height: Math.max(1, Math.round(height * times)),
})

/** How large the picture was made after each pass, in words. */
function passes({ scale }: Upscaler, factor: number): string[] {
  const count = scale <= 1 ? 1 : Math.max(1, Math.ceil(Math.log(factor) / Math.log(scale) - 1e-9))
  return Array.from({ length: count }, (_, k) => (count === 1 ? '' : `, pass ${k + 1} of ${count}`))
}

async function* enlargedBy(upscaler: Upscaler, image: RgbImage, pass: string): AsyncGenerator<Progress, RgbImage> {
  const total = upscaler.parts(image)
  const watch = new Stopwatch()
  yield { phase: `Opening ${upscaler.description.name}${pass}`, step: 0, total }
  const parts = upscaler.enlarge(image)
  let next = await parts.next()
  for (; !next.done; next = await parts.next()) {
    const step = next.value
    yield { phase: `Part ${step} of ${total}${pass}`, step, total, secondsLeft: watch.step(step, total) }
  }
  return next.value
}

function refuseTooLarge({ width, height }: { readonly width: number; readonly height: number }): void {
  if (width * height <= MOST_PIXELS) return
  throw new Problem('PICTURE_LARGE', `The picture would be ${width} x ${height} pixels; 64 million are the most.`, {
    hint: 'Choose a smaller factor.',
    details: { field: 'factor' },
  })
}
