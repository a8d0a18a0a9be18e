import { expect, test } from 'vitest'
import { MersenneTwister } from './mersenne-twister.ts'
import { LARGEST_SEED, TorchGenerator } from './random.ts'

/* The draws themselves are held against torch's by test/parity (01_rng). */

test('MT19937 gives the 10000th word that the C++ standard demands of std::mt19937', () => {
  const twister = new MersenneTwister(5489)
  for (let i = 1; i < 10_000; i++) twister.word()
  expect(twister.word()).toBe(4123659995)
})

test('torch.manual_seed(0); torch.randn(3), as in torch’s documentation', () => {
  const [a, b, c] = new TorchGenerator(0n).normal([3]).data
  expect([a, b, c].map(value => value.toFixed(4))).toEqual(['1.5410', '-0.2934', '-2.1788'])
})

test('the low 32 bits of a seed count; all 64 are taken', () => {
  const draw = (seed: bigint) => new TorchGenerator(seed).normal([20]).data
  expect(draw(2n ** 32n + 7n)).toEqual(draw(7n))
  expect(draw(LARGEST_SEED)).toEqual(draw(2n ** 32n - 1n))
  expect(draw(8n)).not.toEqual(draw(7n))
  for (const seed of [-1n, LARGEST_SEED + 1n]) {
    expect(() => new TorchGenerator(seed)).toThrow(expect.objectContaining({ code: 'SEED_RANGE' }))
  }
})

test('a batch drawn at once is not two draws: the order of draws is part of the picture', () => {
  const [together, apart] = [new TorchGenerator(3n), new TorchGenerator(3n)]
  const both = together.normal([2, 5, 5]).data
  const first = apart.normal([1, 5, 5]).data
  expect(both.subarray(0, 9)).toEqual(first.subarray(0, 9))
  expect(both.subarray(9, 25)).not.toEqual(first.subarray(9, 25)) // an odd rest overwrites the last 16
})

test('moments of 2^16 numbers', () => {
  const generator = new TorchGenerator(11n)
  const count = 2 ** 16
  const moments = ({ data }: { data: Float32Array }) => {
    const mean = data.reduce((sum, value) => sum + value, 0) / count
    return [mean, Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count)]
  }
  const near = ([mean, deviation]: number[], wantedMean: number, wantedDeviation: number) => {
    expect(Math.abs(mean - wantedMean)).toBeLessThan(0.02)
    expect(Math.abs(deviation - wantedDeviation)).toBeLessThan(0.02)
  }
  near(moments(generator.normal([count])), 0, 1)
  near(moments(generator.normal([count], { mean: 2, deviation: 0.5, type: 'float64' })), 2, 0.5)
  near(moments(generator.uniform([count], { low: -1, high: 1 })), 0, 1 / Math.sqrt(3))
  near(moments(generator.bernoulli([count], 0.25)), 0.25, Math.sqrt(3) / 4)
  near(moments(generator.exponential([count], 2)), 0.5, 0.5)
})

test('whole numbers stay in their range, a permutation holds each number once', () => {
  const generator = new TorchGenerator(5n)
  const wide = generator.integers([1000], -5, 2 ** 40)
  expect(wide.every(value => Number.isInteger(value) && value >= -5 && value < 2 ** 40)).toBe(true)
  expect(Math.max(...wide)).toBeGreaterThan(2 ** 39)
  expect(generator.permutation(100).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  expect(generator.categories([0, 1, 0], 50)).toEqual(Array.from({ length: 50 }, () => 1))
  expect(() => generator.integers([1], 3, 3)).toThrow(expect.objectContaining({ code: 'RANDOM_RANGE' }))
  expect(() => generator.categories([0, 0], 1)).toThrow(expect.objectContaining({ code: 'RANDOM_RANGE' }))
})
