import { z } from 'zod'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { clip } from '../../../app/training/gradients.ts'
import { learningRateAt, learningRateSchedule } from '../../../app/training/learning-rate.ts'
import { moveAverage } from '../../../app/training/moving-average.ts'
import { createOptimiser } from '../../../app/training/optimisers/index.ts'
import { newState } from '../../../app/training/optimisers/optimiser.ts'
import type { Variant } from '../goldens.ts'
import { list, type Replayer, scalar, stack, unknownParameters } from './replayer.ts'
import { row } from './rows.ts'

const betas = z.tuple([z.number(), z.number()]).optional()
const number = z.number().optional()
const flag = z.boolean().optional()
const sgd = z.strictObject({ momentum: number, nesterov: flag, weightDecay: number })
const adam = z.strictObject({ betas, epsilon: number, weightDecay: number })
const adafactor = z.strictObject({
  isRelative: flag,
  scalesParameter: flag,
  warmsUp: flag,
  beta1: number,
  weightDecay: number,
})
const prodigy = z.strictObject({
  weightDecay: number,
  correctsBias: flag,
  safeguardsWarmUp: flag,
  coefficient: number,
  growthRate: number,
})
const rate = { learning_rate: z.number() }
const optimiserParameters = z.discriminatedUnion('optimiser', [
  z.strictObject({ optimiser: z.literal('SGD'), options: sgd, ...rate }),
  z.strictObject({ optimiser: z.enum(['Adam', 'AdamW', 'AdamW8bit']), options: adam, ...rate }),
  z.strictObject({ optimiser: z.literal('Adafactor'), options: adafactor, ...rate }),
  z.strictObject({ optimiser: z.literal('Prodigy'), options: prodigy, ...rate }),
])

/** Parameters under given gradients: after the first, the second and the last step. */
export const replayOptimiser: Replayer = variant => {
  const parsed = optimiserParameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { optimiser: name, options, learning_rate } = parsed.data
  const { inputs } = variant
  const names = inputs.names.filter(each => each.startsWith('start/')).map(each => each.slice('start/'.length))
  const start = names.map(each => [each, inputs.tensor(`start/${each}`)] as const)
  const parameters = new Map(start.map(([each, { data }]) => [each, data]))
  const shapes = new Map(start.map(([each, { shape }]) => [each, shape]))
  const step = createOptimiser({ name, options } as Parameters<typeof createOptimiser>[0], shapes)
  const state = newState()
  const steps = inputs.shape(`gradients/${names[0]}`)[0]
  const history = new Map(names.map(each => [each, [] as Tensor[]]))
  for (let k = 0; k < steps; k++) {
    const gradients = new Map(names.map(each => [each, row(inputs.tensor(`gradients/${each}`), k).data]))
    step(state, parameters, gradients, learning_rate)
    if (k > 1 && k < steps - 1) continue
    for (const [each, data] of parameters) history.get(each)?.push(tensor(shapes.get(each) ?? [], data.slice()))
  }
  return { outputs: Object.fromEntries(history.entries().map(([each, tensors]) => [each, stack(tensors)])) }
}

const rateParameters = z.strictObject({
  schedule: learningRateSchedule,
  rate: z.number(),
  steps: z.int(),
  ...{ warmUp: number, cycles: number, power: number },
})

/** The learning rate of each step. */
export const replayLearningRate: Replayer = variant => {
  const parsed = rateParameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { data } = parsed
  const rates = Array.from({ length: data.steps }, (_, step) => learningRateAt(step, data))
  return { outputs: { rates: list(rates.map(Math.fround)) } }
}

const averageParameters = z.strictObject({
  decay: number,
  minimum: number,
  after: number,
  warmUp: z.strictObject({ inverseGamma: number, power: number }).optional(),
})

/** A moving average of given weights. */
export const replayMovingAverage: Replayer = variant => {
  const parsed = averageParameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const history = variant.inputs.tensor('history')
  const average = new Map([['w', row(history, 0).data]])
  const shares: number[] = []
  const averages: Tensor[] = []
  for (let step = 1; step < history.shape[0]; step++) {
    shares.push(moveAverage(average, new Map([['w', row(history, step).data]]), step, parsed.data))
    averages.push(...average.values().map(data => tensor([data.length], data.slice())))
  }
  return { outputs: { decays: list(shares), average: stack(averages) } }
}

/** Gradients shortened together. */
export const replayClipping: Replayer = ({ params, inputs }: Variant) => {
  const parsed = z.strictObject({ longest: z.number() }).safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const gradients = new Map(inputs.names.map(name => [name, inputs.tensor(name).data]))
  const norm = clip(gradients, parsed.data.longest)
  const clipped = gradients.entries().map(([name, data]) => [name, tensor(inputs.shape(name), data)] as const)
  return { outputs: { norm: scalar(norm), ...Object.fromEntries(clipped) } }
}
