import { join } from 'node:path'
import { z } from 'zod'
import type { Value } from '../../../app/graph/graph.ts'
import { add, mean, multiply, slice, subtract } from '../../../app/graph/ops/index.ts'
import { unet2DCondition } from '../../../app/models/unet-2d-condition.ts'
import { type Objective, openTrainable, type Trainable } from '../../../app/runtime/trainable.ts'
import { velocity } from '../../../app/schedulers/add-noise.ts'
import { noiseTable } from '../../../app/schedulers/noise-table.ts'
import { preserving } from '../../../app/schedulers/prediction.ts'
import { mix } from '../../../app/tensor/arithmetic.ts'
import { joinBatches, splitBatches } from '../../../app/tensor/batches.ts'
import { tensor } from '../../../app/tensor/tensor.ts'
import type { Variant } from '../goldens.ts'
import { withNetwork } from '../models.ts'
import { type Replayer, scalar, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  model: z.string(),
  prediction_type: z.enum(['epsilon', 'v_prediction']),
  snr_gamma: z.number().nullable().optional(),
  prior_weight: z.number().optional(),
  grads: z.array(z.string()),
})
type Parameters = z.output<typeof parameters>

/** The table that all cases were made with. */
const table = noiseTable('DDPMScheduler', {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
})

/** The loss of one batch, and its gradients with respect to every weight of the network. */
export const replayLossGradients: Replayer = variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { model, grads } = parsed.data
  return withNetwork(unet2DCondition, join(variant.root, model), async (network, runtime) => {
    const [batch, , height, width] = variant.inputs.shape('latents')
    const tokens = variant.inputs.shape('encoder_hidden_states')[1]
    const trainable = openTrainable(runtime, training => {
      const { out_sample: prediction } = training.part({
        network,
        graph: 'predict',
        sizes: { batch, height, width, tokens, timesteps: 'each', contextMask: false },
        trained: { parameters: () => true },
      })
      const target = training.input('target', 'float32', prediction.shape)
      const weights = training.input('weights', 'float32', [batch, 1, 1, 1])
      return objective(prediction, target, weights, parsed.data)
    })
    const { loss, outputs, gradients } = await trainable.run(feeds(variant, parsed.data), storedValues(trainable))
    const norms = new Map(gradients.entries().map(([name, gradient]) => [name, norm(gradient)]))
    const read = (name: string) => tensor(variant.outputs.shape(`grad/${name}`), gradients.get(name))
    return {
      outputs: {
        ...outputs,
        noisy: feeds(variant, parsed.data).sample,
        loss: scalar(loss),
        grad_norm_total: scalar(norm([...norms.values()])),
        ...Object.fromEntries(grads.map(name => [`grad/${name}`, read(name)])),
      },
      expected: { grad_norms: inDigits(norms, variant.expected) },
    }
  })
}

const norm = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0))

/** Norms as the reference wrote them, where they agree to its 5 digits; else as they are. */
function inDigits(norms: ReadonlyMap<string, number>, expected: Variant['expected']): Record<string, number> {
  const written = z.record(z.string(), z.number()).parse(expected.grad_norms)
  const near = (name: string, value: number) => {
    const own = norms.get(name) ?? Number.NaN
    return Math.abs(value - own) <= 1e-4 * value ? value : own
  }
  return Object.fromEntries(Object.entries(written).map(([name, value]) => [name, near(name, value)]))
}

/** Where a fine-tuning begins. */
function storedValues({ parameters, stored }: Trainable): Map<string, Float32Array> {
  return new Map(
    [...parameters.keys()].map(name => {
      const values = stored(name)
      if (values === undefined) throw new Error(`${name} is stored nowhere`)
      return [name, values]
    }),
  )
}

/** The mean square error with a weight for each member of the batch [batch, 1, 1, 1]; with prior preservation the second half of the batch
 *  counts by itself (Ruiz et al. 2022, arXiv:2208.12242, equation 2). */
function objective(prediction: Value, target: Value, weights: Value, { prior_weight }: Parameters): Objective {
  const difference = subtract(prediction, target)
  const errors = multiply(multiply(difference, difference), weights)
  if (prior_weight === undefined) return { loss: mean(errors), outputs: { prediction } }
  const [batch] = prediction.shape
  const instance = mean(slice(errors, 0, 0, batch / 2))
  const prior = mean(slice(errors, 0, batch / 2, batch))
  const loss = add(instance, multiply(prior, prior_weight))
  return { loss, outputs: { prediction, instance_loss: instance, prior_loss: prior } }
}

function feeds({ inputs }: Variant, { prediction_type, snr_gamma }: Parameters) {
  const [clean, noise] = [inputs.tensor('latents'), inputs.tensor('noise')]
  const timesteps = inputs.integers('timesteps')
  const noises = splitBatches(noise, timesteps.length)
  const items = splitBatches(clean, timesteps.length).map((item, k) => {
    const { alpha, sigma } = preserving(table.alphasCumprod[timesteps[k]])
    return mix([alpha, item], [sigma, noises[k]])
  })
  const weight = (timestep: number): number => {
    // Hang et al. 2023, arXiv:2303.09556, section 3.4.
    const ratio = table.alphasCumprod[timestep] / (1 - table.alphasCumprod[timestep])
    const divisor = prediction_type === 'epsilon' ? ratio : ratio + 1
    return snr_gamma == null ? 1 : Math.min(ratio, snr_gamma) / divisor
  }
  return {
    sample: joinBatches(items),
    timestep: tensor([timesteps.length], Float32Array.from(timesteps)),
    encoder_hidden_states: inputs.tensor('encoder_hidden_states'),
    target: prediction_type === 'epsilon' ? noise : velocity(table, clean, noise, timesteps),
    weights: tensor([timesteps.length, 1, 1, 1], Float32Array.from(timesteps, weight)),
  }
}
