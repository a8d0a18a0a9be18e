import { followedToNoise, inverseSchedule } from '../diffusion/inversion.ts'
import { add, mean, multiply } from '../graph/ops/index.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Conditioning } from '../runtime/conditioning.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { openTrainable } from '../runtime/trainable.ts'
import { type NoiseLevel, type Prediction, predictionType, preserving } from '../schedulers/prediction.ts'
import { mix } from '../tensor/arithmetic.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { modelTable } from './noising.ts'
import { adam } from './optimisers/adam.ts'
import { newState } from './optimisers/optimiser.ts'
import { plainUNet } from './text-to-image-task.ts'

/** A picture that guidance draws again: what stands for no words is another one at each step. */
export interface NullText {
  /** Latents from the picture to its noise: steps + 1. */
  readonly inversion: readonly Tensor[]
  /** What stands for no words, by step of drawing. [1, tokens, width] each */
  readonly embeddings: readonly Tensor[]
  /** By step of drawing, and of the optimiser within. */
  readonly losses: readonly (readonly number[])[]
  /** What drawing with them gives. */
  readonly reconstructed: Tensor
}

/** How far it is: first the way to the noise, then the way back. */
export interface NullTextStep {
  readonly way: 'to the noise' | 'back'
  readonly step: number
  readonly total: number
}

/** What is optimised, and how much. */
export interface NullTextOptions {
  /** Of the picture, scaled: [1, channels, height, width]. */
  readonly latents: Tensor
  readonly positive: Conditioning
  readonly negative: Conditioning
  readonly steps: number
  /** Adam's steps in each step of drawing. */
  readonly inner: number
  /** Of Adam; it falls by a hundredth of itself at each step of drawing. */
  readonly rate: number
  readonly guidance: number
  /** A step of drawing is done when the loss is below this, and 2e-5 more at each following one, as in the authors' program; absent: never. */
  readonly enough?: number
  readonly signal: AbortSignal
}

/** Null-text inversion (Mokady et al. 2022, arXiv:2211.09794, algorithm 1): the picture is followed to its noise by DDIM without guidance; then, at
 *  each step back, what stands for no words is optimised by Adam until guidance leads to where the picture came through.
 *  @throws the signal's reason; Problem as `Checkpoint.predictor` and `openTrainable` */
export async function* invertNullText(
  runtime: Runtime,
  checkpoint: Checkpoint,
  options: NullTextOptions,
): AsyncGenerator<NullTextStep, NullText> {
  const { latents, positive, negative, steps, inner, guidance, signal, enough } = options
  const { shape } = latents
  const [, tokens] = positive.encoder_hidden_states.shape
  const predict = await checkpoint.predictor(shape, tokens, false)
  const schedule = inverseSchedule(checkpoint, steps)
  const toNoise = followedToNoise({ schedule, latents, predict: (x, t) => predict(x, t, positive), signal })
  let passed = await toNoise.next()
  for (; !passed.done; passed = await toNoise.next())
    yield { way: 'to the noise', step: passed.value.step, total: steps }
  const inversion = passed.value
  const prediction = predictionType.parse(checkpoint.schedulerConfig.prediction_type ?? undefined)
  const trainable = openNullText(runtime, checkpoint, shape, negative)
  const embeddings: Tensor[] = []
  const losses: number[][] = []
  let current = inversion[steps]
  let empty = negative.encoder_hidden_states
  const { encoder_hidden_states: _, ...beside } = negative
  for (const [i, timestep] of schedule.timesteps.toReversed().entries()) {
    const { ofLatents, ofAnswer } = stepBack(checkpoint, prediction, timestep, steps)
    const towards = await predict(current, timestep, positive)
    // Everything but what stands for no words.
    const rest = mix([ofLatents, current], [ofAnswer * guidance, towards])
    const held = mix([1, rest], [-1, inversion[steps - i - 1]])
    const parameters = new Map([['empty', empty.data.slice()]])
    const optimise = adam()
    const state = newState()
    const fed = {
      ...{ ...beside, sample: current, timestep: tensor([1], Float32Array.of(timestep)), held },
      factor: tensor([1], Float32Array.of(ofAnswer * (1 - guidance))),
    }
    losses.push([])
    for (let k = 0; k < inner; k++) {
      signal.throwIfAborted()
      const { loss, gradients } = await trainable.run(fed, parameters)
      losses[i].push(loss)
      if (enough !== undefined && loss < enough + i * 2e-5) break
      optimise(state, parameters, gradients, options.rate * (1 - i / 100))
    }
    empty = tensor(empty.shape, parameters.get('empty'))
    embeddings.push(empty)
    const away = await predict(current, timestep, { ...negative, encoder_hidden_states: empty })
    current = mix([1, rest], [ofAnswer * (1 - guidance), away])
    yield { way: 'back', step: i + 1, total: steps }
  }
  await trainable.release()
  return { inversion, embeddings, losses, reconstructed: current }
}

/** A step of DDIM as a sum: how much of the latents and of the network's answer it takes. */
function stepBack(checkpoint: Checkpoint, prediction: Prediction, timestep: number, steps: number) {
  const { alphasCumprod } = modelTable(checkpoint.schedulerConfig)
  const next = Math.max(timestep - Math.floor(alphasCumprod.length / steps), 0)
  const [from, to] = [preserving(alphasCumprod[timestep]), preserving(alphasCumprod[next])]
  const kept = to.alpha / from.alpha
  const moved = to.sigma - kept * from.sigma
  const noise = noiseIn(prediction, from)
  return { ofLatents: kept + moved * noise.ofLatents, ofAnswer: moved * noise.ofAnswer }
}

/** The noise in latents as a sum of them and of the network's answer. */
function noiseIn(prediction: Prediction, { alpha, sigma }: NoiseLevel): { ofLatents: number; ofAnswer: number } {
  if (prediction === 'v_prediction') return { ofLatents: sigma, ofAnswer: alpha }
  if (prediction === 'sample') return { ofLatents: 1 / sigma, ofAnswer: -alpha / sigma }
  return { ofLatents: 0, ofAnswer: 1 }
}

/** The square of the distance from where the picture came through, as a function of what stands for no words. */
function openNullText(runtime: Runtime, checkpoint: Checkpoint, shape: Tensor['shape'], negative: Conditioning) {
  const network = plainUNet(checkpoint, runtime)
  const [batch, , height, width] = shape
  const words = negative.encoder_hidden_states.shape
  const told = negative.time_ids && { timeIds: negative.time_ids.shape[1] }
  return openTrainable(runtime, training => {
    const empty = training.parameter('empty', words)
    const { out_sample } = training.part({
      ...{ network, graph: 'predict', inputs: { encoder_hidden_states: empty } },
      sizes: { batch, height, width, tokens: words[1], timesteps: 'each', contextMask: false, ...told },
    })
    const factor = training.input('factor', 'float32', [1])
    const held = training.input('held', 'float32', out_sample.shape)
    const distance = add(multiply(out_sample, factor), held)
    return { loss: mean(multiply(distance, distance)) }
  })
}
