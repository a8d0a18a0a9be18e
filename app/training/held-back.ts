import { plainWords } from '../models/prompt/schedule.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from './data.ts'
import type { UnderGuidance } from './guided-answers.ts'
import type { KeptTensors } from './kept-tensors.ts'
import { EncodedSet } from './latents.ts'
import { streamOf } from './loop.ts'
import type { Noising, Question } from './noising.ts'
import type { Numbers } from './numbers.ts'

/** Fewer pictures than this are all needed for learning. */
const FEWEST = 12
/** More tell hardly more, and are asked about at each look. */
const MOST = 32
/** Noise levels that each picture is asked about. */
const LEVELS = 4

/** Sets some pictures aside, which are never learned from: what is learned by heart shows in them. Class images stay.
 *  @param share of the pictures, 0 to 0.5; none of fewer than twelve, and no more than 32
 *  @returns what is learned from, and what is held back, in the order of the set */
export function holdBack(
  set: TrainingSet,
  share: number,
  seed: bigint,
): { readonly learned: TrainingSet; readonly heldBack: TrainingSet } {
  const numbers = [...set.examples.keys()]
  const own = numbers.filter(index => !set.examples[index].isClassImage)
  const count = share === 0 || own.length < FEWEST ? 0 : Math.min(MOST, Math.max(1, Math.round(own.length * share)))
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

/** What a network answers about a picture that is not learned from. @param index of the picture */
export type Answer = (question: Question, index: number) => Promise<Tensor>

/** The loss of pictures that are not learned from: the same questions each time, so that two of a run can be compared. They are made once.
 *  @param ask what the network is asked about a picture  @param answers of the network with given parameters
 *  @param rest between two answers, as `BetweenSteps` has it  @returns the mean over pictures and levels */
export function heldBackLoss(
  { examples }: TrainingSet,
  ask: (index: number) => Promise<readonly Question[]>,
  answers: (parameters: Numbers) => Answer,
  rest: () => Promise<void>,
): (parameters: Numbers) => Promise<number> {
  const asked = examples.map((_, index) => lazy(() => ask(index)))
  return async parameters => {
    const answer = answers(parameters)
    let sum = 0
    for (const [index, questions] of asked.entries()) {
      for (const question of await questions()) {
        sum += question.weight * meanSquare(await answer(question, index), question.target)
        await rest()
      }
    }
    return sum / (asked.length * LEVELS)
  }
}

/** Questions about latents of pictures. @param how.kept what earlier trainings made of them; absent: nothing is kept
 *  @param how.guided as the pictures are learned that are not held back  @throws Problem as `Checkpoint.encode` */
export function latentQuestions(
  checkpoint: Checkpoint,
  set: TrainingSet,
  noising: Noising,
  how: { readonly seed: bigint; readonly kept?: KeptTensors | undefined; readonly guided?: UnderGuidance | undefined },
): (index: number) => Promise<Question[]> {
  const { seed, kept, guided } = how
  const encoded = new EncodedSet(set, pixels => checkpoint.encode(pixels), kept)
  return async index => {
    const distribution = await encoded.of(index, false)
    const random = streamOf(seed, `held back ${index}`)
    const questions: Question[] = []
    for (let level = 0; level < LEVELS; level++) {
      const latents = checkpoint.latentsOf(distribution, random.normal(distribution.mean.shape))
      const question = noising.ask(latents, random.normal(latents.shape), noising.drawLevel(random))
      questions.push(guided ? await guided(question, set.examples[index].size) : question)
    }
    return questions
  }
}

/** Questions about pictures themselves. */
export const pixelQuestions =
  ({ read }: TrainingSet, noising: Noising, seed: bigint) =>
  async (index: number): Promise<Question[]> => {
    const { shape, data } = await read(index)
    const clean = tensor([1, ...shape], data)
    const random = streamOf(seed, `held back ${index}`)
    return Array.from({ length: LEVELS }, () =>
      noising.ask(clean, random.normal(clean.shape), noising.drawLevel(random)),
    )
  }

/** Answers of a model that is told the captions of pictures, which its own text encoders read, with what they learned as well.
 *  @param predictorOf what the model asks about each picture; absent: its own network  @throws Problem as `Checkpoint.condition` */
export function toldAnswers(
  view: Checkpoint,
  { examples }: TrainingSet,
  predictorOf: (index: number) => Promise<Checkpoint['predictor']> = async () => view.predictor.bind(view),
): Answer {
  const told = examples.map(({ caption, size }, index) =>
    lazy(async () => {
      const [{ positive }] = await view.condition([{ prompt: { sections: plainWords(caption) }, size }], 'cut')
      return { positive, predictor: await predictorOf(index) }
    }),
  )
  return async ({ sample, timestep }, index) => {
    const { positive, predictor } = await told[index]()
    const predict = await predictor(sample.shape, positive.encoder_hidden_states.shape[1], false)
    return predict(sample, timestep, positive)
  }
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
