import type { z } from 'zod'
import { type AttentionPlan, attentivePredictor } from '../diffusion/attention.ts'
import { controlledPredictor } from '../diffusion/control.ts'
import { denoise, type Predict, perStep } from '../diffusion/denoise.ts'
import { toldObjects } from '../diffusion/followed-shape.ts'
import { type GuidanceScales, guidedNetwork, pullOf } from '../diffusion/guided-network.ts'
import { promptedPredictor } from '../diffusion/image-prompts.ts'
import { latentSchedule } from '../diffusion/latent-schedule.ts'
import { PictureGuidance } from '../diffusion/picture-guide.ts'
import { composed, type Region, regionShares } from '../diffusion/regions.ts'
import { selfGuidedPredictor } from '../diffusion/self-guidance.ts'
import { tiledPredictor } from '../diffusion/tiled.ts'
import { parsePrompt } from '../models/prompt/parse.ts'
import { schedulePrompts } from '../models/prompt/schedule.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { type GuidanceConditioning, joinConditioning, repeatConditioning } from '../runtime/conditioning.ts'
import { firstCall, type NoiseSource, type Schedule, type SchedulerConfig } from '../schedulers/scheduler.ts'
import { mix } from '../tensor/arithmetic.ts'
import { joinBatches, repeatEach } from '../tensor/batches.ts'
import { fitImage, toGray } from '../tensor/fit.ts'
import { fromImages, type RgbImage, toImages } from '../tensor/images.ts'
import type { GrayImage } from '../tensor/masks.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { resample } from '../tensor/resample.ts'
import type { Shape, Tensor } from '../tensor/tensor.ts'
import { openControls } from './controls.ts'
import { throughNetwork } from './guide-network.ts'
import { openGuide, predictionOf } from './guides.ts'
import { isImagePrompt, openImagePrompts } from './image-prompts.ts'
import type { Complete, GivenPictures, OperationContext, OperationPicture, Progress } from './operation.ts'
import type { wordParameters } from './parameters.ts'
import { chosenSelfGuidance } from './self-guidance.ts'
import { Stopwatch } from './stopwatch.ts'

/** What every drawing from words is told. */
export type WordChoices = Complete<z.output<z.ZodObject<typeof wordParameters>>>

/** What a drawing begins from, and what it holds to. */
export interface Beginning {
  /** At the noise level of the first call that is made. [pictures, channels, height, width] */
  readonly latents: Tensor
  /** Steps that are left out at the start; none by default. */
  readonly begin?: number
  /** As `denoise` takes it. */
  readonly after?: ((latents: Tensor, call: number) => Tensor) | undefined
  /** Channels that the network sees beside the latents. */
  readonly beside?: Tensor | undefined
  /** How hard the picture is held to those, of networks that were trained without them too. */
  readonly besideScale?: number
  /** What becomes of the predictions; by default they stay as they are. */
  readonly around?: (predict: Predict) => Predict
  /** What the network is told of the whole picture instead, at a step from 1. */
  readonly told?: (conditioning: GuidanceConditioning, step: number) => GuidanceConditioning
  /** What is asked of the attention of the network. */
  readonly attention?: AttentionPlan | undefined
  /** Told at each call where the objects are, by networks that say that: [pictures, 1, height, width], 0 to 1. */
  readonly onObjectMask?: (found: Tensor) => void
}

/** Where a group of pictures starts: its plan, the shape of its latents, its random numbers. */
export interface StartingPlace {
  readonly checkpoint: Checkpoint
  readonly schedule: Schedule
  readonly shape: Shape
  /** Each picture's from its own seed, so each can be drawn again alone. */
  readonly noise: NoiseSource
  /** What the network is told of the whole picture at first. */
  readonly conditioning: GuidanceConditioning
  /** What it would be told by the prompts that are read besides, for one picture each. */
  readonly besides: readonly GuidanceConditioning[]
  readonly scales: GuidanceScales
}

/** What makes one method another than the rest. */
export interface Method {
  /** Called once for each group of pictures that are drawn together. */
  readonly begin: (place: StartingPlace) => Beginning | Promise<Beginning> | AsyncGenerator<Progress, Beginning>
  /** Prompts of pictures that are drawn together from the same noise, the last of which is kept; absent: the prompt alone. */
  readonly versions?: readonly string[]
  /** Prompts that are read besides, for `begin`. */
  readonly besides?: readonly string[]
  /** Of the scheduler, laid over what the model and the person say. */
  readonly config?: SchedulerConfig
  /** The picture that it begins from, at the size of the drawing; absent: none. */
  readonly picture?: RgbImage
  /** Brings a mask of the whole picture to what is drawn of it; by default it is stretched to that size. */
  readonly part?: (mask: GrayImage) => GrayImage
  /** What becomes of a decoded picture; by default it stays as it is. @param place of the picture in its group, from 0 */
  readonly finish?: (image: RgbImage, place: number) => RgbImage
  /** Pixels on a side of what the network sees at once of a larger picture; by default it sees the whole. */
  readonly tileSide?: number | undefined
}

/** What a method begins with, however it finds it. */
export async function* begunBy(
  { begin }: Pick<Method, 'begin'>,
  place: StartingPlace,
): AsyncGenerator<Progress, Beginning> {
  const begun = begin(place)
  return Symbol.asyncIterator in begun ? yield* begun : await begun
}

/** From nothing but noise. */
export const fromNoise: Method = {
  begin: ({ schedule, shape, noise }) => ({ latents: mix([schedule.initialNoiseScale, noise(shape)]) }),
}

/** Draws pictures from a prompt (Rombach et al. 2022, arXiv:2112.10752); the stages are those of the reference's pipelines. */
export async function* drawFromWords(
  context: OperationContext<'checkpoint' | 'pictures'>,
  chosen: WordChoices,
  method: Method,
): AsyncGenerator<Progress, readonly OperationPicture[]> {
  const { checkpoint, signal } = context
  const { versions = [chosen.prompt], config, part = stretchedTo(chosen), finish = image => image, tileSide } = method
  // 1. Prompts to conditioning                    each with a batch of 1, for each state that the prompts go through
  yield {
    phase: `Reading the prompt with ${checkpoint.description.name}${leftOut(checkpoint)}`,
    step: 0,
    total: chosen.steps,
  }
  const { conditionings, besides, stateAt, scales } = await readPrompts(checkpoint, chosen, versions, method.besides)
  // 2. Control pictures                           [1, channels, height, width] in [0, 1]
  const prompts = await openImagePrompts(checkpoint, context.pictures, chosen.controls.filter(isImagePrompt))
  const placed = chosen.controls.filter(control => !isImagePrompt(control))
  const { controls, notes } = await openControls(checkpoint, context.pictures, placed, chosen)
  for (const note of notes) yield { phase: note, note, step: 0, total: chosen.steps }
  const guidance = await openGuidance(checkpoint, context.pictures, chosen, part)
  const shares = await openRegions(checkpoint, context.pictures, chosen, part)
  const pictures: OperationPicture[] = []
  const together = versions.length
  const groups = seedGroups(chosen, together > 1 || guidance ? 1 : checkpoint.picturesAtOnce(chosen))
  const watch = new Stopwatch()
  const previews: RgbImage[] = []
  for (const [group, seeds] of groups.entries()) {
    signal.throwIfAborted()
    // 3. What it begins from
    const generators = seeds.map(each => new TorchGenerator(each))
    const noise = (shape: Shape) =>
      repeatEach(joinBatches(generators.map(generator => generator.normal(shape.with(0, 1)))), together)
    const shape = checkpoint.latentShape(seeds.length * together, chosen)
    const schedule = latentSchedule(checkpoint, shape, { ...chosen, config: { ...karrasLevels(chosen), ...config } })
    const repeated = conditionings.map(state => state.map(each => repeatedFor(each, seeds.length)))
    const place = { checkpoint, schedule, shape, noise, conditioning: repeated[0][0], besides, scales }
    const { beside, besideScale, told, attention, around, onObjectMask, ...beginning } = yield* begunBy(method, place)
    signal.throwIfAborted()
    // 4. Denoise, with classifier-free guidance   same shape
    if (checkpoint.mustPrepare)
      yield { phase: 'Writing the weights in the chosen precision, once', step: 0, total: chosen.steps }
    const first = firstCall(schedule, beginning.begin ?? 0)
    const calls = schedule.timesteps.length - first
    const held = { calls, channels: shape[1], guessMode: chosen.guessMode }
    const self = chosenSelfGuidance(checkpoint, chosen, schedule, { attention, besideScale })
    // One for each prompt of a state: controls count the calls of each.
    const networks = await Promise.all(
      repeated[0].map(words => {
        const own = selfGuidedPredictor(toldObjects(checkpoint, onObjectMask), self)
        const prompted = promptedPredictor(own, prompts, { calls, pictures: shape[0] })
        const attentive = attentivePredictor(prompted, attention, first)
        const whole = controlledPredictor(attentive, controls, held)
        const predictor = tileSide === undefined ? whole : tiledPredictor(whole, tileSide / checkpoint.stride, signal)
        const asked = { guidance: checkpoint.guidance, predictor }
        return guidedNetwork(asked, shape, words, { ...scales, besideScale }, beside)
      }),
    )
    guidance?.begin(schedule, firstCall(schedule, beginning.begin ?? 0), seeds[0])
    const predictAt = (step: number) => {
      const [whole, ...parts] = repeated[stateAt[step - 1]]
      const state = [told?.(whole, step) ?? whole, ...parts]
      const predictions = state.map((each, k) => networks[k](each))
      const predict = shares === undefined ? predictions[0] : composed(predictions, shares)
      return guidance?.guided(predict, throughNetwork(checkpoint, chosen, state, beside)) ?? predict
    }
    const predict = perStep(chosen.steps, schedule.timesteps.length, predictAt)
    const run = denoise({ schedule, noise, predict: around?.(predict) ?? predict, signal, ...beginning })
    let next = await run.next()
    for (; !next.done; next = await run.next()) {
      const total = next.value.total * groups.length
      const step = next.value.total * group + next.value.step
      if (context.wantsPreviews)
        previews.splice(
          pictures.length,
          seeds.length,
          ...lastOf(await checkpoint.preview(next.value.estimate()), together),
        )
      yield {
        phase: `Step ${step} of ${total}`,
        step,
        total,
        secondsLeft: watch.step(step, total),
        previews: [...previews],
      }
    }
    signal.throwIfAborted()
    // 5. Latents to pixels                        [pictures, 3, height, width] in [-1, 1]
    const images = lastOf(toImages(await checkpoint.decode(next.value)), together)
    pictures.push(...images.map((image, k) => ({ image: finish(image, k), seed: seeds[k] })))
  }
  await guidance?.release()
  return pictures
}

/** What the pictures are pulled towards; undefined where that is nothing. */
async function openGuidance(
  checkpoint: Checkpoint,
  pictures: GivenPictures,
  chosen: WordChoices,
  part: (mask: GrayImage) => GrayImage,
): Promise<PictureGuidance | undefined> {
  const shape = checkpoint.latentShape(1, chosen)
  const size = { width: shape[3] * checkpoint.stride, height: shape[2] * checkpoint.stride, sample: shape, part }
  const guide = await openGuide(checkpoint, pictures, chosen, size)
  return guide && new PictureGuidance(guide, predictionOf(checkpoint.schedulerConfig, chosen.sampler), shape)
}

/** Of pictures that are drawn together, the last of each `together`. */
const lastOf = (images: readonly RgbImage[], together: number): RgbImage[] =>
  images.filter((_, k) => (k + 1) % together === 0)

const leftOut = ({ unmatched: { length } }: Checkpoint): string =>
  length === 0 ? '' : ` (${length} layers of a LoRA are left out: this model has no such layers)`

const repeatedFor = ({ positive, negative }: GuidanceConditioning, pictures: number): GuidanceConditioning => ({
  positive: repeatConditioning(positive, pictures),
  negative: repeatConditioning(negative, pictures),
})

const joinedGuidance = (each: readonly GuidanceConditioning[]): GuidanceConditioning => ({
  positive: joinConditioning(each.map(({ positive }) => positive)),
  negative: joinConditioning(each.map(({ negative }) => negative)),
})

const stretchedTo =
  (size: Pick<WordChoices, 'width' | 'height'>) =>
  (mask: GrayImage): GrayImage =>
    fitImage(mask, size, 'stretch', 'bilinear')

/** What the network is told of the prompts: for each state that they go through a conditioning for the whole picture (all versions of it)
 *  and one for each region; and the state of each step. */
async function readPrompts(
  checkpoint: Checkpoint,
  chosen: WordChoices,
  versions: readonly string[],
  others: readonly string[] = [],
) {
  const { negative, regions } = chosen
  const texts = [negative, ...versions, ...regions.map(region => region.prompt), ...others].map(parsePrompt)
  const { states, stateAt } = schedulePrompts(texts, chosen.steps)
  const scales = { scale: chosen.guidance, trueScale: chosen.trueGuidance, rescale: chosen.rescale }
  const requests = states.flatMap(([against, ...wanted]) =>
    wanted.map(words => ({
      prompt: { sections: words },
      ...(negative !== '' && { negative: { sections: against } }),
      // Without guidance the negative prompt is not read, so it makes nothing longer either.
      unguided: pullOf(checkpoint, scales) <= 1,
      skip: chosen.clipSkip,
      size: chosen,
    })),
  )
  const read = await checkpoint.condition(requests, chosen.longPrompts)
  const ofState = versions.length + regions.length + others.length
  const besides = read.slice(versions.length + regions.length, ofState)
  const conditionings = states.map((_, k): GuidanceConditioning[] => {
    const all = read.slice(k * ofState, (k + 1) * ofState)
    return [joinedGuidance(all.slice(0, versions.length)), ...all.slice(versions.length, ofState - others.length)]
  })
  return { conditionings, besides, stateAt, scales }
}

/** How much each prompt counts at each latent; undefined where there are no regions. @throws Problem PICTURE_*, FILE_* */
async function openRegions(
  checkpoint: Checkpoint,
  pictures: GivenPictures,
  { regions, ...size }: WordChoices,
  part: (mask: GrayImage) => GrayImage,
): Promise<Float32Array[] | undefined> {
  if (regions.length === 0) return undefined
  const [, , height, width] = checkpoint.latentShape(1, size)
  const opened: Region[] = []
  for (const { mask, weight } of regions) {
    const marks = part(toGray(await pictures.read(mask, '#000000')))
    opened.push({ mask: fromImages([resample(marks, { width, height }, 'bilinear')], 'unit'), weight })
  }
  return regionShares(opened)
}

/** Seeds of the pictures, in groups that are drawn together: picture k has the first seed + k (modulo 2^64).
 *  @param largest pictures of a group */
export function seedGroups({ seed, count }: Pick<WordChoices, 'seed' | 'count'>, largest: number): bigint[][] {
  const seeds = Array.from({ length: count }, (_, k) => BigInt.asUintN(64, seed + BigInt(k)))
  const size = Math.ceil(count / Math.ceil(count / largest))
  return Array.from({ length: Math.ceil(count / size) }, (_, k) => seeds.slice(k * size, (k + 1) * size))
}

/** Config keys that switch Karras noise levels on; absent ones leave what the model says. */
const karrasLevels = ({ karras }: WordChoices) => (karras ? { use_karras_sigmas: true } : {})
