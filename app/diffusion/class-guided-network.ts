import type { ClassModel } from '../runtime/class-model.ts'
import { joinBatches, splitBatches } from '../tensor/batches.ts'
import type { Shape } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'
import { pulled } from './guidance.ts'

/** The network of a model of classes under classifier-free guidance: away from the prediction for none of the classes. As in the
 *  reference, a scale of 1 or less computes the class alone. @param latents their shape  @param labels a class for each */
export async function classGuidedNetwork(
  model: ClassModel,
  latents: Shape,
  labels: readonly number[],
  scale: number,
): Promise<Predict> {
  if (scale <= 1) {
    const network = await model.predictor(latents)
    return (input, timestep) => network(input, timestep, labels)
  }
  const network = await model.predictor(latents.with(0, 2 * latents[0]))
  const both = [...labels.map(() => model.classes), ...labels]
  return async (input, timestep) => {
    const predictions = await network(joinBatches([input, input]), timestep, both)
    const [none, named] = splitBatches(predictions, 2)
    return pulled(none, named, scale)
  }
}
