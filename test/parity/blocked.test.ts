import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { convolutionBlock } from '../../app/runtime/convolution-block.ts'
import { computeIn } from './models.ts'
import { replayFolder } from './parity.ts'

/* Single precision from side-cars, with convolutions in this computer's blocks: the reference's numbers at the tolerances of the plain layout.
 * The models have 8, 16 and 32 channels, so some of their convolutions fill blocks and others do not. */

const cache = mkdtempSync(join(tmpdir(), 'sfumato-blocked-'))
let block: number | undefined
beforeAll(async () => {
  block = await convolutionBlock()
  computeIn({ precision: 'fp32', cache, block })
})
afterAll(() => {
  computeIn(undefined)
  rmSync(cache, { recursive: true })
})

test.each([
  ['04_unet/sd1_intermediates/*', 1],
  ['04_unet/condition/*', 22],
  ['04_unet/cross_attention_probs/*', 1],
  ['04_unet/unconditional/*', 7],
  ['05_vae/kl/*', 6],
  ['06_controlnet/residuals/*', 5],
  ['07_pipelines/sd_txt2img/*', 26],
  ['08_lora/lora/*', 8],
])('%s: %i variants equal the reference in single precision', async (pattern, passed) => {
  const outcomes = []
  for await (const outcome of replayFolder(join(import.meta.dirname, 'goldens'), [pattern])) outcomes.push(outcome)
  expect(outcomes.filter(({ result }) => result === 'failed')).toEqual([])
  expect(outcomes.filter(({ result }) => result === 'passed').length).toBe(passed)
})

test('side-cars were written, so it was they that were computed with', () => {
  if (block !== undefined) expect(readdirSync(cache).length).toBeGreaterThan(10)
})
