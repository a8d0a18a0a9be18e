import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { controlledPredictor } from '../diffusion/control.ts'
import { cardText } from '../models/card.ts'
import { type ControlNetConfig, type ControlNetSizes, controlNet } from '../models/controlnet.ts'
import { misfitOf } from '../models/controlnet-fit.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Recompute } from '../runtime/trainable.ts'
import type { RgbImage } from '../tensor/images.ts'
import { isByNetwork, prepared } from '../tensor/preparations.ts'
import type { Shape } from '../tensor/tensor.ts'
import {
  type ControlledSet,
  controlPictures,
  controlTensor,
  foundIn,
  holdPairsBack,
  madeOf,
  pairedWith,
} from '../training/control-pictures.ts'
import type { TrainingSet } from '../training/data.ts'
import { drawSights, type Sight } from '../training/draw.ts'
import { trainingFootprint } from '../training/fine-tuning.ts'
import { heldBackLoss, latentQuestions, toldAnswers } from '../training/held-back.ts'
import type { KeptTensors } from '../training/kept-tensors.ts'
import { copiedControlNet, firstControlWeights } from '../training/new-control-net.ts'
import { modelNoising } from '../training/noising.ts'
import type { Numbers } from '../training/numbers.ts'
import { openPictureFolder } from '../training/picture-folder.ts'
import { frozenCaptions, plainUNet, textToImageTask } from '../training/text-to-image-task.ts'
import { CONTROL, type TrainedControl, trainedControlNetwork } from '../training/trained-control.ts'
import { openControlNet, writeControlNet, writeControlNetFile } from '../weights/control-net.ts'
import { openModel } from '../weights/open-model.ts'
import { fileName } from './file-name.ts'
import { foreseeWithWords, measuredWords } from './foresee-training.ts'
import { depthFound, skeletonFound } from './found-in-pictures.ts'
import { keptTensorsOf } from './kept-tensors-of.ts'
import type { Complete, Operation, OperationContext } from './operation.ts'
import { seed } from './parameters.ts'
import { planOf, runTraining } from './run-training.ts'
import { sightSeed } from './train-lora.ts'
import { commonTraining, controlTraining, wordTraining } from './training-parameters.ts'

const { images, ...common } = commonTraining
const { conditions, ...how } = controlTraining
const parameters = z.object({ images, conditions, ...common, ...wordTraining, ...how, seed })
type Chosen = Complete<z.output<typeof parameters>>
type Surroundings = OperationContext<'checkpoint' | 'workshop'>
/** A trial picture, and what it is drawn after. */
type ControlledSight = Sight & { readonly control: () => Promise<RgbImage> }

/** What the reference's script trains Stable Diffusion 1.5 with, whose first block has 320 channels. */
const USUAL_RATE = 1e-5
const USUAL_WIDTH = 320
/** Trial pictures of a look. */
const SIGHTS = 4
/** How a control acts that is looked at while it learns: from the first call to the last, however many there are. */
const everywhere = { calls: Number.POSITIVE_INFINITY, guessMode: false }

/** A ControlNet is taught (Zhang et al. 2023, arXiv:2302.05543): a copy of the UNet's way down learns to lead the frozen UNet to pictures that fit a
 *  control picture: edges, a pose, whatever the pairs show. The loss and its noise are those that the model was trained with. */
export const trainControlNet: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'workshop' | 'making'> = {
  id: 'train-controlnet',
  version: 1,
  title: 'Teach a control (ControlNet)',
  description: 'Learns to draw after control pictures, such as edges, from pairs of pictures; it takes many of them.',
  needs: { model: 'checkpoint' },
  resumes: true,
  makes: chosen => join('controlnets', fileName(nameOf(chosen))),
  parameters,
  foresee(models, chosen, examples) {
    const { optimiser, averageDecay } = chosen
    const picture = () => Promise.reject(new Error('pictures are not read for an estimate'))
    const control = { ...openControl(models.checkpoint, models.runtime, chosen), picture }
    const options = { control, recompute: recomputeOf(chosen) }
    const { shapes, ...cost } = foreseeWithWords(models, chosen, allAlike(examples), options)
    return { ...cost, footprint: trainingFootprint(cost.footprint, shapes.values(), optimiser, averageDecay > 0) }
  },
  async *run(context, chosen) {
    const { checkpoint, signal, workshop } = context
    const { runtime } = workshop
    const { path, name: model } = checkpoint.description
    const total = chosen.steps
    // 1. The ControlNet: one that is there, or a copy of the UNet's way down
    const opened = openControl(checkpoint, runtime, chosen)
    // 2. Pictures, and what each is to be drawn from
    yield { phase: 'Reading the pictures and their control pictures', step: 0, total }
    const pairs = await readPairs(context, chosen)
    const { learned: given, heldBack } = holdPairsBack(pairs, chosen.heldBack, chosen.seed)
    const { set, leftOut } = given
    const apart = heldBack.set.examples.length
    const measured = measuredWords(heldBack.set)
    const without = leftOut.length === 0 ? '' : `; left out: ${leftOut.join(', ')}`
    yield { phase: `Learning from ${set.examples.length} pairs of pictures${measured}${without}`, step: 0, total }
    const control: TrainedControl = {
      ...opened,
      picture: controlPictures(given, opened.network.config.conditioning_channels),
    }
    // 3. What the UNet, which stays as it is, and the ControlNet are asked together
    const kept = keptTensorsOf(context)
    const captions = await frozenCaptions(checkpoint, kept)
    const learning = textToImageTask({
      ...{ ...taskOptions(checkpoint, runtime, chosen), set, captions, control, kept },
      start(trainable) {
        const { footprint, parameters: learned } = trainable
        const taken = trainingFootprint(footprint, learned.values(), chosen.optimiser, chosen.averageDecay > 0)
        runtime.refuse(taken, 'the optimiser AdamW8bit, "Less memory", or fewer pictures at once')
        return firstControlWeights(trainable, CONTROL, chosen.seed)
      },
    })
    // 4. What is written of it
    const { target } = context.making
    const name = nameOf(chosen)
    const written = (numbers: Numbers) => ({
      config: configOf(checkpoint, chosen),
      tensors: new Map(
        [...numbers].map(([key, data]) => {
          const shape = learning.shapes.get(key) ?? []
          return [key.slice(CONTROL.length), { shape, data }] as const
        }),
      ),
      metadata: { 'modelspec.title': name, ss_sd_model_name: model, ss_max_train_steps: String(total) },
    })
    // 5. The training loop, with pictures drawn after some of the control pictures
    const sights = sightsOf(given, chosen)
    const watch = watchedBy(context, { control, sights, heldBack, kept, shapes: learning.shapes, chosen })
    const { saveEvery, showEvery, name: _, ...determining } = chosen
    const { averageDecay, batch } = chosen
    const average = averageDecay > 0 && { average: { decay: averageDecay, warmUp: { power: 0.75 } } }
    const [width] = plainUNet(checkpoint, runtime).config.block_out_channels
    const { parameters: learned, pictures } = yield* runTraining({
      task: learning,
      draw: watch.draw,
      footprint: learning.trainable.footprint,
      plan: planOf(chosen, (USUAL_RATE * USUAL_WIDTH) / width, { ...average }),
      habits: { saveEvery, showEvery, batch },
      watching: {
        ...{ operation: trainControlNet.id, name, prompts: sights.map(({ prompt }) => prompt) },
        ...(apart > 0 && { heldBackLoss: watch.loss }),
        result: {
          target: `${target}.safetensors`,
          write: (path, numbers) => writeControlNetFile(path, written(numbers)),
        },
      },
      identity: [path, determining, set.examples.map(({ path: _, ...example }) => example), pairs.identity],
      ...{ workshop, signal },
    })
    // 6. A ControlNet of the library
    mkdirSync(dirname(target), { recursive: true })
    writeControlNet(
      target,
      written(learned),
      cardText({ name, examples: [] }, `A ControlNet for ${model}, trained with Sfumato.`),
    )
    return pictures.map((image, k) => ({ image, seed: sightSeed(chosen.seed, k) }))
  },
}

/** What a run is watched by: trial pictures under some of the control pictures, and the loss of the pairs that are not learned from. */
function watchedBy(
  { checkpoint, signal, workshop: { runtime, rest } }: Surroundings,
  options: {
    readonly control: TrainedControl
    readonly sights: readonly ControlledSight[]
    readonly heldBack: ControlledSet
    readonly kept: KeptTensors | undefined
    readonly shapes: ReadonlyMap<string, Shape>
    readonly chosen: Chosen
  },
) {
  const { control, sights, heldBack, kept, shapes, chosen } = options
  const { seed } = chosen
  const view = trainedControlNetwork(runtime, control, shapes)
  const under = async (numbers: Numbers, pictureOf: () => Promise<RgbImage>) => {
    const network = view(numbers)
    const picture = controlTensor(await pictureOf(), network.channels)
    return controlledPredictor(checkpoint, [{ network, picture, weight: 1, start: 0, end: 1 }], everywhere)
  }
  const { noising } = taskOptions(checkpoint, runtime, chosen)
  const ask = latentQuestions(checkpoint, heldBack.set, noising, { seed, kept })
  const answers = (numbers: Numbers) =>
    toldAnswers(checkpoint, heldBack.set, index => under(numbers, () => heldBack.pictureOf(index)))
  return {
    loss: heldBackLoss(heldBack.set, ask, answers, rest),
    async draw(numbers: Numbers, prompts: readonly string[]): Promise<RgbImage[]> {
      const drawn: RgbImage[] = []
      for (const [k, prompt] of prompts.entries()) {
        // A prompt that was given on the way is drawn to the first control picture.
        const { control: picture, ...like } = sights[k] ?? sights[0]
        const sight = { ...like, prompt, seed: sightSeed(seed, k) }
        drawn.push(...(await drawSights(checkpoint, [sight], { signal, rest }, await under(numbers, picture))))
      }
      return drawn
    },
  }
}

const nameOf = ({ name, conditions, prepare }: Pick<Chosen, 'name' | 'conditions' | 'prepare'>): string =>
  name || (conditions === '' ? prepare : 'control')

/** What does not depend on the pictures. */
const taskOptions = (checkpoint: Checkpoint, runtime: Runtime, chosen: Chosen) => ({
  ...{ checkpoint, runtime, seed: chosen.seed, batch: chosen.batch, priorWeight: 1 },
  ...{ emptyCaptions: chosen.emptyCaptions, noiseOffset: chosen.noiseOffset },
  noising: modelNoising(
    checkpoint.schedulerConfig,
    chosen.snrGamma > 0 ? { kind: 'min-snr', gamma: chosen.snrGamma } : undefined,
  ),
  recompute: recomputeOf(chosen),
})

const recomputeOf = ({ recompute }: Chosen): Recompute => (recompute ? 'all' : 'none')

const componentOf = ({ description }: Checkpoint, { continued }: Pick<Chosen, 'continued'>) =>
  continued === ''
    ? copiedControlNet(openModel(description.path).component('unet'), description.stride)
    : openControlNet(continued)

const configOf = (checkpoint: Checkpoint, chosen: Chosen) => componentOf(checkpoint, chosen).config

/** The network that learns. @throws Problem CONTROL_MISFIT where one that is to learn on was made for another model; TRAINING_CONTROL */
function openControl(checkpoint: Checkpoint, runtime: Runtime, chosen: Chosen): Omit<TrainedControl, 'picture'> {
  const { continued } = chosen
  const { name } = checkpoint.description
  const network = new Network<ControlNetConfig, ControlNetSizes>(runtime, controlNet, componentOf(checkpoint, chosen))
  const reason = misfitOf(network.config, plainUNet(checkpoint, runtime).config)
  if (reason === undefined) return { network, isNew: continued === '' }
  throw new Problem(
    'CONTROL_MISFIT',
    `The ControlNet ${continued} was made for another kind of model than ${name}: it ${reason}.`,
    {
      hint: 'Choose another one, or none: then a new one is made.',
      details: { field: 'continued' },
    },
  )
}

/** Pictures of the model's own size, or of the one that was chosen, with their control pictures. @throws Problem TRAINING_*, SIZE_MULTIPLE */
async function readPairs({ checkpoint, workshop, signal }: Surroundings, chosen: Chosen): Promise<ControlledSet> {
  const { readPicture: read, pictures } = workshop
  const { defaults, sizeMultiple, name } = checkpoint.description
  const { resolution, conditions, caption, flip: mayFlip } = chosen
  if (resolution % sizeMultiple !== 0) {
    throw new Problem(
      'SIZE_MULTIPLE',
      `The resolution must be a multiple of ${sizeMultiple} for ${name}; ${resolution} is not.`,
      {
        hint: `Use ${Math.max(1, Math.round(resolution / sizeMultiple)) * sizeMultiple}.`,
        details: { field: 'resolution' },
      },
    )
  }
  const size = resolution === 0 ? defaults : { width: resolution, height: resolution }
  const { set, unreadable } = pictures
    ? { set: pictures, unreadable: [] }
    : withPaths(await openPictureFolder(chosen.images, { read, size, caption, mayFlip }))
  const alike = { examples: allAlike(set.examples), read: (index: number) => set.read(index) }
  const paired =
    conditions === ''
      ? await foundPictures(workshop.runtime, alike, chosen, signal)
      : await pairedWith(alike, conditions, read)
  return { ...paired, leftOut: [...unreadable, ...paired.leftOut] }
}

/** What is found in the pictures themselves. @throws Problem DEPTH_FINDER, POSE_FINDER; as `foundIn` */
function foundPictures(
  runtime: Runtime,
  set: TrainingSet,
  { prepare, finder, edgeLow: low, edgeHigh: high }: Chosen,
  signal: AbortSignal,
): ControlledSet | Promise<ControlledSet> {
  if (!isByNetwork(prepare))
    return madeOf(set, picture => prepared(picture, prepare, { low, high }), [prepare, { low, high }])
  const find = (picture: RgbImage, name: string) =>
    prepare === 'depth' ? depthFound(runtime, finder, picture, 'finder') : skeletonFound(runtime, finder, picture, name)
  return foundIn(set, find, [prepare, finder], signal)
}

/** Control pictures are found by the names of their pictures. */
const withPaths = ({ set, paths, unreadable }: Awaited<ReturnType<typeof openPictureFolder>>) => ({
  set: { ...set, examples: set.examples.map((example, k) => ({ ...example, path: paths[k] })) },
  unreadable,
})

/** Class images are pictures like others here. */
const allAlike = <Example extends { readonly isClassImage: boolean }>(examples: readonly Example[]): Example[] =>
  examples.map(example => ({ ...example, isClassImage: false }))

/** Some of the pairs, spread over the set: their words, and what is drawn after. */
function sightsOf({ set: { examples }, pictureOf }: ControlledSet, { seed }: Chosen): ControlledSight[] {
  const count = Math.min(SIGHTS, examples.length)
  return Array.from({ length: count }, (_, k) => {
    const index = Math.floor((k * examples.length) / count)
    const control = () => pictureOf(index)
    const { caption: prompt, size } = examples[index]
    return { prompt, seed: sightSeed(seed, k), size, control }
  })
}
