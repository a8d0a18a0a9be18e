import type { Value } from '../graph/graph.ts'
import { mean, multiply, reshape, softplus, subtract } from '../graph/ops/index.ts'
import { type ClipSegConfig, type ClipSegSizes, clipSeg } from '../models/clip-seg.ts'
import type { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { openTrainable, type Trainable } from '../runtime/trainable.ts'
import type { TorchGenerator } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { TrainingTask } from './loop.ts'

/** Pictures, what is asked of each, and where that is. */
export interface MaskBatch {
  /** [batch, 3, side, side], prepared as the network's folder says. */
  readonly pixels: Tensor
  /** What the words say. [batch, projection_dim] */
  readonly conditions: Tensor
  /** 1 where it is, 0 where not. [batch, side', side'] as the network answers */
  readonly masks: Tensor
}

/** A task of the training loop: a CLIPSeg learns where in pictures things are (Lüddecke & Ecker 2022, arXiv:2112.10003, section 3: binary
 *  cross-entropy); its text encoder stays as it is. @param examples makes a batch, from `random` alone */
export function maskTask(options: {
  readonly runtime: Runtime
  readonly network: Network<ClipSegConfig, ClipSegSizes>
  readonly sizes: ClipSegSizes
  readonly examples: (random: TorchGenerator) => MaskBatch | Promise<MaskBatch>
}): TrainingTask & { readonly trainable: Trainable } {
  const { runtime, network, sizes, examples } = options
  const trainable = openTrainable(runtime, training => {
    const { logits } = training.part({ network, graph: 'mask', sizes, trained: { parameters: () => true } })
    const masks = training.input('masks', 'float32', logits.shape)
    return { loss: crossEntropy(logits, masks) }
  })
  const stored = (name: string) => trainable.stored(name) ?? new Float32Array()
  const parameters = new Map(trainable.parameters.keys().map(name => [name, stored(name)]))
  return {
    ...{ trainable, parameters, shapes: trainable.parameters },
    async compute(_, random) {
      const { pixels, conditions, masks } = await examples(random)
      const feeds = { pixel_values: pixels, conditional_embeddings: conditions, masks }
      return trainable.run(feeds, parameters)
    },
  }
}

/** The mean over all places of -log p(mask) (torch's binary_cross_entropy_with_logits). Shapes are equal. */
const crossEntropy = (logits: Value, masks: Value): Value =>
  mean(reshape(subtract(softplus(logits), multiply(logits, masks)), [logits.shape.reduce((a, b) => a * b)]))

/** The class that a folder with such a network names. */
export const maskNetworkClass = clipSeg.className
