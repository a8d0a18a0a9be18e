import { plainWords } from '../models/prompt/schedule.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from './data.ts'
import type { KeptTensors } from './kept-tensors.ts'
import { EncodedSet } from './latents.ts'
import { streamOf } from './loop.ts'
import type { Noising, Question } from './noising.ts'

/** Fewer pictures than this are all needed for learning. */
const FEWEST = 6
/** Noise levels that each picture is asked about. */
const LEVELS = 4

/** Sets some pictures aside, which are never learned from: what is learned by heart shows in them. Class images stay.
 *  @param share of the pictures, 0 to 0.5; none of fewer than six
 *  @returns what is learned from, and what is held back, in the order of the set */
export function holdBack(
  set: TrainingSet,
  share: number,
  seed: bigint,
): { readonly learned: TrainingSet; readonly heldBack: TrainingSet } {
  const numbers = [...set.examples.keys()]
  const own = numbers.filter(index => !set.examples[index].isClassImage)
  const count = share === 0 || own.length < FEWEST ? 0 : Math.max(1, Math.round(own.length * share))
  const order = streamOf(seed, 'held back').permutation(own.length)
  const aside = new Set(order.slice(0, count).map(place => own[place]))
  return {
    learned: partOf(
      set,
      numbers.filter(index => !aside.has(index)),
    ),
    heldBack: partOf(
      set,
      numbers.filter(index => aside.has(index)),
    ),
  }
}

const partOf = ({ examples, read }: TrainingSet, numbers: readonly number[]): TrainingSet => ({
  examples: numbers.map(index => examples[index]),
  read: place => read(numbers[place]),
})

/** The loss of pictures that are not learned from: the same noise, noise levels and words each time, so that two of a run can be compared. What
 *  the network is asked is made once. @returns the mean over pictures and levels at the answers of a checkpoint in training
 *  @throws Problem as `Checkpoint.encode` and `Checkpoint.condition` */
export function heldBackLoss(
  checkpoint: Checkpoint,
  set: TrainingSet,
  {
    noising,
    seed,
    kept,
  }: { readonly noising: Noising; readonly seed: bigint; readonly kept?: KeptTensors | undefined },
): (view: Checkpoint) => Promise<number> {
  const { examples } = set
  const encoded = new EncodedSet(set, pixels => checkpoint.encode(pixels), kept)
  const asked = examples.map((_, index) => lazy(() => askedOf(checkpoint, { index, encoded }, noising, seed)))
  return async view => {
    let sum = 0
    for (const [k, ask] of asked.entries()) {
      const questions = await ask()
      const { caption, size } = examples[k]
      const [{ positive }] = await view.condition([{ prompt: { sections: plainWords(caption) }, size }], 'cut')
      const [, tokens] = positive.encoder_hidden_states.shape
      const predict = await view.predictor(questions[0].sample.shape, tokens, false)
      for (const { sample, timestep, target, weight } of questions) {
        const answer = await predict(sample, timestep, positive)
        sum += weight * meanSquare(answer, target)
      }
    }
    return sum / (asked.length * LEVELS)
  }
}

async function askedOf(
  checkpoint: Checkpoint,
  { index, encoded }: { readonly index: number; readonly encoded: EncodedSet },
  noising: Noising,
  seed: bigint,
) {
  const distribution = await encoded.of(index, false)
  const random = streamOf(seed, `held back ${index}`)
  const questions: Question[] = []
  for (let k = 0; k < LEVELS; k++) {
    const latents = checkpoint.latentsOf(distribution, random.normal(distribution.mean.shape))
    questions.push(noising.ask(latents, random.normal(latents.shape), noising.drawLevel(random)))
  }
  return questions
}

function meanSquare(a: Tensor, b: Tensor): number {
  let sum = 0
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i] - b.data[i]) ** 2
  return sum / a.data.length
}

function lazy<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make()
    return made
  }
}
