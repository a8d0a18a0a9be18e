import { denoise } from '../diffusion/denoise.ts'
import { add, mean, multiply } from '../graph/ops/index.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Conditioning } from '../runtime/conditioning.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { openTrainable } from '../runtime/trainable.ts'
import { createSchedule, latentDiffusionConfig } from '../schedulers/index.ts'
import { preserving } from '../schedulers/prediction.ts'
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

/** Null-text inversion (Mokady et al. 2022, arXiv:2211.09794, algorithm 1): the picture is followed to its noise by DDIM without guidance; then, at
 *  each step back, what stands for no words is optimised by Adam until guidance leads to where the picture came through. For models that
 *  predict noise.
 *  @param options.latents of the picture, scaled: [1, channels, height, width]
 *  @param options.rate of Adam; it falls by a hundredth of itself at each step of drawing  @param options.inner Adam's steps in each
 *  @throws the signal's reason; Problem as `Checkpoint.predictor` and `openTrainable` */
export async function invertNullText(
  runtime: Runtime,
  checkpoint: Checkpoint,
  options: {
    readonly latents: Tensor
    readonly positive: Conditioning
    readonly negative: Conditioning
    readonly steps: number
    readonly inner: number
    readonly rate: number
    readonly guidance: number
    readonly signal: AbortSignal
  },
): Promise<NullText> {
  const { latents, positive, negative, steps, inner, guidance, signal } = options
  const { shape } = latents
  const [, tokens] = positive.encoder_hidden_states.shape
  const predict = await checkpoint.predictor(shape, tokens, false)
  const config = { ...latentDiffusionConfig(checkpoint.schedulerConfig), set_alpha_to_one: false }
  const schedule = createSchedule('DDIMInverseScheduler', config, steps)
  const inversion = await followed(schedule, latents, (x, t) => predict(x, t, positive), signal)
  const { alphasCumprod } = modelTable(config)
  const stride = Math.floor(alphasCumprod.length / steps)
  const trainable = openNullText(runtime, checkpoint, shape, tokens)
  const embeddings: Tensor[] = []
  const losses: number[][] = []
  let current = inversion[steps]
  let empty = negative.encoder_hidden_states
  for (const [i, timestep] of schedule.timesteps.toReversed().entries()) {
    const [from, to] = [preserving(alphasCumprod[timestep]), preserving(alphasCumprod[Math.max(timestep - stride, 0)])]
    // A step of DDIM is kept * x + moved * noise.
    const kept = to.alpha / from.alpha
    const moved = to.sigma - kept * from.sigma
    const towards = await predict(current, timestep, positive)
    // Everything but what stands for no words.
    const rest = mix([kept, current], [moved * guidance, towards])
    const held = mix([1, rest], [-1, inversion[steps - i - 1]])
    const parameters = new Map([['empty', empty.data.slice()]])
    const optimise = adam()
    const state = newState()
    const fed = {
      ...{ sample: current, timestep: tensor([1], Float32Array.of(timestep)), held },
      factor: tensor([1], Float32Array.of(moved * (1 - guidance))),
    }
    losses.push([])
    for (let k = 0; k < inner; k++) {
      signal.throwIfAborted()
      const { loss, gradients } = await trainable.run(fed, parameters)
      losses[i].push(loss)
      optimise(state, parameters, gradients, options.rate * (1 - i / 100))
    }
    empty = tensor(empty.shape, parameters.get('empty'))
    embeddings.push(empty)
    const away = await predict(current, timestep, { ...negative, encoder_hidden_states: empty })
    current = mix([1, rest], [moved * (1 - guidance), away])
  }
  await trainable.release()
  return { inversion, embeddings, losses, reconstructed: current }
}

/** All latents on the way, the first and the last among them. */
async function followed(
  schedule: ReturnType<typeof createSchedule>,
  latents: Tensor,
  predict: (input: Tensor, timestep: number) => Promise<Tensor>,
  signal: AbortSignal,
): Promise<Tensor[]> {
  const noise = (shape: Tensor['shape']) => tensor(shape)
  const run = denoise({ schedule, latents, noise, predict, signal })
  const passed: Tensor[] = []
  let next = await run.next()
  for (; !next.done; next = await run.next()) passed.push(next.value.latents)
  return [...passed, next.value]
}

/** The square of the distance from where the picture came through, as a function of what stands for no words. */
function openNullText(runtime: Runtime, checkpoint: Checkpoint, shape: Tensor['shape'], tokens: number) {
  const network = plainUNet(checkpoint, runtime)
  const [batch, , height, width] = shape
  const context = [network.config.cross_attention_dim].flat()[0]
  return openTrainable(runtime, training => {
    const empty = training.parameter('empty', [1, tokens, context])
    const { out_sample } = training.part({
      ...{ network, graph: 'predict', inputs: { encoder_hidden_states: empty } },
      sizes: { batch, height, width, tokens, timesteps: 'each', contextMask: false },
    })
    const factor = training.input('factor', 'float32', [1])
    const held = training.input('held', 'float32', out_sample.shape)
    const distance = add(multiply(out_sample, factor), held)
    return { loss: mean(multiply(distance, distance)) }
  })
}
