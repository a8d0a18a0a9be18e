import { denoise, type Predict } from '../diffusion/denoise.ts'
import { ddim } from '../schedulers/ddim.ts'
import { ddpm } from '../schedulers/ddpm.ts'
import { createSchedule } from '../schedulers/index.ts'
import type { SchedulerConfig } from '../schedulers/scheduler.ts'
import { mix } from '../tensor/arithmetic.ts'
import { type RgbImage, toImages } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Shape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts'
import { type BetweenSteps, finished } from './draw.ts'

/** Draws pictures with a network of pixels that is being trained, each from the noise of a seed of its own: the same whichever are drawn with it.
 *  @param options.predict the network for pictures of a shape, told a class each
 *  @param options.size of pictures: [channels, height, width]
 *  @param options.scheduler scheduler_config.json of what is trained
 *  @param options.labels the class of each picture; where the network is told none, any numbers
 *  @param options.seed of the first picture; the next has the next number  @throws what its signal was aborted with */
export async function drawPixels(options: {
  readonly predict: (shape: Shape, labels: readonly number[]) => Promise<Predict>
  readonly size: Shape
  readonly scheduler: SchedulerConfig
  readonly steps: number
  readonly labels: readonly number[]
  readonly seed: bigint
  readonly between: BetweenSteps
}): Promise<RgbImage[]> {
  const { size, scheduler, steps, labels, seed, between } = options
  const streams = labels.map((_, k) => new TorchGenerator(BigInt.asUintN(64, seed + BigInt(k))))
  const noise = () => stacked(streams.map(random => random.normal([1, ...size])))
  const schedule = createSchedule(quickSampler(scheduler), scheduler, steps)
  const predict = await options.predict([labels.length, ...size], labels)
  const latents = mix([schedule.initialNoiseScale, noise()])
  const run = denoise({ schedule, latents, noise, predict, signal: between.signal })
  return toImages(await finished(run, between))
}

/** DDPM itself takes a thousand steps; DDIM draws with the same network in few. */
const quickSampler = ({ _class_name: name }: SchedulerConfig): string =>
  typeof name !== 'string' || name === ddpm.className ? ddim.className : name

function stacked(parts: readonly Tensor[]): Tensor {
  const [{ shape }] = parts
  const size = sizeOf(shape)
  const data = new Float32Array(size * parts.length)
  for (const [k, part] of parts.entries()) data.set(part.data, k * size)
  return tensor([parts.length, ...shape.slice(1)], data)
}
