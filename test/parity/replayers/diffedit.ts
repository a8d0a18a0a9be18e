import { z } from 'zod'
import { differenceMask, keptAlong } from '../../../app/diffusion/diffedit.ts'
import { guidedNetwork } from '../../../app/diffusion/guided-network.ts'
import { followedToNoise, inverseSchedule } from '../../../app/diffusion/inversion.ts'
import { plainWords } from '../../../app/models/prompt/schedule.ts'
import type { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import { type GuidanceConditioning, repeatConditioning } from '../../../app/runtime/conditioning.ts'
import { noisedFor } from '../../../app/schedulers/add-noise.ts'
import { repeatEach } from '../../../app/tensor/batches.ts'
import { fromImages } from '../../../app/tensor/images.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { picture } from './image-processor.ts'
import {
  callSchema,
  denoiseAll,
  given,
  noiseSource,
  scheduleOf,
  schedulerSchema,
  seeds,
  toUnitRange,
  withPipeline,
} from './pipeline.ts'
import { type Replayer, stack, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  ...given.shape,
  pipeline: z.literal('StableDiffusionDiffEditPipeline'),
  inverse_scheduler: schedulerSchema,
  call: z.strictObject({
    source: z.string(),
    target: z.string(),
    steps: z.int(),
    maps: z.int(),
    strength: z.number(),
  }),
  seed: seeds,
})
type Call = z.output<typeof parameters>['call']

/** What the reference's pipeline takes where nothing is said. */
const GUIDANCE = 7.5
const SCALES = { scale: GUIDANCE, trueScale: 1, rescale: 0 }
const [MASK_STRENGTH, MASK_RATIO] = [0.5, 3]

/** Mask, way to the noise, and way back, each with a generator of its own. */
export const replayDiffEdit: Replayer = variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { call, seed } = parsed.data
  const [first] = seed
  return withPipeline(variant.root, parsed.data, async checkpoint => {
    const pixels = fromImages([picture(variant.inputs, 'image_u8')])
    const words = (prompt: string) => ({
      prompt: { sections: plainWords(prompt) },
      size: checkpoint.description.defaults,
    })
    const [source, target] = await checkpoint.condition([call.source, call.target].map(words), 'cut')
    const mask = await maskOf(checkpoint, call, repeatEach(pixels, call.maps), noiseSource([first]), [source, target])
    const clean = await checkpoint.encodeLatents(pixels, noiseSource([first + 1n]))
    const begin = call.steps - Math.trunc(call.steps * call.strength)
    const passed = await toNoise(checkpoint, clean, source, call.steps, call.steps - begin)
    // The reference keeps what it began each step with.
    const inverted = passed.slice(1).toReversed()
    const drawCall = callSchema.parse({
      prompt: call.target,
      num_inference_steps: call.steps,
      guidance_scale: GUIDANCE,
    })
    const { latents } = await denoiseAll(checkpoint, drawCall, target, {
      ...{ schedule: scheduleOf(checkpoint, drawCall, clean.shape), latents: inverted[0], begin },
      noise: (shape: readonly number[]) => tensor(shape),
      after: keptAlong(mask, made => inverted[made - begin - 1]),
    })
    const all = stack(inverted)
    return {
      outputs: {
        mask: { shape: [1, ...mask.shape.slice(2)], data: mask.data },
        inverted_latents: { shape: [1, inverted.length, ...clean.shape.slice(1)], data: all.data },
        ...{ latents, image: toUnitRange(await checkpoint.decode(latents)) },
      },
    }
  })
}

async function maskOf(
  checkpoint: Checkpoint,
  { steps, maps }: Call,
  pixels: Tensor,
  noise: ReturnType<typeof noiseSource>,
  words: readonly GuidanceConditioning[],
): Promise<Tensor> {
  const clean = await checkpoint.encodeLatents(pixels, noise)
  const call = callSchema.parse({ prompt: '', num_inference_steps: steps })
  const schedule = scheduleOf(checkpoint, call, clean.shape)
  const begin = steps - Math.trunc(steps * MASK_STRENGTH)
  const noisy = noisedFor(schedule, begin, clean, noise(clean.shape))
  const answers: Tensor[] = []
  for (const { positive, negative } of words) {
    const many = { positive: repeatConditioning(positive, maps), negative: repeatConditioning(negative, maps) }
    const network = await guidedNetwork(checkpoint, clean.shape, many, SCALES)
    answers.push(await network(many)(noisy, schedule.timesteps[begin]))
  }
  return differenceMask(answers[0], answers[1], MASK_RATIO)
}

/** The reference guides on the way to the noise too. */
async function toNoise(
  checkpoint: Checkpoint,
  latents: Tensor,
  words: GuidanceConditioning,
  steps: number,
  end: number,
): Promise<Tensor[]> {
  const network = await guidedNetwork(checkpoint, latents.shape, words, SCALES)
  const schedule = inverseSchedule(checkpoint, steps)
  const { signal } = new AbortController()
  const run = followedToNoise({ schedule, latents, predict: network(words), signal, end })
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value
  }
}
