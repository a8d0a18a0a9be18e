import type { Predict } from '../diffusion/denoise.ts'
import { Graph } from '../graph/graph.ts'
import { isToldClasses, type UNet2DConfig, type UNet2DSizes, unet2D } from '../models/unet-2d.ts'
import { Problem } from '../problem.ts'
import { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { openTrainable, type Recompute, type Trainable } from '../runtime/trainable.ts'
import type { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { openModel } from '../weights/open-model.ts'
import { batchesOf } from './batches.ts'
import type { TrainingSet } from './data.ts'
import { mirrored } from './latents.ts'
import type { TrainingTask } from './loop.ts'
import { drawNoise, type Noising } from './noising.ts'
import type { Numbers } from './numbers.ts'
import { fedQuestions, lossOfSilence, weightedError } from './weighted-error.ts'

/** Training of a whole network of pixels. */
export interface PixelTraining {
  readonly runtime: Runtime
  /** A diffusers folder with a UNet2DModel: where the weights begin. */
  readonly model: string
  /** All of the model's size. */
  readonly set: TrainingSet
  readonly noising: Noising
  readonly seed: bigint
  readonly batch: number
  readonly noiseOffset: number
  /** The number that stands for no class, and how often an example's class is left away for it, so that guidance knows what to draw away
   *  from (Ho & Salimans 2022, arXiv:2207.12598); absent: never. */
  readonly noClass?: { readonly label: number; readonly probability: number }
  readonly recompute?: Recompute
}

const trained = { parameters: () => true }

/** The network with the gradients of its loss at all its weights. @throws Problem GRADIENT, MODEL_* */
export function openPixelTrainable({
  runtime,
  model,
  set,
  batch,
  recompute = 'none',
}: Pick<PixelTraining, 'runtime' | 'model' | 'set' | 'batch' | 'recompute'>) {
  const component = openModel(model).component('unet', [unet2D.className])
  const network = new Network<UNet2DConfig, UNet2DSizes>(runtime, unet2D, component)
  const { size } = set.examples[0]
  const sizes = { batch, ...size, timesteps: 'each' } as const
  const trainable = openTrainable(
    runtime,
    training => ({
      loss: weightedError(training, training.part({ network, graph: 'predict', sizes, trained }).out_sample),
    }),
    { recompute },
  )
  return { network, trainable }
}

/** A task of the training loop: pictures are made noisy, and all weights of the network learn to answer (Ho et al. 2020, arXiv:2006.11239,
 *  algorithm 1). Where the network has classes, it is told those of the examples.
 *  @returns with `view`: the network with given weights, for drawing  @throws Problem GRADIENT, MODEL_*, TRAINING_LABEL */
export function pixelTask(options: PixelTraining): TrainingTask & {
  readonly trainable: Trainable
  /** @param labels the class of each picture, where the network is told one */
  readonly view: (parameters: Numbers, shape: Tensor['shape'], labels: readonly number[]) => Promise<Predict>
} {
  const { runtime, set, noising } = options
  const { network, trainable } = openPixelTrainable(options)
  const stored = (name: string) => trainable.stored(name) ?? new Float32Array()
  const parameters = new Map(trainable.parameters.keys().map(name => [name, stored(name)]))
  const batches = batchesOf(set, options.batch, options.seed)
  const labelled = isToldClasses(network.config)
  const { noClass } = options
  const toldLabel = (index: number, random: TorchGenerator): number => {
    const label = labelOf(set, index)
    const isLeftAway = noClass !== undefined && random.uniform([1]).data[0] < noClass.probability
    return isLeftAway ? noClass.label : label
  }
  return {
    ...{ trainable, parameters, shapes: trainable.parameters },
    async compute(number, random) {
      const { instances } = batches(number)
      const questions = []
      for (const index of instances) {
        const isMirrored = random.uniform([1]).data[0] < 0.5 && set.examples[index].mayFlip
        const picture = await set.read(index)
        const { shape, data } = isMirrored ? mirrored(picture) : picture
        const clean = tensor([1, ...shape], data)
        const noise = drawNoise(random, clean.shape, options.noiseOffset)
        questions.push(noising.ask(clean, noise, noising.drawLevel(random)))
      }
      const integers = labelled ? instances.map(index => toldLabel(index, random)) : []
      const labels = { shape: [instances.length], integers }
      const feeds = { ...fedQuestions(questions), ...(labelled && { class_labels: labels }) }
      return { ...(await trainable.run(feeds, parameters)), silence: lossOfSilence(questions) }
    },
    async view(numbers, shape, integers) {
      const [batch, , height, width] = shape
      const sizes = { batch, height, width, timesteps: 'one' } as const
      const session = await runtime.session(`view of ${options.model}`, JSON.stringify(sizes), () => {
        const graph = new Graph(runtime.target)
        network.write(graph, 'predict', sizes, trained)
        return graph
      })
      const fed = [...numbers].map(
        ([name, data]) => [name, tensor(trainable.parameters.get(name) ?? [], data)] as const,
      )
      const all = Object.fromEntries(fed)
      const labels = labelled && { class_labels: { shape: [batch], integers } }
      return async (sample, timestep) =>
        (await session.run({ ...all, ...labels, sample, timestep: tensor([1], Float32Array.of(timestep)) })).out_sample
    },
  }
}

function labelOf({ examples }: TrainingSet, index: number): number {
  const { label } = examples[index]
  if (label !== undefined) return label
  throw new Problem(
    'TRAINING_LABEL',
    'This model is told the class of each picture, and a picture of the set has none.',
    {
      hint: 'Choose a set whose pictures have classes, or a model without.',
    },
  )
}
