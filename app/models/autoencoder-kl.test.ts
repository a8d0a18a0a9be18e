import { expect, test } from 'vitest'
import { TorchGenerator } from '../tensor/random.ts'
import { tensor } from '../tensor/tensor.ts'
import { autoencoderKL, latentDistribution, scaledLatents, unscaledLatents } from './autoencoder-kl.ts'
import { parseConfig } from './family.ts'

const config = (raw: object) => parseConfig(autoencoderKL, raw, 'config.json')

test.each([
  ['scaling alone', {}, 0.18215 * 3],
  ['a shift', { scaling_factor: 0.3611, shift_factor: 0.1159 }, (3 - 0.1159) * 0.3611],
  [
    'mean and deviation by channel; a shift does not count beside them',
    { scaling_factor: 0.5, shift_factor: 9, latents_mean: [1, 2, 3, 4], latents_std: [5, 6, 7, 8] },
    ((3 - 1) * 0.5) / 5,
  ],
] as const)('%s: what a UNet works on, and back', (_, raw, first) => {
  const latents = new TorchGenerator(4n).normal([2, 4, 3, 5])
  latents.data[0] = 3
  const scaled = scaledLatents(latents, config(raw))
  expect(scaled.data[0]).toBeCloseTo(first, 5)
  unscaledLatents(scaled, config(raw)).data.forEach((value, at) => {
    expect(value).toBeCloseTo(latents.data[at], 4)
  })
})

test('mean and deviation need a number for each channel', () => {
  for (const key of ['latents_mean', 'latents_std']) {
    expect(() => config({ [key]: [1, 2, 3] })).toThrow(
      expect.objectContaining({ code: 'MODEL_CONFIG', message: expect.stringContaining(`${key} = [1,2,3]`) }),
    )
  }
})

test('moments are mean and logarithm of the variance, the latter within limits', () => {
  const { mean, logvar } = latentDistribution(tensor([2, 2, 1, 2], Float32Array.of(50, 2, -31, 4, -50, 6, 7, 21)))
  expect(mean).toEqual(tensor([2, 1, 1, 2], Float32Array.of(50, 2, -50, 6)))
  expect(logvar).toEqual(tensor([2, 1, 1, 2], Float32Array.of(-30, 4, 7, 20)))
})
