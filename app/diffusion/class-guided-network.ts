import { Problem } from '../problem.ts'
import type { ModelOfClasses } from '../runtime/class-model.ts'
import { joinBatches, splitBatches } from '../tensor/batches.ts'
import type { Shape } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'
import { pulled } from './guidance.ts'

/** The network of a model of classes under classifier-free guidance: away from the prediction for none of the classes. As in the
 *  reference, a scale of 1 or less computes the class alone. @param latents their shape  @param labels a class for each
 *  @throws Problem CLASS_GUIDANCE where the model knows no picture without a class */
export async function classGuidedNetwork(
  model: ModelOfClasses,
  latents: Shape,
  labels: readonly number[],
  scale: number,
): Promise<Predict> {
  if (scale <= 1) {
    const network = await model.predictor(latents)
    return (input, timestep) => network(input, timestep, labels)
  }
  const { noClass } = model
  if (noClass === undefined) {
    throw new Problem(
      'CLASS_GUIDANCE',
      `${model.description.name} was never trained without a class, so it cannot be guided.`,
      {
        hint: 'Set the guidance to 1.',
        details: { field: 'guidance' },
      },
    )
  }
  const network = await model.predictor(latents.with(0, 2 * latents[0]))
  const both = [...labels.map(() => noClass), ...labels]
  return async (input, timestep) => {
    const predictions = await network(joinBatches([input, input]), timestep, both)
    const [none, named] = splitBatches(predictions, 2)
    return pulled(none, named, scale)
  }
}
