import type { Value } from '../graph/graph.ts'
import { plainWords } from '../models/prompt/schedule.ts'
import type { Trained } from '../models/trained.ts'
import { type UNetConfig, type UNetSizes, unet2DCondition } from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { type Conditioning, joinConditioning } from '../runtime/conditioning.ts'
import { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Feeds } from '../runtime/session.ts'
import { openTrainable, type Recompute, type Trainable, type Training } from '../runtime/trainable.ts'
import type { TorchGenerator } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { openModel } from '../weights/open-model.ts'
import { type Batch, batchesOf } from './batches.ts'
import type { TrainingExample, TrainingSet } from './data.ts'
import type { UnderGuidance } from './guided-answers.ts'
import { type InstructedTraining, instructedQuestion, leftOutBy } from './instructed.ts'
import type { KeptTensors } from './kept-tensors.ts'
import { EncodedSet } from './latents.ts'
import type { TrainingTask } from './loop.ts'
import { drawNoise, type Noising, type Question } from './noising.ts'
import type { Numbers } from './numbers.ts'
import type { OwnAnswers } from './own-answers.ts'
import {
  drawShape,
  fedShapes,
  type ShapedQuestion,
  type ShapedTraining,
  shapedLoss,
  shapedQuestion,
  silenceOfShapes,
} from './smart-brush.ts'
import { controlPart, fedControlPart, type TrainedControl } from './trained-control.ts'
import { fedQuestions, lossOfSilence, weightedError } from './weighted-error.ts'

/** Of a picture, in pixels. */
type Size = TrainingExample['size']

/** How a network is given the captions. */
export interface Captions {
  /** Values of the graph that stand for them, by the UNet's inputs, where a text encoder is part of it.
   *  @param captions how many there are */
  readonly part?: (training: Training, captions: number) => Readonly<Record<string, Value>>
  /** What is fed of them, one after the other. */
  readonly feed: (captions: readonly string[], size: Size) => Promise<Feeds>
  /** Ids of a caption. */
  readonly tokens: number
  /** Numbers of Stable Diffusion XL's size conditioning; absent: the network is told none. */
  readonly timeIds?: number
}

/** What is trained of a checkpoint that draws from words, and how. */
export interface TextToImageTraining {
  readonly runtime: Runtime
  readonly checkpoint: Checkpoint
  readonly set: TrainingSet
  readonly captions: Captions
  readonly noising: Noising
  /** Of the UNet; absent: it is frozen. */
  readonly trained?: Trained
  /** A ControlNet that learns beside it; absent: none. */
  readonly control?: TrainedControl
  /** What makes the UNet a SmartBrush, which learns where objects are as well; absent: it draws from words alone. */
  readonly shaped?: ShapedTraining
  /** What makes the UNet follow instructions, which sees a picture beside the noise; absent: it sees none. */
  readonly instructed?: InstructedTraining
  /** Where the parameters begin. */
  readonly start: (trainable: Trainable) => Numbers
  readonly seed: bigint
  /** Examples at once; with class images twice as many are computed. */
  readonly batch: number
  /** Probability that a caption is left empty: what guidance draws away from (Ho & Salimans 2022, arXiv:2207.12598). */
  readonly emptyCaptions: number
  /** As in `drawNoise`. */
  readonly noiseOffset: number
  /** How much class images count beside what is learned (Ruiz et al. 2022, arXiv:2208.12242, eq. 2). */
  readonly priorWeight: number
  /** What class images, and captions that are left empty, shall be answered with; absent: what the pictures say. */
  readonly ownAnswers?: OwnAnswers
  /** How the others are asked about; absent: as they are drawn without guidance. */
  readonly guided?: UnderGuidance
  readonly recompute?: Recompute
  /** What earlier trainings made of the pictures; absent: nothing is kept. */
  readonly kept?: KeptTensors | undefined
}

/** The UNet of a checkpoint, with no LoRA beside it. */
export const plainUNet = (checkpoint: Checkpoint, runtime: Runtime): Network<UNetConfig, UNetSizes> =>
  new Network(
    runtime,
    unet2DCondition,
    openModel(checkpoint.description.path).component('unet', [unet2DCondition.className]),
  )

/** A task of the training loop: the latents of examples are made noisy, and the network learns to answer.
 *  @throws Problem GRADIENT, MODEL_*, TRAINING_GUIDANCE */
export function textToImageTask(options: TextToImageTraining): TrainingTask & { readonly trainable: Trainable } {
  const { runtime, checkpoint, set, captions, trained, control } = options
  if (checkpoint.guidance !== undefined) {
    throw new Problem(
      'TRAINING_GUIDANCE',
      `${checkpoint.description.name} was distilled to few steps and cannot be trained.`,
      {
        hint: 'Train the model that it was made from.',
      },
    )
  }
  const { network: unet } = options.shaped ?? options.instructed ?? { network: plainUNet(checkpoint, runtime) }
  const encoded = new EncodedSet(set, pixels => checkpoint.encode(pixels), options.kept)
  const open = ({ size, instances, classImages }: Batch): Trainable => {
    const batch = instances.length + classImages.length
    const [, , height, width] = checkpoint.latentShape(1, size)
    return openTrainable(
      runtime,
      training => {
        const { tokens, timeIds } = captions
        const words = captions.part?.(training, batch)
        const told = timeIds === undefined ? {} : { timeIds }
        const sizes = { batch, height, width, tokens, timesteps: 'each', contextMask: false, ...told } as const
        const beside = control && controlPart(training, control, sizes, words)
        const answers = training.part({
          ...{ network: unet, graph: 'predict' },
          sizes: { ...sizes, ...(beside && { control: beside.control }) },
          inputs: { ...words, ...beside?.inputs },
          ...(trained && { trained }),
        })
        return options.shaped
          ? shapedLoss(training, answers, options.shaped.maskWeight)
          : { loss: weightedError(training, answers.out_sample) }
      },
      { recompute: options.recompute ?? 'none' },
    )
  }
  // Graphs have fixed sizes: one for each size of pictures.
  const trainables = new Map<string, Trainable>()
  const trainableOf = (batch: Batch): Trainable => {
    const key = JSON.stringify([batch.size, batch.instances.length + batch.classImages.length])
    const existing = trainables.get(key) ?? open(batch)
    trainables.set(key, existing)
    return existing
  }
  const batches = batchesOf(set, options.batch, options.seed)
  const trainable = trainableOf(batches(0))
  const parameters = options.start(trainable)
  return {
    ...{ trainable, parameters, shapes: trainable.parameters },
    async compute(number, random) {
      const batch = batches(number)
      const { questions, words, pictures, shapes } = await questionsOf(options, encoded, batch, random)
      const feeds = { ...fedQuestions(questions), ...(await captions.feed(words, batch.size)), ...fedShapes(shapes) }
      const more = control && fedControlPart(control, feeds, pictures)
      await checkpoint.rest()
      const found = await trainableOf(batch).run({ ...feeds, ...more }, parameters)
      return { ...found, silence: options.shaped ? silenceOfShapes(shapes) : lossOfSilence(questions) }
    },
  }
}

/** What the network is asked about a batch. Everything random is drawn here, in the order of the examples. */
async function questionsOf(options: TextToImageTraining, encoded: EncodedSet, batch: Batch, random: TorchGenerator) {
  const { set, noising, checkpoint, control, shaped, instructed } = options
  const all = [...batch.instances, ...batch.classImages]
  const questions: Question[] = []
  const words: string[] = []
  const pictures: Tensor[] = []
  const shapes: ShapedQuestion[] = []
  for (const [k, index] of all.entries()) {
    const { mayFlip, caption } = set.examples[index]
    const isMirrored = random.uniform([1]).data[0] < 0.5 && mayFlip
    const isClassImage = k >= batch.instances.length
    const chance = random.uniform([1]).data[0]
    const leftOut = instructed && leftOutBy(chance, options.emptyCaptions)
    const isEmpty = leftOut?.words ?? chance < options.emptyCaptions
    const shape = shaped && drawShape(random, await shaped.objectOf(index, isMirrored), shaped)
    const known = shape?.object === undefined ? (shaped?.wholeCaptionOf(index) ?? caption) : caption
    const said = isEmpty ? '' : known
    words.push(said)
    if (control) pictures.push(await control.picture(index, isMirrored))
    const distribution = await encoded.of(index, isMirrored)
    const latents = checkpoint.latentsOf(distribution, random.normal(distribution.mean.shape))
    const noise = drawNoise(random, latents.shape, options.noiseOffset)
    const question = noising.ask(latents, noise, noising.drawLevel(random))
    const isKept = isClassImage || isEmpty
    const asked = await answered(options, question, { said, isKept, size: batch.size })
    // The loss is a mean over all: each of the two kinds counts as if it were alone.
    const kind = isClassImage ? options.priorWeight : 1
    const share = batch.classImages.length === 0 ? 1 : all.length / batch.instances.length
    const weighed = { ...asked, weight: question.weight * kind * share }
    const shown = shape
      ? shapedQuestion(weighed, latents, shape.mask)
      : instructed
        ? instructedQuestion(weighed, leftOut?.picture ? undefined : await instructed.before(index, isMirrored))
        : weighed
    questions.push(shown)
    if (shape) shapes.push({ ...shape, question: shown })
  }
  return { questions, words, pictures, shapes }
}

/** The same question with what the network should answer to it. */
async function answered(
  { ownAnswers, guided }: Pick<TextToImageTraining, 'ownAnswers' | 'guided'>,
  question: Question,
  { said, isKept, size }: { readonly said: string; readonly isKept: boolean; readonly size: Size },
): Promise<Question> {
  if (!isKept) return guided ? guided(question, size) : question
  return ownAnswers ? { ...question, target: await ownAnswers(question, said, size) } : question
}

/** Captions of text encoders that do not learn. */
export interface FrozenCaptions extends Captions {
  readonly feed: (captions: readonly string[], size: Size) => Promise<Conditioning>
}

/** Captions through the checkpoint's own text encoders, each encoded once; also by a later training, where it is kept.
 *  @throws Problem as `Checkpoint.condition` */
export async function frozenCaptions(checkpoint: Checkpoint, kept?: KeptTensors): Promise<FrozenCaptions> {
  const known = new Map<string, Promise<Conditioning>>()
  const compute = async (caption: string, size: Size) => {
    const [{ positive }] = await checkpoint.condition([{ prompt: { sections: plainWords(caption) }, size }], 'cut')
    return positive
  }
  const encode = (caption: string, size: Size): Promise<Conditioning> =>
    kept?.of(['words', caption, size], () => compute(caption, size)) ?? compute(caption, size)
  const { encoder_hidden_states, time_ids } = await encode('', checkpoint.description.defaults)
  return {
    tokens: encoder_hidden_states.shape[1],
    ...(time_ids && { timeIds: time_ids.shape[1] }),
    async feed(captions, size) {
      const parts: Conditioning[] = []
      for (const caption of captions) {
        const key = JSON.stringify([caption, size])
        const conditioning = known.get(key) ?? encode(caption, size)
        known.set(key, conditioning)
        parts.push(await conditioning)
      }
      return joinConditioning(parts)
    },
  }
}
