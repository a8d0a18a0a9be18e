import { parse } from 'node:path'
import { z } from 'zod'
import type { Trained } from '../models/trained.ts'
import { type UNetConfig, type UNetSizes, unet2DCondition } from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Recompute } from '../runtime/trainable.ts'
import type { RgbImage } from '../tensor/images.ts'
import { type PairedSet, type PairWords, pairedWith } from '../training/control-pictures.ts'
import { drawSights, type Sight, trainedView } from '../training/draw.ts'
import { isFineTuned, trainingFootprint } from '../training/fine-tuning.ts'
import {
  type InstructedTraining,
  instructedComponent,
  isNewInInstructed,
  latentsBefore,
} from '../training/instructed.ts'
import { modelNoising } from '../training/noising.ts'
import type { Numbers } from '../training/numbers.ts'
import { openPictureFolder } from '../training/picture-folder.ts'
import { frozenCaptions, textToImageTask } from '../training/text-to-image-task.ts'
import { firstWidenedWeights, widenedChanges } from '../training/widened-network.ts'
import { type Component, isFile } from '../weights/model-source.ts'
import { openModel } from '../weights/open-model.ts'
import { fileName } from './file-name.ts'
import { foreseeWithWords } from './foresee-training.ts'
import { keptTensorsOf } from './kept-tensors-of.ts'
import type { Complete, Operation, OperationContext } from './operation.ts'
import { seed } from './parameters.ts'
import { planOf, runTraining } from './run-training.ts'
import { sightSeed } from './train-lora.ts'
import { commonTraining, fineTuning, instructTraining, wordTraining } from './training-parameters.ts'
import { bytesOfTaught, predictionMetadata, writeTaughtModel } from './write-taught-model.ts'

const { images, ...common } = commonTraining
const { before, ...how } = instructTraining
const { snrGamma, noiseOffset } = wordTraining
const parameters = z.object({ images, before, ...common, snrGamma, noiseOffset, ...fineTuning, ...how, seed })
type Chosen = Complete<z.output<typeof parameters>>

/** For Stable Diffusion 1.5, whose first block has 320 channels. The authors take 1e-4 with 1024 pictures at once; with few, that unlearns more than it
 *  teaches: of 300 steps of the embedded model (8 at once), 1.5e-4 ended at a loss of 0.022, 4e-4 at 0.027 and 1e-3 at 0.035, from 0.026. */
const USUAL_RATE = 3e-5
const USUAL_WIDTH = 320
/** Trial pictures of a look. */
const SIGHTS = 4
/** Instructions that the model's card names. */
const EXAMPLES = 6
/** How hard they are held to the picture before; image_guidance_scale of the reference. */
const HOLD = 1.5

/** A model is taught to edit pictures as it is told (Brooks et al. 2023, "InstructPix2Pix", arXiv:2211.09800; the reference's train_instruct_pix2pix.py),
 *  from pictures before and after and what was asked for: what comes of it is a model of its own for `instruct`. One that follows instructions already
 *  learns on. */
export const trainInstruct: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'workshop' | 'making'> = {
  id: 'train-instruct',
  version: 1,
  title: 'Teach instructions',
  description: 'Teaches a model to edit pictures as it is told, from pictures before and after; a new model is made.',
  needs: { model: 'checkpoint', beside: ['nothing', 'picture'] },
  resumes: true,
  makes: (chosen, source) =>
    `${fileName(chosen.name || `${parse(source).name} instruct`)}${isFile(source) ? '.safetensors' : ''}`,
  parameters,
  foresee(models, chosen, examples) {
    const source = openModel(models.checkpoint.description.path)
    const { component, isNew } = instructedComponent(source.component('unet'))
    const instructed = { network: networkOf(models.runtime, component), before: unread }
    const options = { trained: trainedOf(chosen, isNew), instructed, recompute: recomputeOf(chosen) }
    const alike = examples.map(example => ({ ...example, isClassImage: false }))
    const { shapes, ...cost } = foreseeWithWords(models, { ...chosen, heldBack: 0 }, alike, options)
    const footprint = trainingFootprint(cost.footprint, shapes.values(), chosen.optimiser, chosen.averageDecay > 0)
    return { ...cost, footprint, looks: 0, result: bytesOfTaught(source) }
  },
  async *run(context, chosen) {
    const { checkpoint, signal, workshop } = context
    const { runtime, rest } = workshop
    const { path, name: model } = checkpoint.description
    const { steps: total, batch, averageDecay } = chosen
    const source = openModel(path)
    const unet = source.component('unet')
    const { component, isNew } = instructedComponent(unet)
    // 1. Pictures before and after
    yield { phase: 'Reading the pictures before and after', step: 0, total }
    const pairs = await readPairs(context, chosen)
    const { set, leftOut } = pairs
    const without = leftOut.length === 0 ? '' : `; left out: ${leftOut.join(', ')}`
    yield { phase: `Learning from ${set.examples.length} pairs of pictures${without}`, step: 0, total }
    // 2. What the network is asked
    const kept = keptTensorsOf(context)
    const captions = await frozenCaptions(checkpoint, kept)
    const trained = trainedOf(chosen, isNew)
    const instructed = { network: networkOf(runtime, component), before: latentsBefore(pairs, checkpoint, kept) }
    const weighting = chosen.snrGamma > 0 ? ({ kind: 'min-snr', gamma: chosen.snrGamma } as const) : undefined
    const noising = modelNoising(checkpoint.schedulerConfig, weighting)
    const learning = textToImageTask({
      ...{ runtime, checkpoint, set, captions, trained, instructed, noising, seed: chosen.seed, kept, batch },
      ...{ emptyCaptions: chosen.leftOut, noiseOffset: chosen.noiseOffset, priorWeight: 1 },
      recompute: recomputeOf(chosen),
      start(trainable) {
        const { footprint, parameters: learned } = trainable
        const taken = trainingFootprint(footprint, learned.values(), chosen.optimiser, averageDecay > 0)
        runtime.refuse(taken, 'the optimiser AdamW8bit, "Less memory", or less that learns')
        return firstWidenedWeights(trainable, unet)
      },
    })
    // 3. The training loop, with some of the pictures edited as it was asked
    const view = trainedView(checkpoint, { unet: trained }, learning.shapes, { unet: component })
    const sights = sightsOf(pairs, instructed.before, chosen)
    const draw = (numbers: Numbers, prompts: readonly string[]): Promise<RgbImage[]> => {
      // An instruction that was given on the way is tried on the first picture.
      const shown = prompts.map((prompt, k) => ({
        ...(sights[k] ?? sights[0]),
        prompt,
        seed: sightSeed(chosen.seed, k),
      }))
      return drawSights(view(numbers), shown, { signal, rest })
    }
    const { saveEvery, showEvery, name: own, ...determining } = chosen
    const name = own || `${model} instruct`
    const average = averageDecay > 0 && { average: { decay: averageDecay, warmUp: { power: 0.75 } } }
    const [width] = instructed.network.config.block_out_channels
    const { parameters: learned, pictures } = yield* runTraining({
      ...{ task: learning, draw, footprint: learning.trainable.footprint },
      plan: planOf(chosen, (USUAL_RATE * USUAL_WIDTH) / width, { ...average }),
      habits: { saveEvery, showEvery, batch },
      watching: { operation: trainInstruct.id, name, prompts: sights.map(({ prompt }) => prompt) },
      identity: [path, determining, set.examples.map(({ path: _, ...example }) => example), pairs.identity],
      ...{ workshop, signal },
    })
    // 4. A model of its own
    const copy = {
      ...{ source, name, configs: { unet: component.config } },
      pipeline: `StableDiffusion${isXl(component) ? 'XL' : ''}InstructPix2PixPipeline`,
      changed: widenedChanges(unet.weights, learned, learning.shapes, isNewInInstructed),
      metadata: predictionMetadata(checkpoint.schedulerConfig.prediction_type),
      about: `Follows instructions, taught with Sfumato from ${model}.`,
      examples: spread([...new Set(set.examples.map(({ caption: asked }) => asked))], EXAMPLES),
    }
    yield* writeTaughtModel(context.making.target, copy, total)
    return pictures.map((image, k) => ({ image, seed: sightSeed(chosen.seed, k) }))
  },
}

/** For estimates: nothing is read. */
const unread = () => Promise.reject(new Error('pictures are not read for an estimate'))

const networkOf = (runtime: Runtime, component: Component): Network<UNetConfig, UNetSizes> =>
  new Network(runtime, unet2DCondition, component)

/** Whether it is told sizes, as Stable Diffusion XL is. */
const isXl = ({ config }: Component): boolean => config.addition_embed_type === 'text_time'

/** What is new always learns. */
function trainedOf({ layers }: Chosen, isNew: boolean): Trained {
  const isChosen = isFineTuned(layers)
  return { parameters: key => isNewInInstructed(key) || isChosen(key), ...(isNew && { isNew: isNewInInstructed }) }
}

const recomputeOf = ({ recompute }: Chosen): Recompute => (recompute ? 'all' : 'none')

const beforePairs: PairWords = {
  lacking: 'no picture before',
  none: folder =>
    new Problem(
      'TRAINING_PAIRS',
      `${folder} holds no picture before the edit that can be read for any of the edited pictures.`,
      {
        hint: 'Both have the same name: cat.png in both folders.',
        details: { field: 'before' },
      },
    ),
}

/** Edited pictures of the model's own size with those before. @throws Problem TRAINING_* */
async function readPairs(
  { checkpoint, workshop }: OperationContext<'checkpoint' | 'workshop'>,
  { images, before, caption, flip: mayFlip }: Chosen,
): Promise<PairedSet> {
  const { readPicture: read, pictures } = workshop
  const { defaults: size } = checkpoint.description
  const found = pictures ? undefined : await openPictureFolder(images, { read, size, caption, mayFlip })
  const set = pictures ?? found?.set ?? { examples: [], read: unread }
  const examples = set.examples.map((example, k) => ({
    ...{ ...example, isClassImage: false },
    ...(found && { path: found.paths[k] }),
  }))
  const pairs = await pairedWith({ examples, read: index => set.read(index) }, before, read, beforePairs)
  return { ...pairs, leftOut: [...(found?.unreadable ?? []), ...pairs.leftOut] }
}

/** Some of the pairs, spread over the set: what is asked for, and of which picture. */
function sightsOf({ set: { examples } }: PairedSet, before: InstructedTraining['before'], { seed }: Chosen): Sight[] {
  return spread([...examples.keys()], SIGHTS).map((index, k) => {
    const { caption: prompt, size } = examples[index]
    return { prompt, size, seed: sightSeed(seed, k), beside: { latents: () => before(index, false), scale: HOLD } }
  })
}

/** Some of a list, evenly over all of it. */
function spread<Item>(items: readonly Item[], most: number): Item[] {
  const count = Math.min(most, items.length)
  return Array.from({ length: count }, (_, k) => items[Math.floor((k * items.length) / count)])
}
