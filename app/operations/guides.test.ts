import { expect, test } from 'vitest'
import { cutOuts } from '../tensor/cut-outs.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { parseWeighted, predictionOf } from './guides.ts'

test('words have weights; those that come to nothing together are refused', () => {
  expect(parseWeighted('a cat : 2 | a dog: -1.5 |a fox')).toEqual([
    { text: 'a cat', weight: 2 },
    { text: 'a dog', weight: -1.5 },
    { text: 'a fox', weight: 1 },
  ])
  expect(parseWeighted('at 12:30 o’clock')).toEqual([{ text: 'at 12:30 o’clock', weight: 1 }])
  expect(() => parseWeighted('a cat : 1 | a dog : -1')).toThrow(expect.objectContaining({ code: 'GUIDE_WORDS' }))
})

test('samplers that ask networks in ways of their own are refused', () => {
  expect(predictionOf({ prediction_type: 'v_prediction' }, 'DDIMScheduler')).toBe('v_prediction')
  expect(predictionOf({}, 'FlowMatchEulerDiscreteScheduler')).toBe('flow_prediction')
  expect(() => predictionOf({}, 'KarrasVeScheduler')).toThrow(expect.objectContaining({ code: 'GUIDE_SAMPLER' }))
})

test('cut-outs lie inside the picture, and the first is its largest square', () => {
  const { rows, columns } = cutOuts(new TorchGenerator(1n), { width: 12, height: 8 }, 4, 5)
  const sums = (data: Float32Array, count: number, length: number) =>
    Array.from({ length: count }, (_, k) => data.subarray(k * length, (k + 1) * length).reduce((a, b) => a + b, 0))
  for (const sum of sums(rows.data, 5 * 4, 8)) expect(sum).toBeCloseTo(1, 5)
  // Columns stand upright.
  const across = Array.from({ length: 5 * 4 }, (_, k) =>
    Array.from({ length: 12 }, (_, x) => columns.data[Math.floor(k / 4) * 48 + x * 4 + (k % 4)]).reduce(
      (a, b) => a + b,
      0,
    ),
  )
  for (const sum of across) expect(sum).toBeCloseTo(1, 5)
  // 8 of 12 pixels: two at each side are not seen beyond the filter's reach.
  expect(columns.data[0]).toBe(0)
  expect(columns.data[11 * 4 + 3]).toBe(0)
})
