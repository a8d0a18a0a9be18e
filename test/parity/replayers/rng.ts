import { z } from 'zod'
import { TorchGenerator } from '../../../app/tensor/random.ts'
import { seedSchema } from '../goldens.ts'
import { list, type Output, type Replayer, unknownParameters } from './replayer.ts'

const shape = z.array(z.int())
const operation = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('randn'),
    shape,
    dtype: z.enum(['float32', 'float64', 'float16', 'bfloat16']).default('float32'),
  }),
  z.object({ op: z.literal('rand'), shape, dtype: z.enum(['float32', 'float64']).default('float32') }),
  z.object({ op: z.literal('randint'), low: z.int(), high: z.int(), shape }),
  z.object({ op: z.literal('randperm'), n: z.int() }),
  z.object({ op: z.literal('normal'), mean: z.number(), std: z.number(), shape }),
  z.object({ op: z.literal('uniform'), low: z.number(), high: z.number(), shape }),
  z.object({ op: z.literal('bernoulli'), p: z.number(), shape }),
  z.object({ op: z.literal('exponential'), shape }),
  z.object({
    op: z.literal('multinomial'),
    probs: z.array(z.number()),
    n: z.int(),
    replacement: z.literal(true),
  }),
])
type Operation = z.output<typeof operation>

const parameters = z.object({
  seed: seedSchema,
  ops: z.array(operation),
  global_generator: z.boolean().default(false), // the same stream as a generator of one's own
})

/** Operations in order on one generator; the result of the i-th is `<ii>_<op>`. */
export const replayRng: Replayer = ({ params }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { seed, ops } = parsed.data
  const generator = new TorchGenerator(seed)
  const named = ops.map((each, i) => ({ ...each, name: `${String(i).padStart(2, '0')}_${each.op}` }))
  const outputs = Object.fromEntries(named.map(each => [each.name, draw(generator, each)]))
  const exact = named.filter(({ op }) => !['randn', 'normal', 'exponential'].includes(op)).map(({ name }) => name)
  return { outputs, exact }
}

function draw(generator: TorchGenerator, operation: Operation): Output {
  switch (operation.op) {
    case 'randn':
      return generator.normal(operation.shape, { type: operation.dtype })
    case 'rand':
      return generator.uniform(operation.shape, { type: operation.dtype })
    case 'randint':
      return {
        shape: operation.shape,
        data: generator.integers(operation.shape, operation.low, operation.high),
      }
    case 'randperm':
      return list(generator.permutation(operation.n))
    case 'normal':
      return generator.normal(operation.shape, { mean: operation.mean, deviation: operation.std })
    case 'uniform':
      return generator.uniform(operation.shape, operation)
    case 'bernoulli':
      return generator.bernoulli(operation.shape, operation.p)
    case 'exponential':
      return generator.exponential(operation.shape)
    case 'multinomial':
      return list(generator.categories(operation.probs, operation.n))
  }
}
