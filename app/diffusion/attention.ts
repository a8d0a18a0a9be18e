import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Conditioning } from '../runtime/conditioning.ts'
import type { AttentionAsked } from '../runtime/denoiser.ts'
import type { Shape } from '../tensor/tensor.ts'

/** What a method asks of the attention of a network, call by call. */
export interface AttentionPlan {
  readonly sizes: AttentionAsked['sizes']
  /** What attention is fed at a call, from 0 on, as a method of the whole run counts them. @param latents their shape */
  readonly fedAt: (call: number, latents: Shape) => Conditioning
  readonly onMaps?: AttentionAsked['onMaps']
}

/** A checkpoint's network with attention that is looked into and changed, for `controlledPredictor` or `guidedNetwork` in the checkpoint's place.
 *  What it opens is for one run, since it counts the calls. @param first the call that the run begins with */
export const attentivePredictor = (
  checkpoint: Pick<Checkpoint, 'predictor'>,
  plan: AttentionPlan | undefined,
  first: number,
): Pick<Checkpoint, 'predictor'> => {
  if (plan === undefined) return checkpoint
  const { sizes, fedAt, onMaps } = plan
  return {
    async predictor(latents, tokens, guided, control) {
      const asked = { sizes, ...(onMaps && { onMaps }) }
      const network = await checkpoint.predictor(latents, tokens, guided, control, asked)
      let call = first
      return (input, timestep, conditioning) =>
        network(input, timestep, { ...conditioning, ...fedAt(call++, input.shape) })
    },
  }
}
