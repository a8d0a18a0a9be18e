import { expect, test } from 'vitest'
import { mix } from '../tensor/arithmetic.ts'
import { createSchedule } from './index.ts'
import { SPREAD, spread, walk } from './testing.ts'

/** The score of N(0, s²) with noise of this level, -x / (s² + sigma²). */
const score = (sigma: number) => -1 / (SPREAD ** 2 + sigma ** 2)

test('annealed Langevin follows the variance that its chain has on a Gaussian, and so ends near the data', () => {
  for (const config of [
    { sigma_max: 1, sigma_min: 0.01, step_size: 2e-5, steps_per_level: 100 },
    { sigma_max: 3, sigma_min: 0.05, step_size: 4e-4, steps_per_level: 40 },
  ]) {
    const schedule = createSchedule('AnnealedLangevinScheduler', config, 10)
    const samples = walk(schedule, ({ input, timestep }) => mix([score(timestep), input]))
    let variance = spread(samples[0]) ** 2
    for (const sigma of schedule.timesteps) {
      const size = config.step_size * (sigma / config.sigma_min) ** 2
      variance = (1 + (size / 2) * score(sigma)) ** 2 * variance + size
    }
    const end = spread(samples[samples.length - 1])
    expect(Math.abs(end / Math.sqrt(variance) - 1)).toBeLessThan(0.03)
    expect(Math.abs(end - SPREAD)).toBeLessThan(0.06)
  }
})

test('Karras VE without churn errs like a method of order 2', () => {
  const error = (steps: number) => {
    const schedule = createSchedule('KarrasVeScheduler', { s_churn: 0, sigma_max: 9, sigma_min: 0.3 }, steps)
    const { sigmas = [] } = schedule
    const samples = walk(schedule, ({ input, timestep }) => mix([timestep * score(timestep), input]))
    const last = sigmas.length - 2
    const exact = Math.sqrt((SPREAD ** 2 + sigmas[last] ** 2) / (SPREAD ** 2 + sigmas[0] ** 2))
    return Math.abs(spread(samples[last]) / spread(samples[0]) / exact - 1)
  }
  const order = Math.log2(error(40) / error(80))
  expect(order).toBeGreaterThan(1.7)
  expect(order).toBeLessThan(2.5)
})

test('score SDE: predictor with corrector, and the variance-preserving reverse, end with the spread of the data', () => {
  const exploding = createSchedule('ScoreSdeVeScheduler', { sigma_max: 30 }, 500)
  const ve = walk(exploding, ({ input, timestep }) => mix([score(timestep), input]))
  expect(Math.abs(spread(ve[ve.length - 1]) - SPREAD)).toBeLessThan(0.03)

  const preserving = createSchedule('ScoreSdeVpScheduler', {}, 500)
  const vp = walk(preserving, ({ input, timestep }) => {
    const { alpha, sigma } = preserving.noiseLevel(timestep)
    return mix([sigma / (alpha ** 2 * SPREAD ** 2 + sigma ** 2), input])
  })
  expect(Math.abs(spread(vp[vp.length - 1]) - SPREAD)).toBeLessThan(0.03)
})
