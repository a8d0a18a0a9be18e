import type { Value } from '../graph/graph.ts'
import type { AttentionSizes, ImagePromptSizes } from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import type { Shape, Tensor } from '../tensor/tensor.ts'
import type { StoredAdapter } from './adapter-network.ts'
import type { EncodedPrompt, PromptEncoder } from './clip-encoders.ts'
import type { Conditioning } from './conditioning.ts'
import type { StoredControlNetwork } from './control-network.ts'
import type { Load } from './network.ts'
import type { SizeConditioning } from './size-conditioning.ts'
import type { Training } from './trainable.ts'

/** A network that was distilled to take the guidance scale as an input: as sines and cosines of `width` numbers under the name
 *  `timestep_cond` (latent consistency models), or as the number itself under the name `guidance` (Flux-dev). */
export type GuidanceInput =
  | { readonly name: 'timestep_cond'; readonly width: number }
  | { readonly name: 'guidance'; readonly width: 1 }

/** The network of a checkpoint that takes the noise away, whatever its kind. Latents are [pictures, channels, height, width]. */
export interface Denoiser {
  /** Channels of the latents. */
  readonly channels: number
  /** Latents on a side of what it sees as one place: height and width of latents are multiples of it. */
  readonly patch: number
  readonly guidance: GuidanceInput | undefined
  /** Whether weights must be written in the chosen precision before the first step. */
  readonly mustPrepare: boolean
  /** What stands for a prompt among its inputs. */
  fed(prompt: EncodedPrompt, sizes: SizeConditioning): Conditioning
  /** The network for latents of one shape. @param tokens of the context  @param guided both predictions of classifier-free guidance in
   *  one call: twice the latents' pictures  @param controls what controls give it beside the conditioning; absent: nothing
   *  @param attention what is asked of its attention: what `AttentionProgram` takes is fed beside the conditioning too
   *  @param onObjectMask told at each call where the object is, of networks that say that: [batch, 1, height, width] of the call's batch, 0 to 1 */
  predictor(
    latents: Shape,
    tokens: number,
    guided: boolean,
    controls?: ControlInputs,
    attention?: AttentionAsked,
    onObjectMask?: (mask: Tensor) => void,
  ): Promise<PredictConditioned>
  /** Writes the prediction for noisy latents into a graph; absent: it has no form that gradients go through. Inputs beside them are fed under their
   *  own names. @param sample [batch, channels, height, width]  @param tokens of the context */
  written?(training: Training, sample: Value, tokens: number): Value
  /** Opens a ControlNet or a T2I-Adapter beside it. @param model the checkpoint's name, for messages
   *  @throws Problem CONTROL_MISFIT where it was made for other models; as `StoredControlNetwork` */
  control(path: string, model: string): StoredControl
  /** What a step takes; nothing is opened or written. */
  load(latents: Shape, tokens: number, guided: boolean, controls?: ControlInputs): Load
  /** @throws Problem MODEL_CONFIG, MODEL_INPUTS where text encoders do not fit, or something is wanted that text to image does not give */
  refuseMisfits(path: string, texts: PromptEncoder): void
}

/** What is asked of the attention of a network, which must be a UNet that attends to words. */
export interface AttentionAsked {
  readonly sizes: Omit<AttentionSizes, 'guided'>
  /** Told what each call gives beside its prediction, by the names that `AttentionProgram` has for it. */
  readonly onMaps?: (maps: Readonly<Record<string, Tensor>>) => void
}

/** What a ControlNet gives: values for each place, or one for all places. */
export type ControlKind = 'places' | 'pooled'

/** What controls give a network in each call. */
export interface ControlInputs {
  /** Of ControlNets. */
  readonly control?: ControlKind
  /** Values of T2I-Adapters: how many levels they reach. */
  readonly features?: number
  /** Pictures that are attended to beside the words. */
  readonly imagePrompts?: readonly ImagePromptSizes[]
}

/** A control of a file, beside a checkpoint's network. */
export type StoredControl = StoredControlNetwork | StoredAdapter

/** Models that no ControlNet was published for in a layout that is known. */
export function refuseControl(path: string, model: string): never {
  throw new Problem('CONTROL_KIND', `${model} cannot be drawn with under a ControlNet, which ${path} is.`, {
    hint: 'Choose a model of Stable Diffusion 1, 2 or XL.',
    details: { field: 'controls' },
  })
}

/** Models that no IP-Adapter was published for in a layout that is known. */
export function refuseImagePrompts(paths: readonly string[], model: string): void {
  if (paths.length === 0) return
  throw new Problem('CONTROL_KIND', `${model} cannot be drawn with under an IP-Adapter, which ${paths[0]} is.`, {
    hint: 'Choose a model of Stable Diffusion 1, 2 or XL.',
    details: { field: 'controls' },
  })
}

/** Noisy latents, timestep and conditioning of the same batch to a prediction. */
export type PredictConditioned = (input: Tensor, timestep: number, conditioning: Conditioning) => Promise<Tensor>

/** What the transformers of Stable Diffusion 3 and Flux are fed of a prompt: its tokens, and the whole of it. */
export const fedJointly = ({ context, pooled }: EncodedPrompt): Conditioning => ({
  encoder_hidden_states: context,
  ...(pooled && { pooled_projections: pooled }),
})

/** Refuses text encoders of other widths than such a transformer takes. @throws Problem MODEL_CONFIG */
export function refuseOtherTexts(
  path: string,
  config: { readonly joint_attention_dim: number; readonly pooled_projection_dim: number },
  texts: PromptEncoder,
): void {
  for (const [what, expected, found] of [
    ['text', config.joint_attention_dim, texts.width],
    ['pooled text', config.pooled_projection_dim, texts.pooledWidth],
  ]) {
    if (expected === found) continue
    throw new Problem(
      'MODEL_CONFIG',
      `The transformer of ${path} expects ${what} of width ${expected}, its text encoders give ${found}.`,
      { hint: 'These parts do not belong together: download the model again.' },
    )
  }
}
