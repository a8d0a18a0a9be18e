import { expect, test } from 'vitest'
import type { Conditioning } from '../runtime/conditioning.ts'
import { splitBatches } from '../tensor/batches.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { guidanceEmbedding, guided } from './guidance.ts'

const context = (value: number) => ({ encoder_hidden_states: tensor([1, 1, 1], Float32Array.of(value)) })
const conditioning = { positive: context(2), negative: context(-1) }

/** Predicts input * context: what it was fed can be read off the answer. */
const network = async (input: Tensor, _: number, { encoder_hidden_states: text }: Conditioning): Promise<Tensor> => {
  const members = splitBatches(input, input.shape[0])
  expect(text.shape[0]).toBe(members.length)
  return tensor(
    input.shape,
    Float32Array.from(members.flatMap((member, k) => [...member.data].map(value => value * text.data[k]))),
  )
}

const input = new TorchGenerator(1n).normal([1, 4, 8, 8])
const deviation = ({ data }: Tensor) => {
  const mean = data.reduce((a, b) => a + b) / data.length
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (data.length - 1))
}

test.each([0, 0.5, 1])('a scale of %f asks for the prompt alone, in one call of the plain batch', async scale => {
  const found = await guided(network, conditioning, { scale, rescale: 0.7 })(input, 1)
  expect(found.data).toEqual(input.data.map(value => value * 2))
})

test('guidance goes from the negative prediction through the positive one', async () => {
  const found = await guided(network, conditioning, { scale: 5, rescale: 0 })(input, 1)
  found.data.forEach((value, k) => {
    expect(value).toBeCloseTo(input.data[k] * (-1 + 5 * 3), 4)
  })
})

test('a full rescale brings the deviation back to that of the positive prediction, half of it half the way', async () => {
  const plain = deviation(await guided(network, conditioning, { scale: 5, rescale: 0 })(input, 1))
  const positive = deviation(input) * 2
  expect(deviation(await guided(network, conditioning, { scale: 5, rescale: 1 })(input, 1))).toBeCloseTo(positive, 4)
  const half = await guided(network, conditioning, { scale: 5, rescale: 0.5 })(input, 1)
  expect(deviation(half)).toBeCloseTo((plain + positive) / 2, 4)
})

test('guidance as an input: what the reference’s get_guidance_scale_embedding gives', () => {
  const reference = [
    ...[-0.8512358665466309, 0.5626711249351501, -0.4352330267429352, 0.6816387176513672],
    ...[-0.5247832536697388, -0.8266808390617371, -0.9003178477287292, 0.731688916683197, 0],
  ]
  const found = guidanceEmbedding(8.5, 9)
  expect(found.shape).toEqual([1, 9])
  found.data.forEach((value, k) => void expect(value).toBeCloseTo(reference[k], 3))
  expect(guidanceEmbedding(1, 4).data).toEqual(Float32Array.of(0, 0, 1, 1))
})
