import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { GuidanceConditioning } from '../runtime/conditioning.ts'
import { repeatEach } from '../tensor/batches.ts'
import type { Shape } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'
import { guidanceEmbedding, guided } from './guidance.ts'

/** A checkpoint's network under guidance, ready for whatever a prompt says: by a second prediction, or none where the network was
 *  distilled to take the scale as an input. @param latents shape of the latents; conditionings have the same batch, and all as many
 *  tokens as `first` */
export async function guidedNetwork(
  checkpoint: Checkpoint,
  latents: Shape,
  { positive: { encoder_hidden_states: first } }: GuidanceConditioning,
  options: { readonly scale: number; readonly rescale: number },
): Promise<(conditioning: GuidanceConditioning) => Predict> {
  const [, tokens] = first.shape
  const { guidanceWidth } = checkpoint
  if (guidanceWidth === undefined) {
    const network = await checkpoint.predictor(latents, tokens, options.scale > 1)
    return conditioning => guided(network, conditioning, options)
  }
  const network = await checkpoint.predictor(latents, tokens, false)
  const timestep_cond = repeatEach(guidanceEmbedding(options.scale, guidanceWidth), latents[0])
  return ({ positive }) =>
    (input, timestep) =>
      network(input, timestep, { ...positive, timestep_cond })
}
