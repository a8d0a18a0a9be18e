import { z } from 'zod'
import { denoise, perStep } from '../diffusion/denoise.ts'
import { guidedNetwork, pullOf } from '../diffusion/guided-network.ts'
import { latentSchedule } from '../diffusion/latent-schedule.ts'
import { parsePrompt } from '../models/prompt/parse.ts'
import { schedulePrompts } from '../models/prompt/schedule.ts'
import { repeatConditioning } from '../runtime/conditioning.ts'
import { joinBatches } from '../tensor/batches.ts'
import { type RgbImage, toImages } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import type { Complete, Operation, OperationPicture } from './operation.ts'
import {
  clipSkip,
  count,
  embeddings,
  guidance,
  height,
  karras,
  longPrompts,
  loras,
  negative,
  prompt,
  rescale,
  textSampler as sampler,
  seed,
  steps,
  textEncoders,
  trueGuidance,
  vae,
  width,
} from './parameters.ts'
import { Stopwatch } from './stopwatch.ts'
import { TEXT_TO_IMAGE } from './text-to-image-id.ts'

const parameters = z.object({
  ...{ prompt, negative, seed, steps, guidance, trueGuidance, rescale, sampler, karras, width, height, count },
  ...{ longPrompts, clipSkip, loras, embeddings, vae, textEncoders },
})

/** Parameters with the model's own values and a seed filled in. */
export type TextToImageParameters = Complete<z.output<typeof parameters>>

/** A prompt becomes pictures (Rombach et al. 2022, arXiv:2112.10752); the stages are those of the reference's StableDiffusionPipeline. */
export const textToImage: Operation<typeof parameters, 'checkpoint'> = {
  ...TEXT_TO_IMAGE,
  title: 'Text to image',
  description: 'Draws what a prompt describes.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run(context, chosen) {
    const { checkpoint, signal } = context
    // 1. Prompts to conditioning                    each with a batch of 1, for each state that the prompts go through
    const left = checkpoint.unmatched.length
    const leftOut = left === 0 ? '' : ` (${left} layers of a LoRA are left out: this model has no such layers)`
    yield { phase: `Reading the prompt with ${checkpoint.description.name}${leftOut}`, step: 0, total: chosen.steps }
    const { states, stateAt } = schedulePrompts([chosen.prompt, chosen.negative].map(parsePrompt), chosen.steps)
    const scales = { scale: chosen.guidance, trueScale: chosen.trueGuidance, rescale: chosen.rescale }
    const requests = states.map(([positive, negative]) => ({
      prompt: { sections: positive },
      ...(chosen.negative !== '' && { negative: { sections: negative } }),
      // Without guidance the negative prompt is not read, so it makes nothing longer either.
      unguided: pullOf(checkpoint, scales) <= 1,
      skip: chosen.clipSkip,
      size: chosen,
    }))
    const conditionings = await checkpoint.condition(requests, chosen.longPrompts)
    const pictures: OperationPicture[] = []
    const groups = seedGroups(chosen, checkpoint.picturesAtOnce(chosen))
    const watch = new Stopwatch()
    const previews: RgbImage[] = []
    for (const [group, seeds] of groups.entries()) {
      signal.throwIfAborted()
      // 2. Starting noise: each picture's from its own seed, so each can be drawn again alone
      const generators = seeds.map(each => new TorchGenerator(each))
      const noise = (shape: Shape) => joinBatches(generators.map(generator => generator.normal(shape.with(0, 1))))
      const latentShape = checkpoint.latentShape(seeds.length, chosen)
      const schedule = latentSchedule(checkpoint, latentShape, { ...chosen, config: karrasLevels(chosen) })
      const start = scaled(noise(latentShape), schedule.initialNoiseScale)
      // 3. Denoise, with classifier-free guidance   same shape
      if (checkpoint.mustPrepare)
        yield { phase: 'Writing the weights in the chosen precision, once', step: 0, total: chosen.steps }
      const repeated = conditionings.map(({ positive, negative }) => ({
        positive: repeatConditioning(positive, seeds.length),
        negative: repeatConditioning(negative, seeds.length),
      }))
      const network = await guidedNetwork(checkpoint, latentShape, repeated[0], scales)
      const predict = perStep(chosen.steps, schedule.timesteps.length, step => network(repeated[stateAt[step - 1]]))
      const run = denoise({ schedule, latents: start, noise, predict, signal })
      let next = await run.next()
      for (; !next.done; next = await run.next()) {
        const total = next.value.total * groups.length
        const step = next.value.total * group + next.value.step
        if (context.wantsPreviews)
          previews.splice(pictures.length, seeds.length, ...(await checkpoint.preview(next.value.estimate())))
        yield {
          phase: `Step ${step} of ${total}`,
          step,
          total,
          secondsLeft: watch.step(step, total),
          previews: [...previews],
        }
      }
      signal.throwIfAborted()
      // 4. Latents to pixels                        [pictures, 3, height, width] in [-1, 1]
      const images = toImages(await checkpoint.decode(next.value))
      pictures.push(...images.map((image, k) => ({ image, seed: seeds[k] })))
    }
    return pictures
  },
}

/** Seeds of the pictures, in groups that are drawn together: picture k has the first seed + k (modulo 2^64).
 *  @param largest pictures of a group */
export function seedGroups(
  { seed, count }: Pick<TextToImageParameters, 'seed' | 'count'>,
  largest: number,
): bigint[][] {
  const seeds = Array.from({ length: count }, (_, k) => BigInt.asUintN(64, seed + BigInt(k)))
  const size = Math.ceil(count / Math.ceil(count / largest))
  return Array.from({ length: Math.ceil(count / size) }, (_, k) => seeds.slice(k * size, (k + 1) * size))
}

/** Config keys that switch Karras noise levels on; absent ones leave what the model says. */
const karrasLevels = ({ karras }: TextToImageParameters) => (karras ? { use_karras_sigmas: true } : {})

const scaled = (noise: Tensor, scale: number): Tensor =>
  tensor(
    noise.shape,
    noise.data.map(value => value * scale),
  )
