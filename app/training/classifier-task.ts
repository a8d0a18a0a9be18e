import type { Value } from '../graph/graph.ts'
import { multiply, reshape, sum } from '../graph/ops/index.ts'
import { parseConfig } from '../models/family.ts'
import { Layer, type ParameterSource } from '../models/layers/layer.ts'
import { type NoisyClassifierConfig, noisyClassifier } from '../models/noisy-classifier.ts'
import { unet2D } from '../models/unet-2d.ts'
import { Problem } from '../problem.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { openTrainable, type Trainable, type Training } from '../runtime/trainable.ts'
import { cosineTable } from '../schedulers/noise-table.ts'
import { joinBatches } from '../tensor/batches.ts'
import type { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { batchesOf } from './batches.ts'
import type { TrainingSet } from './data.ts'
import { firstWeights } from './first-weights.ts'
import { mirrored } from './latents.ts'
import { streamOf, type TrainingTask } from './loop.ts'
import { discreteNoising, type Question } from './noising.ts'
import type { Numbers } from './numbers.ts'

/** Training of a classifier of noisy pictures. */
export interface ClassifierTraining {
  readonly runtime: Runtime
  readonly config: NoisyClassifierConfig
  /** All of one size, each with its class. */
  readonly set: TrainingSet
  readonly batch: number
  readonly seed: bigint
}

/** The config of a small classifier: attention at its coarsest level. @param widths channels of each level, finest first: multiples of 16 */
export const classifierConfig = (labels: readonly string[], widths: readonly number[]): NoisyClassifierConfig => {
  const isLast = (level: number) => level === widths.length - 1
  const encoder = {
    ...{ in_channels: 3, out_channels: 3, block_out_channels: widths, layers_per_block: 1, attention_head_dim: 16 },
    down_block_types: widths.map((_, level) => (isLast(level) ? 'AttnDownBlock2D' : 'DownBlock2D')),
    up_block_types: widths.map((_, level) => (isLast(level) ? 'AttnUpBlock2D' : 'UpBlock2D')).reverse(),
    norm_num_groups: 8,
  }
  return { labels: [...labels], encoder: parseConfig(unet2D, encoder, 'the encoder of a classifier') }
}

const noising = discreteNoising(cosineTable(), 'epsilon')

/** A task of the training loop: pictures are made noisy, and the network learns what they show (cross-entropy), at all noise levels alike
 *  (Dhariwal & Nichol 2021, arXiv:2105.05233, section 4). What it says surely of pure noise would be learned by heart.
 *  @returns with `surprise`: the mean of -log p of the right class over pictures that are not learned from  @throws Problem TRAINING_LABEL */
export function classifierTask({ runtime, config, set, batch, seed }: ClassifierTraining): TrainingTask & {
  readonly trainable: Trainable
  readonly surprise: (of: TrainingSet) => (numbers: Numbers) => Promise<number>
} {
  const { height, width } = set.examples[0].size
  const sizes = { batch, height, width, timesteps: 'each' } as const
  const classes = config.labels.length
  const trainable = openTrainable(runtime, training => {
    const source = trainedSource(training)
    const { log_probabilities: logs } = training.graph.part({ inputs: {}, prefix: '' }, () =>
      noisyClassifier.graphs.classify(new Layer(training.graph, source), config, sizes),
    )
    const wanted = training.input('wanted', 'float32', [batch, classes])
    return { loss: multiply(sum(multiply(logs, wanted)), -1 / batch) }
  })
  const first = firstWeights(noisyClassifier, 'classify', config, sizes, seed)
  const batches = batchesOf(set, batch, seed)
  /** Asks about pictures of a set, as many as a batch has. */
  const compute = async (of: TrainingSet, indices: readonly number[], random: TorchGenerator, numbers: Numbers) => {
    const questions: Question[] = []
    for (const index of indices) questions.push(await askedAbout(of, index, random))
    const labels = indices.map(index => labelOf(of, index))
    const rows = labels.flatMap(label => Array.from({ length: classes }, (_, k) => Number(k === label)))
    const timesteps = Float32Array.from(questions, ({ timestep }) => timestep)
    const feeds = {
      sample: joinBatches(questions.map(({ sample }) => sample)),
      timestep: tensor([batch], timesteps),
      wanted: tensor([batch, classes], Float32Array.from(rows)),
    }
    return trainable.run(feeds, numbers)
  }
  const parameters = new Map([...first].map(([key, { data }]) => [key, data]))
  return {
    ...{ trainable, parameters, shapes: trainable.parameters },
    compute: (number, random) => compute(set, batches(number).instances, random, parameters),
    surprise: of => async numbers => {
      const random = streamOf(seed, 'held back')
      const rounds = Math.ceil(of.examples.length / batch)
      let total = 0
      for (let round = 0; round < rounds; round++) {
        const indices = Array.from({ length: batch }, (_, k) => (round * batch + k) % of.examples.length)
        total += (await compute(of, indices, random, numbers)).loss
      }
      return total / rounds
    },
  }
}

/** A picture of a set with some noise on it, half of those that may be seen in a mirror. */
async function askedAbout(set: TrainingSet, index: number, random: TorchGenerator): Promise<Question> {
  const isMirrored = random.uniform([1]).data[0] < 0.5 && set.examples[index].mayFlip
  const picture = await set.read(index)
  const { shape, data }: Tensor = isMirrored ? mirrored(picture) : picture
  const clean = tensor([1, ...shape], data)
  return noising.ask(clean, random.normal(clean.shape), noising.drawLevel(random))
}

/** Parameters of a network that is in no file yet: all of them are trained. */
function trainedSource(training: Training): ParameterSource {
  const known = new Map<string, Value>()
  const asked = (key: string, shape: readonly number[], use: readonly number[]) => {
    const value = known.get(key) ?? training.parameter(key, [...shape])
    known.set(key, value)
    return shape.join() === use.join() ? value : reshape(value, [...use])
  }
  return {
    parameter: (_, key, shape, use) => asked(key, shape, use),
    table: (_, key, shape) => asked(key, shape, shape),
  }
}

function labelOf({ examples }: TrainingSet, index: number): number {
  const { label } = examples[index]
  if (label !== undefined) return label
  throw new Problem('TRAINING_LABEL', 'A classifier learns classes, and a picture of the set has none.', {
    hint: 'Choose a folder with a folder of pictures for each class, or a data set with classes.',
  })
}
