import { join } from 'node:path'
import { z } from 'zod'
import { denoise, type Predict } from '../../../app/diffusion/denoise.ts'
import { guidedNetwork } from '../../../app/diffusion/guided-network.ts'
import { latentSchedule } from '../../../app/diffusion/latent-schedule.ts'
import { clipText } from '../../../app/models/clip-text.ts'
import { clipTextWithProjection } from '../../../app/models/clip-text-with-projection.ts'
import { plainWords } from '../../../app/models/prompt/schedule.ts'
import { t5Encoder } from '../../../app/models/t5-encoder.ts'
import { Checkpoint, type CheckpointAdditions, type ConditioningRequest } from '../../../app/runtime/checkpoint.ts'
import { type GuidanceConditioning, joinConditioning, repeatConditioning } from '../../../app/runtime/conditioning.ts'
import type { Runtime } from '../../../app/runtime/runtime.ts'
import { DISPLEASING, wholePicture } from '../../../app/runtime/size-conditioning.ts'
import { schedulers } from '../../../app/schedulers/index.ts'
import type { Schedule } from '../../../app/schedulers/scheduler.ts'
import { mix, roundHalfToEven } from '../../../app/tensor/arithmetic.ts'
import { joinBatches } from '../../../app/tensor/batches.ts'
import { TorchGenerator } from '../../../app/tensor/random.ts'
import { type Shape, type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { seedSchema, type Variant } from '../goldens.ts'
import { chosenPrecision, leavingOutUnknownOptions, withModelFolder } from '../models.ts'
import { type LeftOut, list, type Output, type Replay, type Replayer, stack, unknownParameters } from './replayer.ts'

export interface PictureSize {
  readonly width: number
  readonly height: number
}

export const texts = z.union([z.string(), z.array(z.string())]).transform(text => [text].flat())
export const seeds = z.union([seedSchema, z.array(seedSchema)]).transform(seeds => [seeds].flat())

/** As the reference gives sizes: height first. */
export const pictureSize = z.tuple([z.int(), z.int()]).transform(([height, width]): PictureSize => ({ width, height }))

export const callSchema = z.strictObject({
  prompt: texts,
  prompt_2: texts.optional(),
  negative_prompt: texts.optional(),
  negative_prompt_2: texts.optional(),
  prompt_3: texts.optional(),
  negative_prompt_3: texts.optional(),
  /** Tokens that T5 reads. */
  max_sequence_length: z.int().optional(),
  num_inference_steps: z.int().default(50),
  guidance_scale: z.number().default(7.5),
  guidance_rescale: z.number().default(0),
  true_cfg_scale: z.number().default(1),
  eta: z.number().default(0),
  clip_skip: z.int().default(0),
  num_images_per_prompt: z.int().default(1),
  height: z.int().optional(),
  width: z.int().optional(),
  original_size: pictureSize.optional(),
  target_size: pictureSize.optional(),
  negative_original_size: pictureSize.optional(),
  negative_target_size: pictureSize.optional(),
  crops_coords_top_left: z.tuple([z.int(), z.int()]).default([0, 0]),
  negative_crops_coords_top_left: z.tuple([z.int(), z.int()]).default([0, 0]),
  timesteps: z.array(z.number()).optional(),
  original_inference_steps: z.int().optional(),
  denoising_end: z.number().optional(),
})
type Call = z.output<typeof callSchema>

/** What all pipelines take of words. */
type PromptCall = Pick<
  Call,
  | 'prompt'
  | 'prompt_2'
  | 'prompt_3'
  | 'negative_prompt'
  | 'negative_prompt_2'
  | 'negative_prompt_3'
  | 'clip_skip'
  | 'num_images_per_prompt'
>

/** The options of the denoising loop that all pipelines share. */
type DenoisingCall = Pick<
  Call,
  | 'num_inference_steps'
  | 'guidance_scale'
  | 'guidance_rescale'
  | 'true_cfg_scale'
  | 'negative_prompt'
  | 'eta'
  | 'timesteps'
  | 'original_inference_steps'
>

const components = z.strictObject({
  unet: z.string().optional(),
  transformer: z.string().optional(),
  vae: z.string(),
  text_encoder: z.string().optional(),
  tokenizer: z.string().optional(),
  text_encoder_2: z.string().optional(),
  tokenizer_2: z.string().optional(),
  text_encoder_3: z.string().optional(),
  tokenizer_3: z.string().optional(),
  image_encoder: z.string().optional(),
})
/** Classes of parts whose folders do not name them, or name another. */
const classNames: Readonly<Record<string, string>> = {
  text_encoder: clipText.className,
  text_encoder_2: clipTextWithProjection.className,
  text_encoder_3: t5Encoder.className,
  tokenizer: 'CLIPTokenizer',
  tokenizer_2: 'CLIPTokenizer',
  tokenizer_3: 'T5Tokenizer',
}
const classNamesOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  StableDiffusion3Pipeline: { ...classNames, text_encoder: clipTextWithProjection.className },
  FluxPipeline: { ...classNames, text_encoder_2: t5Encoder.className, tokenizer_2: 'T5Tokenizer' },
}

/** Pipelines that text to image serves. */
const textToImage = [
  ...['StableDiffusionPipeline', 'StableDiffusionXLPipeline', 'LatentConsistencyModelPipeline'],
  ...['StableDiffusion3Pipeline', 'FluxPipeline'],
]

/** What the reference's constructors add to model_index.json. */
const addedOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  StableDiffusionXLPipeline: { force_zeros_for_empty_prompt: true },
  StableDiffusionXLImg2ImgPipeline: { force_zeros_for_empty_prompt: true },
}
export const schedulerSchema = z.strictObject({
  class: z.string(),
  config: z.record(z.string(), z.unknown()).default({}),
})

export const given = z.strictObject({ pipeline: z.string(), components, scheduler: schedulerSchema })

const loras = z.array(z.strictObject({ file: z.string(), strength: z.number() })).default([])

const parameters = z.union([
  z.strictObject({ ...given.shape, call: callSchema, seed: seeds, np: z.boolean().optional(), loras }),
  z.strictObject({ pipeline: z.string(), pretrained: z.string(), call: callSchema, seed: seeds }),
])

/** Lets `use` work with a pipeline that is put together from components. */
export function withPipeline<Result>(
  root: string,
  { pipeline, components, scheduler }: z.output<typeof given>,
  use: (checkpoint: Checkpoint) => Promise<Result>,
  additions: CheckpointAdditions = {},
): Promise<Result | LeftOut> {
  const folders = Object.entries(components).flatMap(([name, path]) =>
    path === undefined
      ? []
      : [[name, { folder: join(root, path), className: (classNamesOf[pipeline] ?? classNames)[name] }] as const],
  )
  const parts = {
    ...Object.fromEntries(folders),
    scheduler: { file: 'scheduler_config.json', content: scheduler.config, className: scheduler.class },
  }
  const options = { _class_name: pipeline, ...addedOptions[pipeline] }
  const open = (path: string, runtime: Runtime) =>
    leavingOutUnknownOptions(() => use(new Checkpoint(path, runtime, { ...additions, precision: chosenPrecision() })))
  return withModelFolder(parts, open, options)
}

/** Text to image with the parts that the operation is made of: the checkpoint, the schedule, guidance, THE denoising loop. */
export const replayPipeline: Replayer = async variant => {
  const { pipeline, call } = z.looseObject({ pipeline: z.string(), call: z.looseObject({}) }).parse(variant.params)
  if (!textToImage.includes(pipeline)) return { leftOut: `there is no ${pipeline} yet` }
  const option = Object.keys(call).find(key => !Object.hasOwn(callSchema.shape, key))
  if (option !== undefined) return { leftOut: `text to image takes no ${option}` }
  const parsed = callParameters(parameters, variant)
  if (!parsed.success) return unknownParameters(parsed.error)
  const chosen = parsed.data
  const use = (checkpoint: Checkpoint) => draw(variant, checkpoint, chosen)
  if ('pretrained' in chosen) {
    return withModelFolder({}, (_, runtime) => use(new Checkpoint(join(variant.root, chosen.pretrained), runtime)))
  }
  const { scheduler } = chosen
  if (!Object.hasOwn(schedulers, scheduler.class)) return { leftOut: `there is no ${scheduler.class} yet` }
  const beside = chosen.loras.map(({ file, strength }) => ({ path: join(variant.root, file), strength }))
  return withPipeline(variant.root, chosen, use, { loras: beside })
}

/** None in Python is an argument that was not given. */
export const withoutNulls = (call: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(call).filter(([, value]) => value !== null))

/** The parameters of a variant and of its call as a schema has them. */
export function callParameters<Schema extends z.ZodType>(
  schema: Schema,
  { params }: Pick<Variant, 'params'>,
): z.ZodSafeParseResult<z.output<Schema>> {
  const { call, ...others } = z.looseObject({ call: z.record(z.string(), z.unknown()) }).parse(params)
  return schema.safeParse({ ...others, call: withoutNulls(call) })
}

/** One call of the reference's pipeline on a checkpoint. */
export async function draw(
  variant: Variant,
  checkpoint: Checkpoint,
  chosen: { call: Call; seed: bigint[] },
  held?: Held,
): Promise<Replay> {
  const drawn = await drawLatents(variant, checkpoint, chosen, held)
  return { outputs: await outputsOf(variant, checkpoint, drawn) }
}

/** What is compared of a run. */
export const outputsOf = async (
  variant: Variant,
  checkpoint: Checkpoint,
  { schedule, perCall, latents }: DrawnLatents,
) => ({
  timesteps: list(schedule.timesteps),
  latents_per_step: stack(perCall),
  latents,
  ...(variant.outputs.has('image') && { image: toUnitRange(await checkpoint.decode(latents)) }),
})

/** The network under controls, or under guidance by itself. */
export type Held = (checkpoint: Checkpoint, size: PictureSize, run: HeldRun) => Checkpoint['predictor']

/** What is known of a run before it begins. */
export interface HeldRun {
  readonly schedule: Schedule
  /** Of the network. */
  readonly calls: number
}

/** A finished run: its latents, and those after each call of the network. */
export interface DrawnLatents {
  readonly schedule: Schedule
  readonly perCall: Tensor[]
  readonly latents: Tensor
}

/** The same without the decoder. */
export async function drawLatents(
  variant: Variant,
  checkpoint: Checkpoint,
  chosen: { call: Call; seed: bigint[] },
  held?: Held,
): Promise<DrawnLatents> {
  const { call } = chosen
  const { max_sequence_length: window = checkpoint.description.promptTokens } = call
  if (window !== checkpoint.description.promptTokens) throw new Error(`T5 reads no ${window} tokens of this model`)
  const noise = noiseSource(chosen.seed)

  // 1. Prompts to conditioning, each picture of a prompt its own row
  const { width, height } = { ...checkpoint.description.defaults, ...sizeOf(call) }
  const conditioning = await conditionAll(checkpoint, call, { width, height }, sizesOf(call, { width, height }))

  // 2. Starting noise, given or drawn
  const shape = checkpoint.latentShape(call.prompt.length * call.num_images_per_prompt, { width, height })
  const schedule = scheduleOf(checkpoint, call, shape)
  const start = variant.inputs.has('latents') ? variant.inputs.tensor('latents') : noise(shape)

  // 3. Denoise, with classifier-free guidance
  return denoiseAll(checkpoint, call, conditioning, {
    schedule,
    noise,
    latents: mix([schedule.initialNoiseScale, start]),
    ...(held && { predictor: held(checkpoint, { width, height }, { schedule, calls: schedule.timesteps.length }) }),
    ...(call.denoising_end && { end: callsAbove(schedule, checkpoint, call.denoising_end) }),
  })
}

/** The plan of a call's run. @param latents their shape */
export const scheduleOf = (checkpoint: Checkpoint, call: DenoisingCall, latents: Shape): Schedule =>
  latentSchedule(checkpoint, latents, {
    sampler: checkpoint.description.defaults.sampler,
    steps: call.num_inference_steps,
    options: {
      eta: call.eta,
      ...(call.timesteps && { timesteps: call.timesteps }),
      ...(call.original_inference_steps && { originalSteps: call.original_inference_steps }),
    },
  })

/** How many calls of a run lie in the first `share` of training's timesteps: the reference's denoising_end and denoising_start. */
export function callsAbove({ timesteps }: Schedule, { schedulerConfig }: Checkpoint, share: number): number {
  const trained = Number(schedulerConfig.num_train_timesteps ?? 1000)
  const cutoff = roundHalfToEven(trained - share * trained)
  return timesteps.filter(timestep => timestep >= cutoff).length
}

/** THE denoising loop under guidance. */
export async function denoiseAll(
  checkpoint: Checkpoint,
  call: DenoisingCall,
  conditioning: GuidanceConditioning,
  {
    beside,
    besideScale,
    around = predict => predict,
    predictor = checkpoint.predictor.bind(checkpoint),
    ...options
  }: Pick<Parameters<typeof denoise>[0], 'schedule' | 'latents' | 'noise' | 'begin' | 'end' | 'after'> & {
    readonly beside?: Tensor | undefined
    readonly besideScale?: number
    /** What becomes of the predictions. */
    readonly around?: (predict: Predict) => Predict
    readonly predictor?: Checkpoint['predictor']
  },
): Promise<DrawnLatents> {
  // FluxPipeline pulls away from a negative prompt that is given, whatever the guidance that the network is told.
  const trueScale = call.negative_prompt === undefined ? 1 : call.true_cfg_scale
  const scale = isFluxWithout(checkpoint) ? trueScale : call.guidance_scale
  const scales = { scale, trueScale, rescale: call.guidance_rescale, besideScale }
  const asked = { guidance: checkpoint.guidance, predictor }
  const network = await guidedNetwork(asked, options.latents.shape, conditioning, scales, beside)
  const run = denoise({ ...options, predict: around(network(conditioning)), signal: new AbortController().signal })
  const before: Tensor[] = []
  let next = await run.next()
  for (; !next.done; next = await run.next()) before.push(next.value.latents)
  return { schedule: options.schedule, perCall: [...before.slice(1), next.value], latents: next.value }
}

/** Whether a network is Flux' that takes no guidance as an input: the reference ignores guidance_scale then. */
const isFluxWithout = ({ kind, guidance }: Checkpoint): boolean => kind === 'flux' && guidance === undefined

/** The conditioning of all pictures of a call. */
export async function conditionAll(
  checkpoint: Checkpoint,
  call: PromptCall,
  size: PictureSize,
  sizes: ConditioningRequest['sizes'],
): Promise<GuidanceConditioning> {
  const words = (text: string, second: string | undefined, third: string | undefined) => ({
    sections: plainWords(text),
    ...(second !== undefined && { second: plainWords(second) }),
    ...(third !== undefined && { third: plainWords(third) }),
  })
  const requests = call.prompt.map((text, k) => {
    const at = (texts: readonly string[] | undefined) => texts?.[k % texts.length]
    // The other encoders read the first one's words where theirs are empty.
    const other = (texts: readonly string[] | undefined) => at(texts) || undefined
    const negative = at(call.negative_prompt)
    return {
      prompt: words(text, other(call.prompt_2), other(call.prompt_3)),
      ...(negative !== undefined && {
        negative: words(negative, other(call.negative_prompt_2), other(call.negative_prompt_3)),
      }),
      ...{ skip: call.clip_skip, size, sizes },
    }
  })
  const all = await checkpoint.condition(requests, 'cut')
  const joined = (side: keyof GuidanceConditioning) =>
    repeatConditioning(joinConditioning(all.map(each => each[side])), call.num_images_per_prompt)
  return { positive: joined('positive'), negative: joined('negative') }
}

/** What Stable Diffusion XL is told of the pictures; the reference takes the negative's sizes where both are given. */
export function sizesOf(call: Call, size: PictureSize): ConditioningRequest['sizes'] {
  const [top, left] = call.crops_coords_top_left
  const positive = {
    ...wholePicture(size),
    ...(call.original_size && { original: call.original_size }),
    ...(call.target_size && { target: call.target_size }),
    crop: { top, left },
  }
  const { negative_original_size: original, negative_target_size: target } = call
  if (original === undefined || target === undefined)
    return { positive, negative: { ...positive, aesthetic: DISPLEASING } }
  const [negativeTop, negativeLeft] = call.negative_crops_coords_top_left
  const crop = { top: negativeTop, left: negativeLeft }
  return { positive, negative: { ...wholePicture(size, DISPLEASING), original, target, crop } }
}

/** The size that a call asks for, as far as it does. */
export const sizeOf = ({ height, width }: Pick<Call, 'height' | 'width'>) => ({
  ...(height && { height }),
  ...(width && { width }),
})

/** One generator for the whole batch, or one for each of its members. */
export function noiseSource(seeds: readonly bigint[]): (shape: Shape) => Tensor {
  const generators = seeds.map(seed => new TorchGenerator(seed))
  const share = (shape: Shape) => shape.with(0, shape[0] / generators.length)
  return shape => joinBatches(generators.map(generator => generator.normal(share(shape))))
}

/** [batch, channels, height, width] in about [-1, 1] to [batch, height, width, channels] in [0, 1] */
export function toUnitRange({ shape, data }: Tensor): Output {
  const [batch, channels, height, width] = shape
  const area = height * width
  const pixels = Float32Array.from({ length: data.length }, (_, i) => {
    const [picture, place, channel] = [Math.floor(i / (area * channels)), Math.floor(i / channels) % area, i % channels]
    return Math.min(Math.max(data[(picture * channels + channel) * area + place] / 2 + 0.5, 0), 1)
  })
  return tensor([batch, height, width, channels], pixels)
}
