import { expect, test } from 'vitest'
import { halfTarget } from '../../app/graph/targets.ts'
import { whyNot } from '../../app/runtime/probe.ts'
import { selfTest } from '../../app/runtime/self-test.ts'
import { available } from './agreement.ts'

/* SwiftShader has no half precision. What a card without it answers is known, so that single precision is used. */
test.skipIf(!available)('a card without half precision is recognised by what ONNX Runtime says', async () => {
  const refusal: unknown = await selfTest(halfTarget, 2).catch(error => error)
  expect(refusal).toMatchObject({ details: { reason: expect.stringMatching(/requires f16/) } })
  expect(whyNot(refusal)).toBe('the graphics card does not have it')
})
