import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'
import type { Trained } from '../models/trained.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Footprint } from '../runtime/footprint.ts'
import type { Trainable } from '../runtime/trainable.ts'
import { fitImage } from '../tensor/fit.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from '../training/data.ts'
import { drawSights, type Sight, trainedView } from '../training/draw.ts'
import { trainingFootprint } from '../training/fine-tuning.ts'
import type { Stage, TrainingTask } from '../training/loop.ts'
import { chosenLayers, firstFactors } from '../training/low-rank.ts'
import { modelNoising } from '../training/noising.ts'
import type { Numbers } from '../training/numbers.ts'
import { setOfNone, setOfOne, WORDS } from '../training/picture-task.ts'
import { plainUNet, type TextToImageTraining } from '../training/text-to-image-task.ts'
import { writeLearnedPicture } from '../weights/learned-picture.ts'
import { layersOf } from '../weights/lora.ts'
import { openModel } from '../weights/open-model.ts'
import { foreseeWithWords } from './foresee-training.ts'
import { keptTensorsOf } from './kept-tensors-of.ts'
import type {
  Complete,
  OpenModels,
  OperationContext,
  OperationPicture,
  Progress,
  TrainingCost,
  Workshop,
} from './operation.ts'
import type { pictureTraining } from './picture-training-parameters.ts'
import { planOf, runTraining } from './run-training.ts'

/** What is chosen of a training of one picture. */
export type PictureChoices = Complete<z.output<z.ZodObject<typeof pictureTraining>>> & {
  readonly words: string
  readonly steps: number
  readonly seed: bigint
}

/** What such a training works with. */
export type PictureTrainingContext = OperationContext<'checkpoint' | 'pictures' | 'workshop' | 'making'>

/** What a method asks of the network. */
export interface LearnedTask {
  readonly task: TrainingTask & { readonly trainable: Trainable }
  /** What the network is told that draws the picture, as far as it is learned. */
  readonly told: (numbers: Numbers) => Readonly<Record<string, Tensor>>
  /** Steps before the network itself learns. */
  readonly before: readonly Stage[]
  /** Pictures to watch it by, each with what the person reads of it. */
  readonly sights: (numbers: Numbers) => readonly (Sight & { readonly title: string })[]
}

/** What the task of a method is made with. */
type Given = Pick<
  TextToImageTraining,
  'runtime' | 'checkpoint' | 'set' | 'noising' | 'seed' | 'batch' | 'kept' | 'start'
> & {
  readonly trained: Trained
}

const USUAL_WIDTH = 320
/** Of the network itself what the reference's ImagicStableDiffusionPipeline trains Stable Diffusion 1.5 with. Low-rank factors learn as in `train-lora`
 *  where the picture shall stay; what shall be bent learns a fortieth as fast: faster, it was the same picture whatever the network was told. */
const USUAL_RATES = {
  imagic: { 'low rank': 1e-5, all: 2e-6 },
  unitune: { 'low rank': 4e-4, all: 2e-6 },
} as const

/** A model learns one picture; what it learned becomes a file beside it.
 *  @param method what differs between the methods  @throws Problem GRADIENT, PICTURE_*, MODEL_*, TRAINING_* */
export async function* learnPicture(
  context: PictureTrainingContext,
  chosen: PictureChoices,
  method: {
    readonly id: string
    readonly kind: 'imagic' | 'unitune'
    readonly open: (given: Given) => Promise<LearnedTask>
  },
): AsyncGenerator<Progress, readonly OperationPicture[]> {
  const { checkpoint, signal, workshop, making } = context
  const { runtime, rest } = workshop
  const { steps, seed, batch, words } = chosen
  // 1. The picture, at the size that it is drawn at
  yield { phase: 'Reading the picture', step: 0, total: steps }
  const picture = fitImage(await context.pictures.read(chosen.image, '#ffffff'), chosen, 'crop')
  const set = setOfOne(picture, words, createHash('sha256').update(picture.data).digest('hex'))
  // 2. What learns, and what it is asked
  const trained = trainedOf(checkpoint, chosen)
  const kept = keptTensorsOf(context)
  const noising = modelNoising(checkpoint.schedulerConfig)
  const { task, told, before, sights } = await method.open({
    ...{ runtime, checkpoint, set, noising, seed, batch, trained, kept },
    start: trainable => startOf(trainable, chosen),
  })
  runtime.refuse(
    footprintWith(task.trainable.footprint, task.shapes, chosen),
    'what learns is low rank, or another optimiser',
  )
  // 3. The file: what is told, and what of the network changed
  const { target, source, hashes } = making
  const name = nameOf(chosen)
  const write = (path: string, numbers: Numbers): void => {
    const own = [...numbers].filter(([key]) => !key.startsWith(WORDS))
    mkdirSync(dirname(path), { recursive: true })
    const { width, height } = picture
    const said = { method: method.kind, words, model: hashes[source] ?? '', picture: chosen.image, width, height }
    const scale = chosen.learns === 'all' ? {} : { scale: 1 }
    const learned = { optimised: told(numbers), parameters: new Map(own), shapes: task.shapes, ...said, ...scale }
    writeLearnedPicture(path, learned, { 'modelspec.title': name })
  }
  // 4. The training loop
  const view = trainedView(checkpoint, { unet: trained }, task.shapes)
  const [width] = plainUNet(checkpoint, runtime).config.block_out_channels
  const rate = chosen.learningRate || (USUAL_RATES[method.kind][chosen.learns] * USUAL_WIDTH) / width
  const plan = planOf(chosen, rate, { steps: stepsOf(before) + steps, stages: [...before, { steps, rate }] })
  const shown = (numbers: Numbers, prompts: readonly string[]) => {
    const own = sights(numbers)
    const added = prompts.slice(own.length).map(prompt => ({ prompt, seed, size: chosen }))
    return [...own.map(sight => ({ size: chosen, ...sight })), ...added]
  }
  const { saveEvery, showEvery, name: _, ...determining } = chosen
  const { parameters, pictures } = yield* runTraining({
    task,
    draw: (numbers, prompts) => drawSights(view(numbers), shown(numbers, prompts), { signal, rest }),
    footprint: task.trainable.footprint,
    plan,
    habits: { saveEvery, showEvery, batch },
    watching: {
      ...{ operation: method.id, name, prompts: sights(task.parameters).map(({ title }) => title) },
      result: { target, write },
    },
    identity: [checkpoint.description.path, determining, set.examples],
    ...{ workshop, signal },
  })
  // 5. The end of it
  write(target, parameters)
  return pictures.map(image => ({ image, seed }))
}

/** What it would take, told from the graph of the network's own steps. */
export function foreseePicture(
  models: Pick<OpenModels, 'checkpoint'> & Pick<Workshop, 'runtime'>,
  chosen: PictureChoices,
  before = 0,
): TrainingCost {
  const examples: TrainingSet['examples'] = [setOfNone(chosen, chosen.words)]
  const trained = trainedOf(models.checkpoint, chosen)
  const { shapes, ...cost } = foreseeWithWords(models, { ...chosen, heldBack: 0 }, examples, { trained })
  return { ...cost, footprint: footprintWith(cost.footprint, shapes, chosen), steps: before + chosen.steps }
}

const footprintWith = (
  footprint: Footprint,
  shapes: ReadonlyMap<string, readonly number[]>,
  { optimiser }: PictureChoices,
) => trainingFootprint(footprint, shapes.values(), optimiser, false)

const stepsOf = (stages: readonly Stage[]): number => stages.reduce((sum, { steps }) => sum + steps, 0)

/** What the result is called. */
export const nameOf = ({ name, words }: Pick<PictureChoices, 'name' | 'words'>): string => name || words

/** What of the UNet learns: factors beside attention and convolutions, or all of it. */
export function trainedOf(
  { description }: Checkpoint,
  { learns, rank }: Pick<PictureChoices, 'learns' | 'rank'>,
): Trained {
  if (learns === 'all') return { parameters: () => true }
  const layers = layersOf(openModel(description.path).component('unet').weights)
  return { factors: chosenLayers(layers, { rank, alpha: rank, feedForward: true, convolutions: true }) }
}

function startOf({ parameters, stored }: Trainable, { learns, seed }: PictureChoices): Numbers {
  if (learns === 'low rank') return firstFactors(parameters, seed)
  return new Map(parameters.keys().map(key => [key, stored(key) ?? new Float32Array()]))
}
