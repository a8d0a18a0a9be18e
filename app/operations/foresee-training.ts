import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import type { TrainingSet } from '../training/data.ts'
import { trainingFootprint } from '../training/fine-tuning.ts'
import { holdBack } from '../training/held-back.ts'
import { modelNoising } from '../training/noising.ts'
import { openPixelTrainable } from '../training/pixel-task.ts'
import { type Captions, type TextToImageTraining, textToImageTask } from '../training/text-to-image-task.ts'
import type { TrainingCost } from './operation.ts'
import type { TrainingChoices } from './run-training.ts'

type Examples = TrainingSet['examples']

/** What it would be learned from; no picture is read. */
export function foreseenSet(examples: Examples, { heldBack: share, seed }: { heldBack: number; seed: bigint }) {
  const read = () => Promise.reject(new Error('pictures are not read for an estimate'))
  return holdBack({ examples, read }, share, seed)
}

/** What is said of pictures that are not learned from. */
export const measuredWords = ({ examples: { length } }: TrainingSet): string =>
  length === 0 ? '' : `; ${length} held back, to see how well it is learned`

/** Looks on the way. */
export const looksOf = ({ steps, showEvery, saveEvery }: TrainingChoices): number =>
  Math.ceil(steps / (showEvery || saveEvery))

export const countOfShapes = (shapes: Iterable<Shape>): number =>
  [...shapes].reduce((sum, shape) => sum + sizeOf(shape), 0)

/** What the training of a model of pixels would take. @param model its folder  @throws Problem as `pixelTask` */
export function foreseePixels(
  { runtime, model }: { readonly runtime: Runtime; readonly model: string },
  chosen: TrainingChoices & { readonly heldBack: number; readonly averageDecay: number },
  examples: Examples,
): TrainingCost {
  const { learned: set, heldBack } = foreseenSet(examples, chosen)
  const { batch, accumulation, optimiser, averageDecay } = chosen
  const { footprint, parameters: shapes } = openPixelTrainable({ runtime, model, set, batch }).trainable
  return {
    footprint: trainingFootprint(footprint, shapes.values(), optimiser, averageDecay > 0),
    // Whole models: only where somebody means to choose between them.
    ...{ learned: countOfShapes(shapes.values()), looks: chosen.showEvery > 0 ? looksOf(chosen) : 0 },
    ...{ heldBack: heldBack.examples.length, picturesOfStep: batch * accumulation },
  }
}

/** What the training of a model that draws from words would take: told from the graph of its first batch.
 *  @param classImages that the model would draw first  @throws Problem as `textToImageTask` */
export function foreseeWithWords(
  { checkpoint, runtime }: { readonly checkpoint: Checkpoint; readonly runtime: Runtime },
  chosen: TrainingChoices & { readonly heldBack: number },
  examples: Examples,
  options: Pick<TextToImageTraining, 'trained' | 'control' | 'shaped' | 'instructed' | 'recompute'> & {
    readonly captions?: Captions
    readonly classImages?: number
  },
): TrainingCost & { readonly shapes: ReadonlyMap<string, Shape> } {
  const { learned: set, heldBack } = foreseenSet(examples, chosen)
  const { captions, classImages = 0, ...how } = options
  const first = set.examples.find(({ isClassImage }) => !isClassImage) ?? set.examples[0]
  const drawn = Array.from({ length: classImages }, () => ({ ...first, isClassImage: true }))
  const { read } = set
  const frozen: Captions = { tokens: checkpoint.description.promptTokens, feed: () => read(0).then(() => ({})) }
  const { footprint, parameters: shapes } = textToImageTask({
    ...{ runtime, checkpoint, seed: chosen.seed, ...how },
    ...{ set: { examples: [...set.examples, ...drawn], read }, captions: captions ?? frozen },
    ...{ batch: chosen.batch, emptyCaptions: 0, noiseOffset: 0, priorWeight: 1 },
    noising: modelNoising(checkpoint.schedulerConfig),
    start: () => new Map(),
  }).trainable
  const kinds = classImages > 0 || examples.some(({ isClassImage }) => isClassImage) ? 2 : 1
  return {
    ...{ footprint, shapes, learned: countOfShapes(shapes.values()), looks: looksOf(chosen) },
    ...{ heldBack: heldBack.examples.length, picturesOfStep: chosen.batch * chosen.accumulation * kinds },
  }
}
