import { parse } from 'node:path'
import { z } from 'zod'
import type { Trained } from '../models/trained.ts'
import { type UNetConfig, type UNetSizes, unet2DCondition } from '../models/unet-2d-condition.ts'
import { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Recompute } from '../runtime/trainable.ts'
import type { RgbImage } from '../tensor/images.ts'
import type { TrainingExample } from '../training/data.ts'
import { trainedView } from '../training/draw.ts'
import { drawShapeSights, type ShapeSight } from '../training/draw-shapes.ts'
import { isFineTuned, trainingFootprint } from '../training/fine-tuning.ts'
import { modelNoising } from '../training/noising.ts'
import type { Numbers } from '../training/numbers.ts'
import { type ObjectSet, objectsInFolder, objectsOnTransparency } from '../training/object-masks.ts'
import { openPictureFolder } from '../training/picture-folder.ts'
import {
  isNewInSmartBrush,
  type ShapedTraining,
  smartBrushChanges,
  smartBrushComponent,
} from '../training/smart-brush.ts'
import { frozenCaptions, textToImageTask } from '../training/text-to-image-task.ts'
import { firstWidenedWeights } from '../training/widened-network.ts'
import { type Component, isFile } from '../weights/model-source.ts'
import { openModel } from '../weights/open-model.ts'
import { fileName } from './file-name.ts'
import { foreseeWithWords } from './foresee-training.ts'
import { keptTensorsOf } from './kept-tensors-of.ts'
import type { Complete, Operation, OperationContext } from './operation.ts'
import { seed } from './parameters.ts'
import { planOf, runTraining } from './run-training.ts'
import { sightSeed } from './train-lora.ts'
import { commonTraining, fineTuning, shapeTraining, wordTraining } from './training-parameters.ts'
import { bytesOfTaught, predictionMetadata, writeTaughtModel } from './write-taught-model.ts'

const { images, ...common } = commonTraining
const { objectMasks, ...how } = shapeTraining
const parameters = z.object({ images, objectMasks, ...common, ...wordTraining, ...fineTuning, ...how, seed })
type Chosen = Complete<z.output<typeof parameters>>
type Surroundings = OperationContext<'checkpoint' | 'workshop' | 'pictures'>

/** What the reference's script for InstructPix2Pix, which widens the same convolution, trains Stable Diffusion 1.5 with, whose first block has 320 channels. At
 *  twice as much the built-in model's loss rose within 150 steps. */
const USUAL_RATE = 5e-5
const USUAL_WIDTH = 320
/** Trial pictures of a look. */
const SIGHTS = 4

/** A model is taught to draw things into shapes (SmartBrush, Xie et al. 2023, arXiv:2212.05034), from pictures, masks of the objects in them and words: what
 *  comes of it is a model of its own for `smart-brush`. One that is a SmartBrush already learns on. */
export const trainSmartBrush: Operation<
  typeof parameters,
  'checkpoint',
  'checkpoint' | 'workshop' | 'making' | 'pictures'
> = {
  id: 'train-smart-brush',
  version: 1,
  title: 'Teach the smart brush',
  description:
    'Teaches a model to draw things into painted shapes, from pictures with masks of what is in them; a new model is made.',
  needs: { model: 'checkpoint', beside: ['nothing', 'shape'] },
  resumes: true,
  makes: (chosen, source) =>
    `${fileName(chosen.name || `${parse(source).name} smart brush`)}${isFile(source) ? '.safetensors' : ''}`,
  parameters,
  foresee(models, chosen, examples) {
    const { checkpoint, runtime } = models
    const { component, isNew } = smartBrushComponent(openModel(checkpoint.description.path).component('unet'))
    const shaped = { ...unread, ...shapedOf(runtime, component, chosen) }
    const options = { trained: trainedOf(chosen, isNew), shaped, recompute: recomputeOf(chosen) }
    const alike = examples.map(example => ({ ...example, isClassImage: false }))
    const { shapes, ...cost } = foreseeWithWords(models, { ...chosen, heldBack: 0 }, alike, options)
    const footprint = trainingFootprint(cost.footprint, shapes.values(), chosen.optimiser, chosen.averageDecay > 0)
    return { ...cost, footprint, looks: 0, result: bytesOfTaught(openModel(checkpoint.description.path)) }
  },
  async *run(context, chosen) {
    const { checkpoint, signal, workshop } = context
    const { runtime, rest } = workshop
    const { path, name: model } = checkpoint.description
    const { steps: total, batch, emptyCaptions, noiseOffset, snrGamma, averageDecay } = chosen
    const source = openModel(path)
    const unet = source.component('unet')
    const { component, isNew } = smartBrushComponent(unet)
    // 1. Pictures, and where the objects are
    yield { phase: 'Reading the pictures and the masks of their objects', step: 0, total }
    const objects = await readObjects(context, chosen)
    const { set, leftOut } = objects
    const without = leftOut.length === 0 ? '' : `; left out: ${leftOut.join(', ')}`
    yield { phase: `Learning from ${set.examples.length} objects${without}`, step: 0, total }
    // 2. What the network is asked
    const kept = keptTensorsOf(context)
    const captions = await frozenCaptions(checkpoint, kept)
    const trained = trainedOf(chosen, isNew)
    const shaped: ShapedTraining = { ...objects, ...shapedOf(runtime, component, chosen) }
    const weighting = snrGamma > 0 ? ({ kind: 'min-snr', gamma: snrGamma } as const) : undefined
    const noising = modelNoising(checkpoint.schedulerConfig, weighting)
    const learning = textToImageTask({
      ...{ runtime, checkpoint, set, captions, trained, shaped, noising, seed: chosen.seed, kept },
      ...{ batch, emptyCaptions, noiseOffset, priorWeight: 1, recompute: recomputeOf(chosen) },
      start(trainable) {
        const { footprint, parameters: learned } = trainable
        const taken = trainingFootprint(footprint, learned.values(), chosen.optimiser, averageDecay > 0)
        runtime.refuse(taken, 'the optimiser AdamW8bit, "Less memory", or less that learns')
        return firstWidenedWeights(trainable, unet)
      },
    })
    // 3. The training loop, with objects drawn into some of the masks
    const view = trainedView(checkpoint, { unet: trained }, learning.shapes, { unet: component })
    const sights = sightsOf(objects, chosen)
    const draw = async (numbers: Numbers, prompts: readonly string[]): Promise<RgbImage[]> => {
      // A prompt that was given on the way is drawn into the first mask.
      const shown = prompts.map((prompt, k) => ({
        ...(sights[k] ?? sights[0]),
        prompt,
        seed: sightSeed(chosen.seed, k),
      }))
      return drawShapeSights(view(numbers), shown, { signal, rest })
    }
    const { saveEvery, showEvery, name: own, ...determining } = chosen
    const name = own || `${model} smart brush`
    const average = averageDecay > 0 && { average: { decay: averageDecay, warmUp: { power: 0.75 } } }
    const [width] = shaped.network.config.block_out_channels
    const { parameters: learned, pictures } = yield* runTraining({
      ...{ task: learning, draw, footprint: learning.trainable.footprint },
      plan: planOf(chosen, (USUAL_RATE * USUAL_WIDTH) / width, { ...average }),
      habits: { saveEvery, showEvery, batch },
      watching: { operation: trainSmartBrush.id, name, prompts: sights.map(({ prompt }) => prompt) },
      identity: [path, determining, set.examples.map(({ path: _, ...example }) => example), objects.identity],
      ...{ workshop, signal },
    })
    // 4. A model of its own
    const copy = {
      ...{ source, name, configs: { unet: component.config }, ...smartBrushChanges(source, learned, learning.shapes) },
      metadata: predictionMetadata(checkpoint.schedulerConfig.prediction_type),
      about: `A smart brush, taught with Sfumato from ${model}.`,
    }
    yield* writeTaughtModel(context.making.target, copy, total)
    return pictures.map((image, k) => ({ image, seed: sightSeed(chosen.seed, k) }))
  },
}

/** For estimates: nothing is read. */
const unread = {
  objectOf: () => Promise.reject(new Error('masks are not read for an estimate')),
  wholeCaptionOf: () => undefined,
}

const shapedOf = (runtime: Runtime, component: Component, { wholeShare, maskWeight }: Chosen) => ({
  network: new Network<UNetConfig, UNetSizes>(runtime, unet2DCondition, component),
  ...{ wholeShare, maskWeight },
})

/** What is new always learns. */
function trainedOf({ layers }: Chosen, isNew: boolean): Trained {
  const isChosen = isFineTuned(layers)
  return { parameters: key => isNewInSmartBrush(key) || isChosen(key), ...(isNew && { isNew: isNewInSmartBrush }) }
}

const recomputeOf = ({ recompute }: Chosen): Recompute => (recompute ? 'all' : 'none')

/** Pictures of the model's own size with their objects. @throws Problem TRAINING_* */
async function readObjects({ checkpoint, workshop, pictures }: Surroundings, chosen: Chosen): Promise<ObjectSet> {
  const { defaults: size, stride } = checkpoint.description
  const { readPicture: read } = workshop
  const { flip: mayFlip, caption } = chosen
  const { set, paths, unreadable } = workshop.pictures
    ? { set: workshop.pictures, paths: undefined, unreadable: [] }
    : await openPictureFolder(chosen.images, { read, size, caption, mayFlip })
  const alike = (example: TrainingExample, k: number) => ({
    ...example,
    isClassImage: false,
    ...(paths && { path: paths[k] }),
  })
  const whole = { examples: set.examples.map(alike), read: (index: number) => set.read(index) }
  const objects =
    chosen.objectMasks === ''
      ? await objectsOnTransparency(whole, (path, background) => pictures.read(path, background), stride)
      : await objectsInFolder(whole, chosen.objectMasks, { stride, read })
  return { ...objects, leftOut: [...unreadable, ...objects.leftOut] }
}

/** Some of the objects, spread over the set, each drawn into its own mask at the next level. */
function sightsOf({ set, objectOf }: ObjectSet, { seed }: Chosen): ShapeSight[] {
  const { examples } = set
  const count = Math.min(SIGHTS, examples.length)
  return Array.from({ length: count }, (_, k) => {
    const index = Math.floor((k * examples.length) / count)
    const { caption: prompt, size } = examples[index]
    const picture = { pixels: () => set.read(index), object: () => objectOf(index, false) }
    return { ...picture, prompt, size, seed: sightSeed(seed, k), level: k }
  })
}
