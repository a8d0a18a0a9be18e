import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Conditioning, GuidanceConditioning } from '../runtime/conditioning.ts'
import type { GuidanceInput, PredictConditioned } from '../runtime/denoiser.ts'
import { joinBatches, joinChannels, repeatEach } from '../tensor/batches.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'
import { guidanceEmbedding, guided, guidedByBoth } from './guidance.ts'

/** How hard pictures are pulled. */
export interface GuidanceScales {
  /** Towards the prompt: by a second prediction (Ho & Salimans 2022), or as an input where the network was distilled to take that. */
  readonly scale: number
  /** By a second prediction, of networks that take `scale` as an input: the reference's true_cfg_scale. */
  readonly trueScale: number
  readonly rescale: number
  /** Towards what the network sees beside the latents, where it was trained without that too (InstructPix2Pix): by a third prediction. */
  readonly besideScale?: number | undefined
}

/** The scale of the second prediction; 1 or less: there is none. */
export const pullOf = (
  { guidance }: Pick<Checkpoint, 'guidance'>,
  { scale, trueScale }: Pick<GuidanceScales, 'scale' | 'trueScale'>,
): number => (guidance === undefined ? scale : trueScale)

/** A checkpoint's network under guidance, ready for whatever a prompt says.
 *  @param latents shape of the latents; conditionings have the same batch, and all as many tokens as `first`
 *  @param beside channels that the network sees beside the latents in every call: [batch, channels, height, width] */
export async function guidedNetwork(
  checkpoint: Pick<Checkpoint, 'guidance' | 'predictor'>,
  latents: Shape,
  { positive: { encoder_hidden_states: first } }: GuidanceConditioning,
  scales: GuidanceScales,
  beside?: Tensor,
): Promise<(conditioning: GuidanceConditioning) => Predict> {
  const [, tokens] = first.shape
  const pull = { scale: pullOf(checkpoint, scales), rescale: scales.rescale }
  const { besideScale = 0 } = scales
  // The reference pulls by both or by neither.
  const isPulledByBoth = beside !== undefined && pull.scale > 1 && besideScale >= 1
  const isDouble = pull.scale > 1 && !isPulledByBoth
  const calls = isPulledByBoth ? 3 : isDouble ? 2 : 1
  const [batch, channels, ...sides] = latents
  const seen = [isPulledByBoth ? 3 * batch : batch, channels + (beside?.shape[1] ?? 0), ...sides]
  const network = await checkpoint.predictor(seen, tokens, isDouble)
  const shown = beside && besideAll(beside, calls)
  const told = toldScale(checkpoint.guidance, scales.scale, calls * batch)
  return conditioning => {
    const asked: PredictConditioned = (input, timestep, fed) =>
      network(shown ? joinChannels([input, shown]) : input, timestep, { ...fed, ...told })
    return isPulledByBoth
      ? guidedByBoth(asked, conditioning, { scale: pull.scale, besideScale })
      : guided(asked, conditioning, pull)
  }
}

/** What is beside the latents of each prediction of a call; of three, the last sees zeros. */
const besideAll = (beside: Tensor, calls: number): Tensor =>
  joinBatches(Array.from({ length: calls }, (_, k) => (k < 2 ? beside : tensor(beside.shape))))

/** The guidance scale as an input of the network. @param batch of the network */
function toldScale(input: GuidanceInput | undefined, scale: number, batch: number): Conditioning {
  if (input === undefined) return {}
  if (input.name === 'guidance') return { guidance: tensor([1], Float32Array.of(scale)) }
  return { timestep_cond: repeatEach(guidanceEmbedding(scale, input.width), batch) }
}
