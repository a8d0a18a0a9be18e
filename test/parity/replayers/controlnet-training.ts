import { join } from 'node:path'
import { z } from 'zod'
import { type ControlNetConfig, type ControlNetSizes, controlNet } from '../../../app/models/controlnet.ts'
import { unet2DCondition } from '../../../app/models/unet-2d-condition.ts'
import { Network } from '../../../app/runtime/network.ts'
import { openTrainable } from '../../../app/runtime/trainable.ts'
import { tensor } from '../../../app/tensor/tensor.ts'
import { copiedControlNet, firstControlWeights } from '../../../app/training/new-control-net.ts'
import { discreteNoising } from '../../../app/training/noising.ts'
import { CONTROL, controlPart, fedControlPart } from '../../../app/training/trained-control.ts'
import { weightedError } from '../../../app/training/weighted-error.ts'
import { openComponent } from '../../../app/weights/diffusers-folder.ts'
import { withNetwork } from '../models.ts'
import { list, type Replayer, unknownParameters } from './replayer.ts'
import { row } from './rows.ts'
import { latentTable, runSteps, settings, taskOf } from './training.ts'

const parameters = z.strictObject({
  ...settings,
  unet: z.string(),
  /** Absent: it is copied from the UNet. */
  controlnet: z.string().optional(),
  prediction_type: z.enum(['epsilon', 'v_prediction']),
  seed: z.int(),
  grads: z.array(z.string()),
  finals: z.array(z.string()),
})

/** Pixels of control pictures for each latent, in all cases. */
const STRIDE = 8

/** Steps of AdamW on a ControlNet beside a frozen UNet: the losses, the first gradients, and what comes of it. */
export const replayControlNetTraining: Replayer = variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { unet: folder, controlnet, prediction_type, seed, grads, finals, ...plan } = parsed.data
  return withNetwork(unet2DCondition, join(variant.root, folder), async (unet, runtime) => {
    const { inputs } = variant
    const opened = (name: string, path: string) => openComponent(name, controlNet.className, join(variant.root, path))
    const component =
      controlnet === undefined ? copiedControlNet(opened('unet', folder), STRIDE) : opened('c', controlnet)
    const network = new Network<ControlNetConfig, ControlNetSizes>(runtime, controlNet, component)
    const control = { network, isNew: controlnet === undefined, picture: () => Promise.reject(new Error('not read')) }
    const [, batch, , height, width] = inputs.shape('latents')
    const tokens = inputs.shape('encoder_hidden_states')[2]
    const isTold = inputs.has('time_ids')
    const trainable = openTrainable(runtime, training => {
      const sizes = { batch, height, width, tokens, timesteps: 'each', contextMask: false } as const
      const told = { ...sizes, ...(isTold && { timeIds: inputs.shape('time_ids')[2] }) }
      const beside = controlPart(training, control, told)
      const { out_sample } = training.part({
        ...{ network: unet, graph: 'predict', inputs: beside.inputs },
        sizes: { ...told, control: beside.control },
      })
      return { loss: weightedError(training, out_sample) }
    })
    const start = firstControlWeights(trainable, CONTROL, BigInt(seed))
    const words = ['encoder_hidden_states', ...(isTold ? ['text_embeds', 'time_ids'] : [])]
    const fed = (step: number) => Object.fromEntries(words.map(name => [name, row(inputs.tensor(name), step)]))
    const asked = {
      ...trainable,
      run: (feeds: Parameters<typeof trainable.run>[0], values: Parameters<typeof trainable.run>[1]) => {
        const { cond, ...plain } = feeds
        if (cond === undefined || !('data' in cond)) throw new Error('no control picture')
        return trainable.run({ ...plain, ...fedControlPart(control, plain, [cond]) }, values)
      },
    }
    const noising = discreteNoising(latentTable, prediction_type)
    const task = taskOf(variant, asked, start, noising, 'latents', step => ({
      ...fed(step),
      cond: row(inputs.tensor('cond'), step),
    }))
    const { gradients } = await task.compute(0)
    const first = new Map(grads.map(key => [key, gradients.get(CONTROL + key)?.slice()]))
    const { losses, norms, result } = await runSteps(task, plan)
    const shapeOf = (key: string) => trainable.parameters.get(CONTROL + key) ?? []
    return {
      outputs: {
        ...{ losses: list(losses), grad_norms: list(norms) },
        ...Object.fromEntries(grads.map(key => [`grad/${key}`, tensor(shapeOf(key), first.get(key))])),
        ...Object.fromEntries(finals.map(key => [`final/${key}`, tensor(shapeOf(key), result.get(CONTROL + key))])),
      },
    }
  })
}
