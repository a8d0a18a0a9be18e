import type { Value } from '../graph/graph.ts'
import { add, multiply, reshape } from '../graph/ops/index.ts'
import type { Guidable } from '../runtime/guidable.ts'
import type { Feeds } from '../runtime/session.ts'
import { openTrainable, type Trainable, type Training } from '../runtime/trainable.ts'
import { cleanFrom, type NoiseLevel, type Prediction, unitLevel } from '../schedulers/prediction.ts'
import type { Schedule } from '../schedulers/scheduler.ts'
import { combine } from '../tensor/arithmetic.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Shape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'

/** One thing that a picture shall come nearer to. */
export interface GuideTerm {
  /** How hard it pulls; 0: not at all. */
  readonly strength: number
  /** Writes how far a picture [1, 3, height, width] in [0, 1] is from it: float32 [], about 0 to 1, a mean over places rather than a sum. */
  readonly loss: (training: Training, picture: Value) => Value
  /** What the loss is fed, anew in each call of the network. @param chance of the picture's own seed */
  readonly feeds?: (chance: TorchGenerator) => Feeds
}

/** Something that noisy pixels themselves are judged by: a classifier (Dhariwal & Nichol 2021). */
export interface NoisyTerm {
  /** The paper's gradient scale. */
  readonly strength: number
  /** Writes -log p of what is wanted for a noisy sample [1, channels, height, width] of variance 1: float32 []. */
  readonly loss: (training: Training, sample: Value) => Value
  readonly feeds: (level: NoiseLevel) => Feeds
}

/** A network with its guidance, written so that gradients go through it. */
export interface WrittenPrediction {
  /** The guided prediction for a noisy sample, as the sampler's answers are meant. */
  readonly write: (training: Training, sample: Value) => Value
  /** What else the network is fed in a call. */
  readonly feeds: (timestep: number) => Feeds
}

/** What guides a run. */
export interface PictureGuide {
  readonly model: Guidable
  readonly terms: readonly GuideTerm[]
  /** What judges the noisy sample; absent: nothing. */
  readonly noisy?: NoisyTerm
  /** Where the sample may be moved, 0 to 1: [1, 1, height, width]; absent: everywhere. */
  readonly mask?: Tensor
  /** How strengths change: a factor for each share of the run that is done, 0 to 1. */
  readonly strengthAt: (share: number) => number
}

/** Guidance by gradients: in each call the estimate of the clean sample is moved against the gradient of how far its picture is from what is
 *  wanted (Dhariwal & Nichol 2021, arXiv:2105.05233, algorithm 2; Bansal et al. 2023, arXiv:2302.07121). The network's answer is changed so that
 *  it means the moved estimate, so every sampler takes part.
 *
 *  With a noisy sample x = a x0 + s n of variance 1 and N numbers a picture, the estimate moves by -strength s^2 N dL/dx0 where the network
 *  counts as a constant, and by -strength (s^2 / a) N dL/dx where the gradient goes through it. Means times N do not depend on the size.
 *  Where a classifier sees the noisy sample, the estimate moves by -strength (s^2 / a) dL/dx with L = -log p: what the paper's algorithm 2 does
 *  to the noise, but no pixel is moved out of [-1, 1]. Outside a mask nothing moves.
 *  It serves pictures of one shape, one after the other: `begin` each. */
export class PictureGuidance {
  readonly #guide: PictureGuide
  readonly #prediction: Prediction
  readonly #shape: Shape
  #run: Run | undefined
  #opened: Trainable | undefined
  #judge: Trainable | undefined

  /** @param prediction what the network answers  @param shape of a sample: [1, channels, height, width] */
  constructor(guide: PictureGuide, prediction: Prediction, shape: Shape) {
    this.#guide = guide
    this.#prediction = prediction
    this.#shape = shape
  }

  /** Begins a picture. @param first the first call of the schedule that is made  @param seed of the picture */
  begin(schedule: Schedule, first: number, seed: bigint): void {
    this.#run = { schedule, first, call: first, chance: new TorchGenerator(seed) }
  }

  /** A prediction that is guided. @param through where the gradient goes through the network: that network */
  guided(predict: Predict, through?: WrittenPrediction): Predict {
    return async (input, timestep) => {
      const run = this.#run
      const output = await predict(input, timestep)
      if (run === undefined) return output
      const call = run.call++
      const [done, all] = [call - run.first, run.schedule.timesteps.length - run.first]
      const factor = this.#guide.strengthAt(all <= 1 ? 0 : done / (all - 1))
      const level = unitLevel(run.schedule.noiseLevel(timestep, call), this.#prediction)
      if (factor === 0 || level.sigma === 0) return output
      const answer = { input, output, timestep, level }
      const by = (from: Tensor, move: Tensor, share: number) =>
        moved(from, this.#inside(move), share, this.#prediction, level)
      const { terms, noisy } = this.#guide
      const judged = noisy ? by(output, await this.#moveOfNoisy(answer, noisy, factor), 1) : output
      if (terms.length === 0) return judged
      const move = through ? await this.#moveThrough(answer, through) : await this.#moveOfEstimate(answer)
      return by(judged, move, factor * this.#numbers)
    }
  }

  /** Closes what it opened. */
  async release(): Promise<void> {
    await this.#opened?.release()
    await this.#judge?.release()
  }

  /** What of a move lies inside the mask. */
  #inside(move: Tensor): Tensor {
    const { mask } = this.#guide
    if (mask === undefined) return move
    const plane = mask.data.length
    return tensor(
      move.shape,
      move.data.map((value, k) => value * mask.data[k % plane]),
    )
  }

  /** Numbers of one picture's sample. */
  get #numbers(): number {
    return sizeOf(this.#shape.slice(1))
  }

  async #moveOfEstimate({ input, output, level }: Answer): Promise<Tensor> {
    const clean = cleanFrom(this.#prediction, output, input, level)
    this.#opened ??= this.#open(training => training.parameter(SAMPLE, this.#shape))
    const { gradients } = await this.#opened.run(this.#feeds(), new Map([[SAMPLE, clean.data]]))
    return scaled(gradients.get(SAMPLE), this.#shape, -(level.sigma ** 2))
  }

  async #moveThrough({ input, timestep, level }: Answer, { write, feeds }: WrittenPrediction): Promise<Tensor> {
    const [ofSample, ofAnswer] = cleanWeights(this.#prediction, level)
    this.#opened ??= this.#open(training => {
      const sample = training.parameter(SAMPLE, this.#shape)
      const one = (name: string) => reshape(training.input(name, 'float32', [1]), [1, 1, 1, 1])
      return add(multiply(sample, one('of sample')), multiply(write(training, sample), one('of answer')))
    })
    const weights = { 'of sample': single(ofSample), 'of answer': single(ofAnswer) }
    const fed = { ...this.#feeds(), ...feeds(timestep), ...weights }
    const { gradients } = await this.#opened.run(fed, new Map([[SAMPLE, input.data]]))
    return scaled(gradients.get(SAMPLE), this.#shape, -(level.sigma ** 2) / Math.max(level.alpha, LEAST_ALPHA))
  }

  async #moveOfNoisy(answer: Answer, { strength, loss, feeds }: NoisyTerm, factor: number): Promise<Tensor> {
    const { input, output, level } = answer
    this.#judge ??= openTrainable(this.#guide.model.runtime, training => ({
      loss: multiply(loss(training, training.parameter(SAMPLE, this.#shape)), strength),
    }))
    const { gradients } = await this.#judge.run(feeds(level), new Map([[SAMPLE, input.data]]))
    const share = (-factor * level.sigma ** 2) / Math.max(level.alpha, LEAST_ALPHA)
    // Samplers cut pixels off that lie beyond; the noise, which is not cut, would then lead away from what is wanted.
    const within = (pixel: number, move: number) =>
      Math.min(Math.max(pixel + move, Math.min(pixel, -1)), Math.max(pixel, 1)) - pixel
    const clean = cleanFrom(this.#prediction, output, input, level)
    return combine(clean, scaled(gradients.get(SAMPLE), this.#shape, share), within)
  }

  /** @param clean writes the clean sample */
  #open(clean: (training: Training) => Value): Trainable {
    const { model, terms } = this.#guide
    const [, , height, width] = this.#shape
    const build = (training: Training) => {
      const picture = model.pictureOf(training, clean(training))
      const losses = terms.map(({ strength, loss }) => multiply(loss(training, picture), strength))
      return { loss: losses.reduce((sum, each) => add(sum, each)) }
    }
    const recompute = height * width > LARGE ? 'all' : 'none'
    return openTrainable(model.runtime, build, { recompute })
  }

  #feeds(): Feeds {
    const chance = this.#run?.chance ?? new TorchGenerator(0n)
    return Object.assign({}, ...this.#guide.terms.map(({ feeds }) => feeds?.(chance)))
  }
}

const SAMPLE = 'guided sample'
/** Where hardly anything of the clean sample is left, its share is no divisor. */
const LEAST_ALPHA = 0.05
/** Latents beyond which activations are computed again rather than held. */
const LARGE = 64 * 64

/** A picture that is being drawn. */
interface Run {
  readonly schedule: Schedule
  readonly first: number
  /** The next call. */
  call: number
  readonly chance: TorchGenerator
}

interface Answer {
  readonly input: Tensor
  readonly output: Tensor
  readonly timestep: number
  readonly level: NoiseLevel
}

const single = (value: number): Tensor => tensor([1], Float32Array.of(value))

/** What sample and answer weigh in the clean sample. */
function cleanWeights(prediction: Prediction, { alpha, sigma }: NoiseLevel): [sample: number, answer: number] {
  switch (prediction) {
    case 'epsilon':
      return [1 / alpha, -sigma / alpha]
    case 'v_prediction':
      return [alpha, -sigma]
    case 'sample':
      return [0, 1]
    case 'flow_prediction':
      return [1, -sigma]
  }
}

/** The answer that means a clean sample which is moved by factor x move. */
function moved(output: Tensor, move: Tensor, factor: number, prediction: Prediction, level: NoiseLevel): Tensor {
  const [, ofAnswer] = cleanWeights(prediction, level)
  const share = factor / ofAnswer
  return combine(output, move, (answer, by) => answer + Math.fround(by * share))
}

const scaled = (gradient: Float32Array | undefined, shape: Shape, factor: number): Tensor =>
  tensor(shape, gradient?.map(value => value * factor) ?? new Float32Array(sizeOf(shape)))
