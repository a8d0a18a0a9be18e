import { join } from 'node:path'
import { z } from 'zod'
import { targets } from '../../../app/graph/targets.ts'
import { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import { Runtime } from '../../../app/runtime/runtime.ts'
import { openTrainable, type Training } from '../../../app/runtime/trainable.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { learningCaptions } from '../../../app/training/learning-captions.ts'
import { chosenLayers } from '../../../app/training/low-rank.ts'
import { discreteNoising } from '../../../app/training/noising.ts'
import type { Numbers } from '../../../app/training/numbers.ts'
import { plainUNet } from '../../../app/training/text-to-image-task.ts'
import { weightedError } from '../../../app/training/weighted-error.ts'
import { layersOf } from '../../../app/weights/lora.ts'
import { openModel } from '../../../app/weights/open-model.ts'
import type { Variant } from '../goldens.ts'
import { list, type Replayer, unknownParameters } from './replayer.ts'
import { latentTable, runSteps, settings, taskOf } from './training.ts'

const parameters = z.strictObject({
  ...settings,
  ...{ model: z.string(), rank: z.int(), alpha: z.number(), text_lr: z.number(), feed_forward: z.boolean() },
  captions: z.array(z.array(z.string())),
})

/** Steps of AdamW on low-rank factors of a UNet and of the text encoders that it is conditioned by, which learn at a rate of their own. */
export const replayTextLoraTraining: Replayer = async variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { text_lr, captions, ...plan } = parsed.data
  const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 31 })
  const { trainable, feed } = opened(variant, runtime, parsed.data)
  const numbers = new Map(
    trainable.parameters.keys().map(name => [name, variant.inputs.tensor(`init/${inFile(name)}`).data]),
  )
  const noising = discreteNoising(latentTable, 'epsilon')
  const task = taskOf(variant, trainable, numbers, noising, 'latents', step => feed(captions[step]))
  const shown = (what: string, values: Numbers): [string, Tensor][] =>
    [...values].map(([name, data]) => [`${what}/${inFile(name)}`, tensor(trainable.parameters.get(name) ?? [], data)])
  const first = await task.compute(0)
  const { losses, norms, result } = await runSteps(task, plan, { rateShares: { text_encoder: text_lr / plan.lr } })
  await runtime.release()
  return {
    outputs: {
      ...{ losses: list(losses), grad_norms: list(norms), first_states: first.outputs.states },
      ...Object.fromEntries([...shown('gradient', first.gradients), ...shown('final', result)]),
    },
  }
}

/** The reference's name of a parameter: the UNet has no prefix of its own in ours. */
const inFile = (name: string): string => (name.includes('/') ? name : `unet/${name}`).replace(/\.weight$/, '')

function opened({ root, inputs }: Variant, runtime: Runtime, chosen: z.output<typeof parameters>) {
  const path = join(root, chosen.model)
  const checkpoint = new Checkpoint(path, runtime)
  const choice = { rank: chosen.rank, alpha: chosen.alpha, convolutions: false }
  const words = learningCaptions(runtime, checkpoint, { ...choice, feedForward: chosen.feed_forward })
  const layers = layersOf(openModel(path).component('unet').weights)
  const trained = { factors: chosenLayers(layers, { ...choice, feedForward: false }) }
  const [, batch, , height, width] = inputs.shape('latents')
  const { tokens, timeIds } = words
  const sizes = {
    batch,
    height,
    width,
    tokens,
    timesteps: 'each',
    contextMask: false,
    ...(timeIds && { timeIds }),
  } as const
  const network = plainUNet(checkpoint, runtime)
  const trainable = openTrainable(runtime, (training: Training) => {
    const states = words.part?.(training, batch) ?? {}
    const { out_sample } = training.part({ network, graph: 'predict', sizes, inputs: states, trained })
    return { loss: weightedError(training, out_sample), outputs: { states: states.encoder_hidden_states } }
  })
  const { defaults } = checkpoint.description
  return { trainable, feed: (captions: readonly string[]) => words.feed(captions, defaults) }
}
