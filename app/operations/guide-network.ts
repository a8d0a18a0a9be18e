import { pullOf } from '../diffusion/guided-network.ts'
import type { WrittenPrediction } from '../diffusion/picture-guide.ts'
import type { Value } from '../graph/graph.ts'
import { add, concat, multiply, slice, subtract } from '../graph/ops/index.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { type GuidanceConditioning, joinConditioning } from '../runtime/conditioning.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { WordChoices } from './draw-from-words.ts'

/** A checkpoint's network as gradients go through it; undefined where they shall not.
 *  @param state a prompt for the whole picture and one for each region  @param beside channels beside the latents
 *  @throws Problem GUIDE_NETWORK where something else acts in it that gradients cannot go through */
export function throughNetwork(
  checkpoint: Checkpoint,
  chosen: WordChoices,
  [prompt, ...regions]: readonly GuidanceConditioning[],
  beside: Tensor | undefined,
): WrittenPrediction | undefined {
  if (chosen.guideThrough === 'estimate') return undefined
  const reason =
    chosen.controls.length > 0
      ? 'controls'
      : regions.length > 0
        ? 'regions'
        : beside
          ? 'a picture beside the noise'
          : chosen.perturbedGuidance > 0 || chosen.selfGuidance > 0
            ? 'guidance by its own attention'
            : undefined
  if (reason !== undefined || checkpoint.guidance !== undefined)
    throw unable(checkpoint, reason ?? 'guidance as an input')
  const pull = pullOf(checkpoint, { scale: chosen.guidance, trueScale: chosen.trueGuidance })
  const tokens = prompt.positive.encoder_hidden_states.shape[1]
  const fed = pull <= 1 ? prompt.positive : joinConditioning([prompt.negative, prompt.positive])
  return {
    write: (training, sample) => writtenGuidance(sample, batch => checkpoint.written(training, batch, tokens), pull),
    feeds: timestep => ({ ...fed, timestep: tensor([1], Float32Array.of(timestep)) }),
  }
}

const unable = ({ description: { name } }: Checkpoint, reason: string): Problem =>
  new Problem('GUIDE_NETWORK', `The pull cannot go through the network of ${name} beside ${reason}.`, {
    hint: 'Let it go through the estimate.',
    details: { field: 'guideThrough' },
  })

/** Classifier-free guidance as a part of a graph. @param network writes the prediction for a batch  @param scale 1 or less: one prediction */
export function writtenGuidance(sample: Value, network: (batch: Value) => Value, scale: number): Value {
  if (scale <= 1) return network(sample)
  const [pictures] = sample.shape
  const both = network(concat([sample, sample], 0))
  const [away, towards] = [slice(both, 0, 0, pictures), slice(both, 0, pictures, 2 * pictures)]
  return add(away, multiply(subtract(towards, away), scale))
}
