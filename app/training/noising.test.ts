import { expect, test } from 'vitest'
import { cleanFrom, noiseFrom, preserving } from '../schedulers/prediction.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { tensor } from '../tensor/tensor.ts'
import { discreteNoising, drawNoise, edmNoising, linearNoising } from './noising.ts'

const random = new TorchGenerator(3n)
const clean = random.normal([1, 2, 4, 4])
const noise = random.normal([1, 2, 4, 4])
const table = { betas: new Float32Array(3), alphasCumprod: Float32Array.of(0.99, 0.5, 0.02) }
const largest = (a: Float32Array, b: Float32Array) => Math.max(...a.map((value, i) => Math.abs(value - b[i])))

test('a network that answers the target gives back the clean sample and the noise, whatever it predicts', () => {
  for (const prediction of ['epsilon', 'v_prediction', 'sample'] as const) {
    for (const timestep of [0, 1, 2]) {
      const { sample, target } = discreteNoising(table, prediction).ask(clean, noise, timestep)
      const level = preserving(table.alphasCumprod[timestep])
      expect(largest(cleanFrom(prediction, target, sample, level).data, clean.data)).toBeLessThan(1e-5)
      expect(largest(noiseFrom(prediction, target, sample, level).data, noise.data)).toBeLessThan(1e-5)
    }
  }
})

test('one weighting is the same loss for all predictions: errors of the noise count alike', () => {
  for (const weighting of [
    { kind: 'min-snr', gamma: 5 },
    { kind: 'p2', k: 1, gamma: 1 },
  ] as const) {
    for (const timestep of [0, 1, 2]) {
      const level = preserving(table.alphasCumprod[timestep])
      const losses = (['epsilon', 'v_prediction', 'sample'] as const).map(prediction => {
        const { sample, target, weight } = discreteNoising(table, prediction, weighting).ask(clean, noise, timestep)
        const wrong = tensor(
          target.shape,
          target.data.map(value => value + 0.01),
        )
        const error = largest(noiseFrom(prediction, wrong, sample, level).data, noise.data)
        return (weight * 0.01 ** 2) / error ** 2
      })
      expect(losses[1] / losses[0]).toBeCloseTo(1, 2)
      expect(losses[2] / losses[0]).toBeCloseTo(1, 2)
    }
  }
})

test('min-SNR: min(SNR, 5) / SNR on the noise, min(SNR, 5) / (SNR + 1) on v; no noise level is without bounds', () => {
  const weight = (prediction: 'epsilon' | 'v_prediction', timestep: number) =>
    discreteNoising({ ...table, alphasCumprod: Float32Array.of(0.99, 0.5, 0) }, prediction, {
      kind: 'min-snr',
      gamma: 5,
    }).ask(clean, noise, timestep).weight
  expect(weight('epsilon', 0)).toBeCloseTo(5 / 99, 4)
  expect(weight('v_prediction', 0)).toBeCloseTo(5 / 100, 4)
  expect(weight('epsilon', 1)).toBe(1)
  expect(weight('v_prediction', 1)).toBeCloseTo(1 / 2, 4)
  expect(weight('epsilon', 2)).toBe(1)
  expect(weight('v_prediction', 2)).toBe(0)
})

test('EDM: c_skip x + c_out target is the clean sample, and samples have variance 1', () => {
  const [sigma, deviation] = [1.7, 0.5]
  const half = tensor(
    clean.shape,
    clean.data.map(value => value * deviation),
  )
  const { sample, target, timestep } = edmNoising({ dataDeviation: deviation }).ask(half, noise, sigma)
  const variance = sigma ** 2 + deviation ** 2
  const denoised = target.data.map((value, i) => {
    const noisy = half.data[i] + sigma * noise.data[i]
    return (deviation ** 2 / variance) * noisy + ((sigma * deviation) / Math.sqrt(variance)) * value
  })
  expect(largest(denoised, half.data)).toBeLessThan(1e-6)
  const noisy = half.data.map((value, i) => (value + sigma * noise.data[i]) / Math.sqrt(variance))
  expect(largest(sample.data, noisy)).toBeLessThan(1e-6)
  expect(timestep).toBeCloseTo(Math.log(1.7) / 4, 9)
})

test('EDM draws ln(sigma) with mean -1.2 and deviation 1.2', () => {
  const draws = Array.from({ length: 4000 }, () => Math.log(edmNoising().drawLevel(random)))
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length
  const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length
  expect(Math.abs(mean + 1.2)).toBeLessThan(4 * (1.2 / Math.sqrt(4000)))
  expect(Math.abs(Math.sqrt(variance) - 1.2)).toBeLessThan(0.06)
})

test('the simplest form: nothing of the noise at 0, nothing else at 1', () => {
  expect(linearNoising.ask(clean, noise, 0).sample.data).toEqual(clean.data)
  expect(linearNoising.ask(clean, noise, 1)).toMatchObject({ sample: noise, target: clean, timestep: 1000 })
})

test('offset noise shifts each channel by a number of its own', () => {
  const plain = drawNoise(new TorchGenerator(8n), [1, 3, 8, 8])
  const shifted = drawNoise(new TorchGenerator(8n), [1, 3, 8, 8], 0.5)
  const shifts = shifted.data.map((value, i) => value - plain.data[i])
  for (const channel of [0, 1, 2]) {
    const own = shifts.subarray(channel * 64, (channel + 1) * 64)
    expect(largest(own, new Float32Array(64).fill(own[0]))).toBeLessThan(1e-6)
  }
  expect(Math.abs(shifts[0] - shifts[64])).toBeGreaterThan(1e-3)
})
