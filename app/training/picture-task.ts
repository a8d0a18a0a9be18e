import type { Value } from '../graph/graph.ts'
import { concat } from '../graph/ops/index.ts'
import { type Conditioning, repeatConditioning } from '../runtime/conditioning.ts'
import type { Trainable } from '../runtime/trainable.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from './data.ts'
import type { TrainingTask } from './loop.ts'
import type { Numbers } from './numbers.ts'
import { type Captions, type TextToImageTraining, textToImageTask } from './text-to-image-task.ts'

/** Before the names of what the network is told, among the parameters. */
export const WORDS = 'words/'

/** What of a conditioning is learned; the rest says how large the picture is. */
const LEARNED = ['encoder_hidden_states', 'text_embeds']

/** A training set of one picture. @param contentHash of its pixels */
export const setOfOne = (picture: RgbImage, caption: string, contentHash: string): TrainingSet => ({
  examples: [{ ...setOfNone(picture, caption), contentHash }],
  read: async () => tensor([3, picture.height, picture.width], fromImages([picture]).data),
})

/** All that is known of a picture before it is read. */
export const setOfNone = ({ width, height }: Pick<RgbImage, 'width' | 'height'>, caption: string) => ({
  ...{ caption, size: { width, height }, contentHash: '' },
  ...{ isClassImage: false, mayFlip: false },
})

/** What a picture is learned with. */
export interface PictureTraining
  extends Omit<TextToImageTraining, 'captions' | 'emptyCaptions' | 'priorWeight' | 'noiseOffset'> {
  /** What the network is told by the words, a batch of 1: where what draws the picture begins. */
  readonly target: Conditioning
  /** Batches during which it alone is learned. */
  readonly wordBatches: number
}

/** Imagic's two stages (Kawar et al. 2022, arXiv:2210.09276, section 3.2; diffusers' ImagicStableDiffusionPipeline.train): first what the network is told is
 *  optimised until it draws the picture, then the network learns to draw the picture when it is told that.
 *  @returns with `told`, what is told at some parameters  @throws Problem as `textToImageTask` */
export function pictureTask(options: PictureTraining): TrainingTask & {
  readonly trainable: Trainable
  readonly told: (numbers: Numbers) => Readonly<Record<string, Tensor>>
} {
  const { target, wordBatches, trained, start, ...common } = options
  const learned = LEARNED.filter(name => target[name] !== undefined)
  const told = (numbers: Numbers) =>
    Object.fromEntries(learned.map(name => [name, tensor(target[name].shape, numbers.get(WORDS + name))]))
  const plain = { ...common, emptyCaptions: 0, priorWeight: 0, noiseOffset: 0 }
  const words = textToImageTask({
    ...{ ...plain, captions: learningCaption(target, learned) },
    start: () => new Map(learned.map(name => [WORDS + name, target[name].data.slice()])),
  })
  const feed = async (captions: readonly string[]) =>
    repeatConditioning({ ...target, ...told(parameters) }, captions.length)
  const network = textToImageTask({
    ...{ ...plain, captions: { ...sizesOf(target), feed }, start, ...(trained && { trained }) },
  })
  const parameters = new Map([...words.parameters, ...network.parameters])
  return {
    ...{ parameters, trainable: network.trainable, told },
    shapes: new Map([...words.shapes, ...network.shapes]),
    compute: (batch, random) => (batch < wordBatches ? words : network).compute(batch, random),
  }
}

/** What the network is told as parameters, the same of each picture of a batch. */
const learningCaption = (target: Conditioning, learned: readonly string[]): Captions => ({
  ...sizesOf(target),
  part: (training, captions) =>
    Object.fromEntries(
      learned.map((name): [string, Value] => {
        const one = training.parameter(WORDS + name, target[name].shape)
        return [name, captions === 1 ? one : concat(Array(captions).fill(one), 0)]
      }),
    ),
  async feed(captions) {
    const left = Object.entries(target).filter(([name]) => !learned.includes(name))
    return left.length === 0 ? {} : repeatConditioning(Object.fromEntries(left), captions.length)
  },
})

const sizesOf = ({ encoder_hidden_states, time_ids }: Conditioning) => ({
  tokens: encoder_hidden_states.shape[1],
  ...(time_ids && { timeIds: time_ids.shape[1] }),
})
