import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { GuidanceConditioning } from '../runtime/conditioning.ts'
import { repeatEach } from '../tensor/batches.ts'
import type { Shape } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'
import { guidanceEmbedding, guided } from './guidance.ts'

/** A checkpoint's network under guidance: a second prediction, or none where it was distilled to take the scale as an input.
 *  @param latents shape of the latents; conditionings have the same batch */
export async function guidedNetwork(
  checkpoint: Checkpoint,
  latents: Shape,
  conditioning: GuidanceConditioning,
  options: { readonly scale: number; readonly rescale: number },
): Promise<Predict> {
  const [, tokens] = conditioning.positive.encoder_hidden_states.shape
  const { guidanceWidth } = checkpoint
  if (guidanceWidth === undefined) {
    return guided(await checkpoint.predictor(latents, tokens, options.scale > 1), conditioning, options)
  }
  const network = await checkpoint.predictor(latents, tokens, false)
  const timestep_cond = repeatEach(guidanceEmbedding(options.scale, guidanceWidth), latents[0])
  return (input, timestep) => network(input, timestep, { ...conditioning.positive, timestep_cond })
}
