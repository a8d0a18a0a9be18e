import { expect, test } from 'vitest'
import type { ControlCall, ControlNetwork } from '../runtime/control-network.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { type Control, controlledPredictor } from './control.ts'

const filled = (shape: readonly number[], value: number): Tensor =>
  tensor(shape, new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value))

/** A ControlNet that answers with its weight, and remembers what it was asked. */
function fake(kind: ControlNetwork['kind'] = 'places') {
  const calls: ControlCall[] = []
  const shape = (sample: Tensor) => [sample.shape[0], 2, ...(kind === 'pooled' ? [1, 1] : sample.shape.slice(2))]
  const network: ControlNetwork = {
    ...{ kind, stride: 8, channels: 3 },
    async answer(call) {
      calls.push(call)
      return { mid: filled(shape(call.sample), call.weight) }
    },
    none: ({ sample }) => ({ mid: filled(shape(sample), 0) }),
  }
  return { network, calls }
}

const control = (network: ControlNetwork, changes: Partial<Control> = {}): Control => ({
  ...{ network, picture: filled([1, 3, 16, 16], 0.5), weight: 1, start: 0, end: 1 },
  ...changes,
})

/** What the UNet is given at each of some calls. */
async function given(controls: readonly Control[], options: { calls?: number; guessMode?: boolean; guided?: boolean }) {
  const { calls = 4, guessMode = false, guided = false } = options
  const seen: Tensor[] = []
  let asked: string | undefined
  const checkpoint = {
    predictor: async (_: unknown, __: number, ___: boolean, inputs?: { readonly control?: string }) => {
      asked = inputs?.control
      return async (sample: Tensor, _: number, conditioning: Readonly<Record<string, Tensor>>) => {
        if (conditioning.mid !== undefined) seen.push(conditioning.mid)
        return sample
      }
    },
  }
  const predict = await controlledPredictor(checkpoint, controls, { calls, guessMode })([1, 4, 2, 2], 3, guided)
  const batch = guided ? 2 : 1
  for (let k = 0; k < calls; k++) {
    await predict(filled([batch, 4, 2, 2], 1), 10, { encoder_hidden_states: filled([batch, 3, 5], 1) })
  }
  return { asked, values: seen.map(({ data }) => [...new Set(data)]), seen }
}

test('without controls the network is the plain one', async () => {
  const { asked, seen } = await given([], {})
  expect(asked).toBeUndefined()
  expect(seen).toEqual([])
})

test('answers of several are summed', async () => {
  const [one, two] = [fake(), fake()]
  const { values } = await given([control(one.network, { weight: 0.5 }), control(two.network, { weight: 2 })], {})
  expect(values).toEqual([[2.5], [2.5], [2.5], [2.5]])
})

test('outside its part of the run a control is not asked, and nothing is added', async () => {
  const { network, calls } = fake()
  const { values } = await given([control(network, { start: 0.25, end: 0.75 })], {})
  expect(values).toEqual([[0], [1], [1], [0]])
  expect(calls).toHaveLength(2)
})

test('in guess mode only what the picture is pulled towards is controlled', async () => {
  const { network, calls } = fake()
  const { seen } = await given([control(network)], { guessMode: true, guided: true, calls: 1 })
  expect([...seen[0].data]).toEqual([...new Array(8).fill(0), ...new Array(8).fill(1)])
  expect(calls[0].sample.shape).toEqual([1, 4, 2, 2])
  expect(calls[0].conditioning.encoder_hidden_states.shape).toEqual([1, 3, 5])
  expect(calls[0].picture.shape).toEqual([1, 3, 16, 16])
  expect(calls[0].guessMode).toBe(true)
})

test('each control has its own mode: the prompt decides more on details, or the control on what is wanted', async () => {
  const nets = [fake(), fake(), fake()]
  const modes = ['balanced', 'prompt', 'control'] as const
  const controls = modes.map((mode, k) => control(nets[k].network, { mode, weight: 10 ** k }))
  const { seen } = await given(controls, { guided: true, calls: 1 })
  expect([...seen[0].data]).toEqual([...new Array(8).fill(11), ...new Array(8).fill(111)])
  expect(nets.map(({ calls: [call] }) => [call.sample.shape[0], call.guessMode])).toEqual([
    [2, false],
    [2, true],
    [1, true],
  ])
})

test('both predictions of guidance see the picture', async () => {
  const { network, calls } = fake()
  await given([control(network)], { guided: true, calls: 1 })
  expect(calls[0].picture.shape).toEqual([2, 3, 16, 16])
  expect(calls[0].guessMode).toBe(false)
})

test('a value for all places is added at each place of another control', async () => {
  const [everywhere, places] = [fake('pooled'), fake()]
  const mixed = await given([control(places.network), control(everywhere.network, { weight: 3 })], { calls: 1 })
  expect(mixed).toMatchObject({ asked: 'places', values: [[4]] })
  const alone = await given([control(everywhere.network, { weight: 3 })], { calls: 1 })
  expect(alone.asked).toBe('pooled')
  expect(alone.seen[0].shape).toEqual([1, 2, 1, 1])
})
