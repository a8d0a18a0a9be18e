import { join } from 'node:path'
import { z } from 'zod'
import { denoise } from '../../../app/diffusion/denoise.ts'
import { guided } from '../../../app/diffusion/guidance.ts'
import { clipText } from '../../../app/models/clip-text.ts'
import { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import type { Runtime } from '../../../app/runtime/runtime.ts'
import { createSchedule, latentDiffusionConfig, schedulers } from '../../../app/schedulers/index.ts'
import { mix } from '../../../app/tensor/arithmetic.ts'
import { joinBatches, repeatEach } from '../../../app/tensor/batches.ts'
import { TorchGenerator } from '../../../app/tensor/random.ts'
import { type Shape, type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { seedSchema, type Variant } from '../goldens.ts'
import { leavingOutUnknownOptions, withModelFolder } from '../models.ts'
import { type LeftOut, list, type Output, type Replay, type Replayer, stack, unknownParameters } from './replayer.ts'

const texts = z.union([z.string(), z.array(z.string())]).transform(text => [text].flat())
const seeds = z.union([seedSchema, z.array(seedSchema)]).transform(seeds => [seeds].flat())

const callSchema = z.strictObject({
  prompt: texts,
  negative_prompt: texts.default(['']),
  num_inference_steps: z.int().default(50),
  guidance_scale: z.number().default(7.5),
  guidance_rescale: z.number().default(0),
  eta: z.number().default(0),
  clip_skip: z.int().default(0),
  num_images_per_prompt: z.int().default(1),
  height: z.int().optional(),
  width: z.int().optional(),
})
type Call = z.output<typeof callSchema>

const components = z.strictObject({
  unet: z.string(),
  vae: z.string(),
  text_encoder: z.string(),
  tokenizer: z.string(),
})
const schedulerSchema = z.strictObject({ class: z.string(), config: z.record(z.string(), z.unknown()).default({}) })

const parameters = z.union([
  z.strictObject({ pipeline: z.string(), components, scheduler: schedulerSchema, call: callSchema, seed: seeds }),
  z.strictObject({ pipeline: z.string(), pretrained: z.string(), call: callSchema, seed: seeds }),
])

/** Text to image with the parts that the operation is made of: the checkpoint, the schedule, guidance, THE denoising loop. */
export const replayPipeline: Replayer = async variant => {
  const { pipeline, call } = z.looseObject({ pipeline: z.string(), call: z.looseObject({}) }).parse(variant.params)
  if (pipeline !== 'StableDiffusionPipeline') return { leftOut: `there is no ${pipeline} yet` }
  const option = Object.keys(call).find(key => !Object.hasOwn(callSchema.shape, key))
  if (option !== undefined) return { leftOut: `text to image takes no ${option}` }
  const parsed = parameters.safeParse({ ...variant.params, call: withoutNulls(call) })
  if (!parsed.success) return unknownParameters(parsed.error)
  const chosen = parsed.data
  if ('pretrained' in chosen) {
    return withModelFolder({}, (_, runtime) => draw(variant, join(variant.root, chosen.pretrained), runtime, chosen))
  }
  const { scheduler } = chosen
  if (!Object.hasOwn(schedulers, scheduler.class)) return { leftOut: `there is no ${scheduler.class} yet` }
  const folder = (part: keyof typeof chosen.components) => ({ folder: join(variant.root, chosen.components[part]) })
  const parts = {
    unet: folder('unet'),
    vae: folder('vae'),
    text_encoder: { ...folder('text_encoder'), className: clipText.className },
    tokenizer: { ...folder('tokenizer'), className: 'CLIPTokenizer' },
    scheduler: { file: 'scheduler_config.json', content: scheduler.config, className: scheduler.class },
  }
  return withModelFolder(parts, (path, runtime) => draw(variant, path, runtime, chosen))
}

/** None in Python is an argument that was not given. */
const withoutNulls = (call: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(call).filter(([, value]) => value !== null))

const draw = (
  variant: Variant,
  folder: string,
  runtime: Runtime,
  chosen: { call: Call; seed: bigint[] },
): Promise<Replay | LeftOut> =>
  leavingOutUnknownOptions(async () => {
    const checkpoint = new Checkpoint(folder, runtime)
    const { call } = chosen
    const noise = noiseSource(chosen.seed)
    const options = { eta: call.eta }
    const { sampler } = checkpoint.description.defaults
    const config = latentDiffusionConfig(checkpoint.schedulerConfig)
    const schedule = createSchedule(sampler, config, call.num_inference_steps, options)

    // 1. Prompts to conditioning, each picture of a prompt its own row; the reference skips layers for the prompt alone
    const encode = async (prompts: readonly string[], skip: number) =>
      repeatEach(joinBatches(await checkpoint.encodePrompts(prompts, { skip })), call.num_images_per_prompt)
    const negatives = call.prompt.map((_, i) => call.negative_prompt[i % call.negative_prompt.length])
    const positive = await encode(call.prompt, call.clip_skip)
    const negative = await encode(negatives, 0)

    // 2. Starting noise, given or drawn
    const { width, height } = { ...checkpoint.description.defaults, ...sizeOf(call) }
    const shape = checkpoint.latentShape(positive.shape[0], { width, height })
    const start = variant.inputs.has('latents') ? variant.inputs.tensor('latents') : noise(shape)

    // 3. Denoise, with classifier-free guidance
    const network = await checkpoint.predictor(shape, positive.shape[1], call.guidance_scale > 1)
    const guidance = { scale: call.guidance_scale, rescale: call.guidance_rescale }
    const predict = guided(network, { positive, negative }, guidance)
    const run = denoise({
      schedule,
      latents: mix([schedule.initialNoiseScale, start]),
      noise,
      predict,
      signal: new AbortController().signal,
    })
    const before: Tensor[] = []
    let next = await run.next()
    for (; !next.done; next = await run.next()) before.push(next.value.latents)

    // 4. Latents to pixels
    const latents = next.value
    return {
      outputs: {
        timesteps: list(schedule.timesteps),
        latents_per_step: stack([...before.slice(1), latents]),
        latents,
        image: toUnitRange(await checkpoint.decode(latents)),
      },
    }
  })

const sizeOf = ({ height, width }: Call) => ({ ...(height && { height }), ...(width && { width }) })

/** One generator for the whole batch, or one for each of its members. */
function noiseSource(seeds: readonly bigint[]): (shape: Shape) => Tensor {
  const generators = seeds.map(seed => new TorchGenerator(seed))
  const share = (shape: Shape) => shape.with(0, shape[0] / generators.length)
  return shape => joinBatches(generators.map(generator => generator.normal(share(shape))))
}

/** [batch, channels, height, width] in about [-1, 1] to [batch, height, width, channels] in [0, 1] */
function toUnitRange({ shape, data }: Tensor): Output {
  const [batch, channels, height, width] = shape
  const area = height * width
  const pixels = Float32Array.from({ length: data.length }, (_, i) => {
    const [picture, place, channel] = [Math.floor(i / (area * channels)), Math.floor(i / channels) % area, i % channels]
    return Math.min(Math.max(data[(picture * channels + channel) * area + place] / 2 + 0.5, 0), 1)
  })
  return tensor([batch, height, width, channels], pixels)
}
