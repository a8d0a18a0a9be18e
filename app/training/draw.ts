import { denoise } from '../diffusion/denoise.ts'
import { guidedNetwork } from '../diffusion/guided-network.ts'
import { latentSchedule } from '../diffusion/latent-schedule.ts'
import { plainWords } from '../models/prompt/schedule.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { GuidanceConditioning } from '../runtime/conditioning.ts'
import { type RgbImage, toImages } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import type { Component } from '../weights/model-source.ts'
import type { Numbers } from './numbers.ts'
import { byNetwork, type TrainedNetwork, type TrainedNetworks } from './trained-networks.ts'

/** A picture to watch a run by: the same words and seed each time. */
export interface Sight {
  readonly prompt: string
  readonly seed: bigint
  /** In pixels; absent: what the model draws by itself. */
  readonly size?: { readonly width: number; readonly height: number }
  /** What it sees beside the noise, [1, channels, height, width], and how hard it is held to that; absent: nothing. */
  readonly beside?: { readonly latents: () => Promise<Tensor>; readonly scale: number }
  /** What the network is told instead of the words; absent: the words. */
  readonly told?: (conditioning: GuidanceConditioning) => GuidanceConditioning
}

/** What is done between the steps of a picture. */
export interface BetweenSteps {
  /** Ends it with its reason. */
  readonly signal: AbortSignal
  /** Lets go first whoever waits and is quicker. @throws the signal's reason */
  readonly rest: () => Promise<void>
}

/** Goes through a denoising run to its end. */
export async function finished<Result>(
  run: AsyncGenerator<unknown, Result>,
  { rest }: Pick<BetweenSteps, 'rest'>,
): Promise<Result> {
  for (;;) {
    const next = await run.next()
    await rest()
    if (next.done) return next.value
  }
}

/** Draws pictures with the model's own settings, through the studio's denoising loop.
 *  @throws as `Checkpoint.condition` and `denoise` */
export async function drawSights(
  checkpoint: Checkpoint,
  sights: readonly Sight[],
  between: BetweenSteps,
  predictor: Checkpoint['predictor'] = checkpoint.predictor.bind(checkpoint),
): Promise<RgbImage[]> {
  const { steps, guidance, sampler, ...usual } = checkpoint.description.defaults
  const requests = sights.map(({ prompt, size = usual }) => ({ prompt: { sections: plainWords(prompt) }, size }))
  const read = await checkpoint.condition(requests, 'cut')
  const conditionings = read.map((conditioning, k) => sights[k].told?.(conditioning) ?? conditioning)
  const network = { guidance: checkpoint.guidance, predictor }
  const images: RgbImage[] = []
  for (const [k, { seed, beside: shown }] of sights.entries()) {
    const random = new TorchGenerator(seed)
    const noise = (shape: Shape) => random.normal(shape)
    const shape = checkpoint.latentShape(1, requests[k].size)
    const schedule = latentSchedule(checkpoint, shape, { sampler, steps })
    const latents = scaled(noise(shape), schedule.initialNoiseScale)
    const scales = { scale: guidance, trueScale: 1, rescale: 0, ...(shown && { besideScale: shown.scale }) }
    const predict = await guidedNetwork(network, shape, conditionings[k], scales, await shown?.latents())
    const { signal } = between
    const run = denoise({ schedule, latents, noise, predict: predict(conditionings[k]), signal })
    images.push(...toImages(await checkpoint.decode(await finished(run, between))))
    await between.rest()
  }
  return images
}

/** A checkpoint as it draws with what is being trained of it.
 *  @param trained by network  @param shapes of the parameters, by name as `byNetwork` reads it
 *  @param components networks that are not the model's own but made of them
 *  @returns the checkpoint at some parameters, which may be changed in place */
export function trainedView(
  checkpoint: Checkpoint,
  trained: TrainedNetworks,
  shapes: ReadonlyMap<string, Shape>,
  components: Readonly<Partial<Record<TrainedNetwork, Component>>> = {},
): (parameters: Numbers) => Checkpoint {
  const training = `training's view ${counter++}`
  const shapesOf = byNetwork(shapes)
  const byName = new Map(Object.entries(components))
  const componentOf = (name: string) => {
    const component = byName.get(name)
    return component && { component }
  }
  return parameters => {
    const numbersOf = byNetwork(parameters)
    return checkpoint.whileTraining(
      Object.fromEntries(
        Object.entries(trained).map(([name, own]) => [
          name,
          { trained: own, shapes: shapesOf(name), numbers: numbersOf(name), training, ...componentOf(name) },
        ]),
      ),
    )
  }
}

/** Tells the sessions of several runs apart. */
let counter = 0

const scaled = ({ shape, data }: Tensor, scale: number): Tensor =>
  tensor(
    shape,
    data.map(value => value * scale),
  )
