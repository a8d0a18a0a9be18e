import { join } from 'node:path'
import { z } from 'zod'
import { denoise } from '../../../app/diffusion/denoise.ts'
import { FollowedShape, toldObjects } from '../../../app/diffusion/followed-shape.ts'
import { guidedNetwork } from '../../../app/diffusion/guided-network.ts'
import { reshape, sigmoid } from '../../../app/graph/ops/index.ts'
import { targets } from '../../../app/graph/targets.ts'
import { unet2DCondition } from '../../../app/models/unet-2d-condition.ts'
import { Runtime } from '../../../app/runtime/runtime.ts'
import { openTrainable } from '../../../app/runtime/trainable.ts'
import { UNetDenoiser } from '../../../app/runtime/unet-denoiser.ts'
import { createSchedule } from '../../../app/schedulers/index.ts'
import { mix } from '../../../app/tensor/arithmetic.ts'
import { splitBatches } from '../../../app/tensor/batches.ts'
import { coarseMask } from '../../../app/tensor/coarse-mask.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { fedShapes, shapedLoss } from '../../../app/training/smart-brush.ts'
import { openDiffusersFolder } from '../../../app/weights/diffusers-folder.ts'
import { withModelFolder } from '../models.ts'
import { type Replayer, scalar, stack } from './replayer.ts'

/** Masks of each precision. */
export const replayCoarseMask: Replayer = ({ params, inputs }) => {
  const { last } = z.strictObject({ last: z.int() }).parse(params)
  const levels = Array.from({ length: last + 1 }, (_, level) => coarseMask(inputs.tensor('mask'), level, last))
  return { outputs: Object.fromEntries(levels.map((mask, level) => [level, mask])) }
}

/** The loss of a SmartBrush and its gradients, for answers that are given. */
export const replayShapedLoss: Replayer = async ({ params, inputs }) => {
  const { mask_weight: maskWeight } = z.strictObject({ mask_weight: z.number() }).parse(params)
  const [prediction, logits, target] = ['prediction', 'logits', 'target'].map(name => inputs.tensor(name))
  const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 30 })
  const trainable = openTrainable(runtime, training => {
    const out_sample = training.parameter('prediction', prediction.shape)
    const found = sigmoid(training.parameter('logits', [logits.data.length]))
    return shapedLoss(training, { out_sample, object_mask: reshape(found, logits.shape) }, maskWeight)
  })
  const [batch] = target.shape
  const each = (value: Tensor) => splitBatches(value, batch)
  const counts = inputs.tensor('object_weight').data
  const [masks, objects, wanted] = [inputs.tensor('mask'), inputs.tensor('object'), target].map(each)
  const shapes = masks.map((mask, k) => ({
    ...{ mask, level: 0, object: counts[k] > 0 ? objects[k] : undefined },
    question: { sample: mask, timestep: 0, target: wanted[k], weight: 1 },
  }))
  const { class_labels: _, ...fed } = fedShapes(shapes)
  const values = new Map([
    ['prediction', prediction.data],
    ['logits', logits.data],
  ])
  const { loss, outputs, gradients } = await trainable.run({ ...fed, target }, values)
  await trainable.release()
  return {
    outputs: {
      loss: scalar(loss),
      dice: outputs.dice,
      grad_prediction: tensor(prediction.shape, gradients.get('prediction')),
      grad_logits: tensor(logits.shape, gradients.get('logits')),
    },
  }
}

const steps = z.strictObject({
  model: z.string(),
  scheduler: z.string(),
  config: z.record(z.string(), z.unknown()),
  steps: z.int(),
  guidance: z.number(),
  level: z.int(),
})

/** A thing drawn into a mask: latents and the predicted mask after each step. */
export const replayShapedSteps: Replayer = ({ params, inputs, root }) => {
  const { model, scheduler, config, steps: count, guidance: scale, level } = steps.parse(params)
  const folder = join(root, model)
  return withModelFolder({ unet: { folder, className: unet2DCondition.className } }, async (path, runtime) => {
    const component = openDiffusersFolder(path).component('unet')
    const denoiser = new UNetDenoiser(runtime, component, { imagePrompts: [] }, undefined)
    const [clean, noise, mask] = ['clean', 'noise', 'painted'].map(name => inputs.tensor(name))
    const schedule = createSchedule(scheduler, config, count)
    const shape = new FollowedShape({ schedule, mask, clean, noise, level })
    const told = shape.told({
      positive: { encoder_hidden_states: inputs.tensor('positive') },
      negative: { encoder_hidden_states: inputs.tensor('negative') },
    })
    const { predictor } = toldObjects({ predictor: denoiser.predictor.bind(denoiser), runtime }, shape.onObjectMask)
    const scales = { scale, trueScale: 1, rescale: 0 }
    const network = await guidedNetwork({ guidance: undefined, predictor }, clean.shape, told, scales, shape.beside)
    const passed: Tensor[] = []
    const masks: Tensor[] = []
    const after = (latents: Tensor, call: number): Tensor => {
      const kept = shape.after(latents, call)
      passed.push(kept)
      masks.push(shape.objects)
      return kept
    }
    const run = denoise({
      ...{ schedule, latents: mix([schedule.initialNoiseScale, noise]), noise: () => noise },
      ...{ predict: shape.around(network(told)), after, signal: new AbortController().signal },
    })
    for (let next = await run.next(); !next.done; next = await run.next());
    return { outputs: { latents: stack(passed), masks: stack(masks) } }
  })
}
