import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { clipText } from '../../../app/models/clip-text.ts'
import { unet2D } from '../../../app/models/unet-2d.ts'
import { unet2DCondition } from '../../../app/models/unet-2d-condition.ts'
import { Network } from '../../../app/runtime/network.ts'
import type { Feeds } from '../../../app/runtime/session.ts'
import { openTrainable, type Trainable } from '../../../app/runtime/trainable.ts'
import { noiseTable } from '../../../app/schedulers/noise-table.ts'
import { sizeOf, type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { type TrainingPlan, type TrainingStep, type TrainingTask, train } from '../../../app/training/loop.ts'
import { keptShare } from '../../../app/training/moving-average.ts'
import { discreteNoising, type Noising } from '../../../app/training/noising.ts'
import type { Numbers } from '../../../app/training/numbers.ts'
import { fedQuestions, weightedError } from '../../../app/training/weighted-error.ts'
import { openDiffusersFolder } from '../../../app/weights/diffusers-folder.ts'
import type { Variant } from '../goldens.ts'
import { withModelFolder, withNetwork } from '../models.ts'
import { list, type Output, type Replayer, unknownParameters } from './replayer.ts'
import { row } from './rows.ts'

/** Stable Diffusion's table, and that of a DDPMScheduler of which nothing is said. */
export const latentTable = noiseTable('DDPMScheduler', {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
})
const pixelTable = noiseTable('DDPMScheduler', {
  num_train_timesteps: 1000,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: 'linear',
})

/** What all trainings of cases are run with. */
export const settings = {
  steps: z.int(),
  lr: z.number(),
  weight_decay: z.number().default(1e-6),
  max_grad_norm: z.number().optional(),
}
const loraParameters = z.strictObject({
  ...{ ...settings, model: z.string(), rank: z.int(), alpha: z.number() },
  prediction_type: z.enum(['epsilon', 'v_prediction', 'sample']),
  snr_gamma: z.number().optional(),
  targets: z.array(z.string()).default(['to_q', 'to_k', 'to_v', 'to_out.0']),
})

/** Steps of AdamW on low-rank factors; the numbers of peft's own run are the first losses. */
export const replayLoraTraining: Replayer = variant => {
  const parsed = loraParameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { model, rank, alpha, prediction_type, snr_gamma, ...plan } = parsed.data
  return withNetwork(unet2DCondition, join(variant.root, model), async (network, runtime) => {
    const { inputs } = variant
    const init = inputs.names.filter(name => name.startsWith('init/')).map(name => name.slice('init/'.length))
    const layers = new Set(init.map(name => name.replace(/\.lora_[AB]$/, '')))
    const [, batch, , height, width] = inputs.shape('latents')
    const tokens = inputs.shape('encoder_hidden_states')[2]
    const trainable = openTrainable(runtime, training => {
      const { out_sample } = training.part({
        ...{ network, graph: 'predict' },
        sizes: { batch, height, width, tokens, timesteps: 'each', contextMask: false },
        trained: { factors: new Map([...layers].map(layer => [layer, { rank, scale: alpha / rank }])) },
      })
      return { loss: weightedError(training, out_sample) }
    })
    const weighting = snr_gamma === undefined ? { kind: 'none' } : { kind: 'min-snr', gamma: snr_gamma }
    const noising = discreteNoising(latentTable, prediction_type, weighting as Parameters<typeof discreteNoising>[2])
    const words = inputs.tensor('encoder_hidden_states')
    const start = new Map(init.map(name => [`${name}.weight`, inputs.tensor(`init/${name}`).data]))
    const task = taskOf(variant, trainable, start, noising, 'latents', step => ({
      encoder_hidden_states: row(words, step),
    }))
    const { losses, norms, result } = await runSteps(task, plan)
    const final = init.map(name => [
      `final/${name}`,
      tensor(inputs.shape(`init/${name}`), result.get(`${name}.weight`)),
    ])
    return {
      outputs: {
        ...{ losses: list(losses), losses_first3: list(losses.slice(0, 3)), grad_norms: list(norms) },
        ...Object.fromEntries(final),
      },
    }
  })
}

/** A task whose batches, noises and timesteps are given step by step. */
export function taskOf(
  { inputs }: Variant,
  trainable: Pick<Trainable, 'parameters' | 'run'>,
  parameters: Numbers,
  noising: Noising,
  clean: string,
  more: (step: number) => Feeds | Promise<Feeds> = () => ({}),
) {
  const [all, noise] = [inputs.tensor(clean), inputs.tensor('noise')]
  const timesteps = inputs.integers('timesteps')
  const batch = all.shape[1]
  const item = (of: Tensor, step: number, k: number) => {
    const { shape, data } = row(row(of, step), k)
    return tensor([1, ...shape], data)
  }
  return {
    parameters,
    shapes: trainable.parameters,
    async compute(step: number) {
      const questions = Array.from({ length: batch }, (_, k) =>
        noising.ask(item(all, step, k), item(noise, step, k), timesteps[step * batch + k]),
      )
      return trainable.run({ ...fedQuestions(questions), ...(await more(step)) }, parameters)
    },
  }
}

/** Goes through the loop in a folder that is thrown away. @param seen is called after each step */
export async function runSteps(
  task: TrainingTask,
  { steps, lr, weight_decay, max_grad_norm }: z.output<z.ZodObject<typeof settings>>,
  plan: Partial<TrainingPlan> = {},
  seen: (step: TrainingStep) => void = () => {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-parity-run-'))
  try {
    const loop = train({
      task,
      plan: {
        ...{ steps, seed: 0n, accumulation: 1, learningRate: { schedule: 'constant', rate: lr } },
        optimiser: { name: 'AdamW', options: { weightDecay: weight_decay } },
        ...(max_grad_norm !== undefined && { longestGradient: max_grad_norm }),
        ...plan,
      },
      habits: { folder, identity: 'parity', saveEvery: steps, keep: 1 },
      signal: new AbortController().signal,
    })
    const [losses, norms]: [number[], number[]] = [[], []]
    for (;;) {
      const next = await loop.next()
      if (next.done) return { losses, norms, result: next.value }
      losses.push(next.value.loss)
      norms.push(next.value.gradientNorm)
      seen(next.value)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const wholeParameters = z.strictObject({ ...settings, model: z.string(), weights: z.array(z.string()) })

/** Full fine-tuning of a network without words, with a moving average. */
export const replayUnconditionalTraining: Replayer = variant => {
  const parsed = wholeParameters.safeParse({ max_grad_norm: 1, ...variant.params })
  if (!parsed.success) return unknownParameters(parsed.error)
  const { model, weights, ...plan } = parsed.data
  return withNetwork(unet2D, join(variant.root, model), async (network, runtime) => {
    const [, batch, , height, width] = variant.inputs.shape('images')
    const trainable = openTrainable(runtime, training => {
      const sizes = { batch, height, width, timesteps: 'each' } as const
      const { out_sample } = training.part({ network, graph: 'predict', sizes, trained: { parameters: () => true } })
      return { loss: weightedError(training, out_sample) }
    })
    const start = new Map(trainable.parameters.keys().map(name => [name, trainable.stored(name) ?? new Float32Array()]))
    const task = taskOf(variant, trainable, start, discreteNoising(pixelTable, 'epsilon'), 'images')
    const average = { decay: 0.9999, warmUp: { inverseGamma: 1, power: 0.75 } }
    const { losses, norms, result } = await runSteps(task, plan, {
      optimiser: { name: 'AdamW', options: { betas: [0.95, 0.999], weightDecay: plan.weight_decay } },
      average,
    })
    const shown = (name: string, numbers: Numbers) => tensor(trainable.parameters.get(name) ?? [], numbers.get(name))
    return {
      outputs: {
        ...{ losses: list(losses), grad_norms: list(norms) },
        ema_decays: list(losses.map((_, k) => Math.fround(keptShare(k + 1, average)))),
        ...Object.fromEntries(weights.map(name => [`weight/${name}`, shown(name, start)])),
        ...Object.fromEntries(weights.map(name => [`ema/${name}`, shown(name, result)])),
      },
    }
  })
}

const inversionParameters = z.strictObject({ ...settings, model: z.string().default('models/sd1') })

/** A new word of a text encoder, trained through encoder and UNet. */
export const replayInversionTraining: Replayer = variant => {
  const parsed = inversionParameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { model, ...plan } = parsed.data
  const { inputs } = variant
  const part = (name: string) => ({ folder: join(variant.root, model, name) })
  return withModelFolder({ unet: part('unet'), text_encoder: part('text_encoder') }, async (path, runtime) => {
    const folder = openDiffusersFolder(path)
    const unet = new Network(runtime, unet2DCondition, folder.component('unet'))
    const words = new Network(runtime, clipText, folder.component('text_encoder'))
    const [, batch, , height, width] = inputs.shape('latents')
    const [, tokens] = inputs.shape('input_ids')
    const vectors = inputs.tensor('new_embedding')
    const wide = vectors.shape.at(-1) ?? 0
    const rows = sizeOf(vectors.shape) / wide
    const first = words.config.vocab_size
    const trainable = openTrainable(runtime, training => {
      const { last_hidden_state } = training.part({
        ...{ network: words, graph: 'encode', sizes: { batch, tokens, mask: false, skip: 0 } },
        trained: { rows: { key: 'embeddings.token_embedding.weight', first, rows, width: wide } },
      })
      const { out_sample } = training.part({
        ...{ network: unet, graph: 'predict', inputs: { encoder_hidden_states: last_hidden_state } },
        sizes: { batch, height, width, tokens, timesteps: 'each', contextMask: false },
      })
      return { loss: weightedError(training, out_sample) }
    })
    const ids = inputs.integers('input_ids').map(id => (id < 0 ? first - id - 1 : id))
    const start = new Map([['learned_rows', vectors.data]])
    const task = taskOf(variant, trainable, start, discreteNoising(latentTable, 'epsilon'), 'latents', () => ({
      input_ids: { shape: [batch, tokens], integers: ids },
    }))
    const history: number[] = []
    const { losses } = await runSteps(task, plan, {}, () => history.push(...vectors.data))
    const perStep: Output = { shape: [losses.length, ...vectors.shape], data: history }
    return { outputs: { losses: list(losses), embedding_per_step: perStep } }
  })
}
