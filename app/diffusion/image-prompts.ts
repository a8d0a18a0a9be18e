import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Conditioning } from '../runtime/conditioning.ts'
import type { PictureTokens } from '../runtime/image-prompt.ts'
import { joinBatches, repeatEach } from '../tensor/batches.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { isActive } from './control.ts'

/** Pictures that are attended to beside the words (IP-Adapter; Ye et al. 2023, arXiv:2308.06721). */
export interface ImagePrompt extends PictureTokens {
  /** Place of the IP-Adapter among those of the checkpoint. */
  readonly adapter: number
  /** 1: as it was trained. */
  readonly weight: number
  /** The part of the run in which they act, as shares of its calls: 0 to 1. */
  readonly start: number
  readonly end: number
}

/** A checkpoint's network that attends to pictures, for `attentivePredictor` in the checkpoint's place; around
 *  `selfGuidedPredictor`, which asks for parts of a call again. What it opens is for one run, since it
 *  counts the calls. @param calls of the network that are made  @param pictures that are drawn together */
export function promptedPredictor(
  checkpoint: Pick<Checkpoint, 'predictor'>,
  prompts: readonly ImagePrompt[],
  { calls, pictures }: { readonly calls: number; readonly pictures: number },
): Pick<Checkpoint, 'predictor'> {
  if (prompts.length === 0) return checkpoint
  const sizes = prompts.map(({ adapter, positive }) => ({ adapter, tokens: positive.shape[1] }))
  return {
    async predictor(latents, tokens, guided, controls, attention) {
      const network = await checkpoint.predictor(
        latents,
        tokens,
        guided,
        { ...controls, imagePrompts: sizes },
        attention,
      )
      const predictions = (latents[0] / pictures) * (guided ? 2 : 1)
      const fed = prompts.map(prompt => ofAll(prompt, predictions, pictures))
      const batch = predictions * pictures
      let place = 0
      return (input, timestep, conditioning) => {
        const at = place++
        const shown = prompts.map((prompt, k): Conditioning => {
          const scale = isActive(prompt, at, calls) ? prompt.weight : 0
          return {
            [`image_prompts.${k}.tokens`]: fed[k],
            [`image_prompts.${k}.scale`]: tensor([batch, 1, 1], new Float32Array(batch).fill(scale)),
          }
        })
        return network(input, timestep, Object.assign({}, conditioning, ...shown))
      }
    },
  }
}

/** The tokens for all predictions of a call. Of two, the first is what is pulled away from; of three, the first is told all, as the reference's
 *  pipelines have it. */
function ofAll({ positive, negative }: PictureTokens, predictions: number, pictures: number): Tensor {
  const order = { 1: [positive], 2: [negative, positive], 3: [positive, negative, negative] }[predictions]
  if (order === undefined) throw new Error(`a call of ${predictions} predictions is not known`)
  return joinBatches(order.map(each => repeatEach(each, pictures)))
}
