import { denoise, type Predict } from '../diffusion/denoise.ts'
import type { PictureGuidance } from '../diffusion/picture-guide.ts'
import type { Schedule } from '../schedulers/scheduler.ts'
import { mix } from '../tensor/arithmetic.ts'
import type { RgbImage } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import type { Shape, Tensor } from '../tensor/tensor.ts'
import type { OperationPicture, OperationSurroundings, Progress } from './operation.ts'
import { Stopwatch } from './stopwatch.ts'

/** How a model draws one picture. */
export interface Drawing {
  readonly schedule: Schedule
  /** Of the sample: [1, channels, height, width] */
  readonly shape: Shape
  readonly predict: Predict
  /** What pulls the pictures somewhere. */
  readonly guidance?: PictureGuidance | undefined
  /** A rough picture of an estimate. */
  readonly preview: (estimate: Tensor) => Promise<RgbImage>
  /** The finished sample to its picture. */
  readonly finish: (sample: Tensor) => Promise<RgbImage>
}

/** Draws a picture for each seed, one after the other: some samplers take their step from the mean over a batch, so a picture of a
 *  batch would be another one alone. */
export async function* drawOneByOne(
  context: OperationSurroundings,
  seeds: readonly bigint[],
  { schedule, shape, predict, guidance, preview, finish }: Drawing,
): AsyncGenerator<Progress, readonly OperationPicture[]> {
  const { signal } = context
  const pictures: OperationPicture[] = []
  const previews: RgbImage[] = []
  const watch = new Stopwatch()
  for (const [index, seed] of seeds.entries()) {
    signal.throwIfAborted()
    const generator = new TorchGenerator(seed)
    guidance?.begin(schedule, 0, seed)
    const noise = (shape: Shape) => generator.normal(shape)
    const latents = mix([schedule.initialNoiseScale, noise(shape)])
    const run = denoise({ schedule, latents, noise, predict, signal })
    let next = await run.next()
    for (; !next.done; next = await run.next()) {
      const total = next.value.total * seeds.length
      const step = next.value.total * index + next.value.step
      if (context.wantsPreviews) previews[index] = await preview(next.value.estimate())
      const secondsLeft = watch.step(step, total)
      yield { phase: `Step ${step} of ${total}`, step, total, secondsLeft, previews: [...previews] }
    }
    signal.throwIfAborted()
    pictures.push({ image: await finish(next.value), seed })
  }
  await guidance?.release()
  return pictures
}
