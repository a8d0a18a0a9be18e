import { expect, test } from 'vitest'
import { readInvokeAi } from './invokeai.ts'
import { samplerNamed } from './sampler-names.ts'

test.each([
  ['DPM++ 2M', 'Karras', 'DPMSolverMultistepScheduler', true],
  ['DPM++ 2M', 'Automatic', 'DPMSolverMultistepScheduler', false],
  ['DPM2 a Karras', '', 'KDPM2AncestralDiscreteScheduler', true],
  ['LMS', 'Uniform', 'LMSDiscreteScheduler', false],
  ['PLMS', '', 'PNDMScheduler', false],
  ['UniPC', '', 'UniPCMultistepScheduler', false],
  ['k_euler', '', 'EulerDiscreteScheduler', false],
  ['euler_k', '', 'EulerDiscreteScheduler', true],
  ['kdpm_2_a', '', 'KDPM2AncestralDiscreteScheduler', false],
  ['kdpm_2_k', '', 'KDPM2DiscreteScheduler', true],
  ['dpmpp_2m_k', '', 'DPMSolverMultistepScheduler', true],
  ['dpmpp_2s', '', 'DPMSolverSinglestepScheduler', false],
  ['dpmpp_2m', 'karras', 'DPMSolverMultistepScheduler', true],
  ['euler_ancestral', 'normal', 'EulerAncestralDiscreteScheduler', false],
  ['uni_pc_bh2', 'normal', 'UniPCMultistepScheduler', false],
  ['dpm_2_ancestral', 'karras', 'KDPM2AncestralDiscreteScheduler', true],
] as const)('%s with %j', (name, levels, sampler, karras) => {
  expect(samplerNamed(name, levels)).toEqual({ sampler, karras, unknown: {} })
})

test('names of other samplers are kept as they are', () => {
  for (const name of ['DPM fast', 'DPM++ 2M SDE', 'dpmpp_3m_sde', 'constructor', 'Restart']) {
    expect(samplerNamed(name, 'Automatic')).toEqual({ unknown: { Sampler: name } })
  }
  expect(samplerNamed('Euler', 'Align Your Steps')).toEqual({
    sampler: 'EulerDiscreteScheduler',
    karras: false,
    unknown: { 'Schedule type': 'Align Your Steps' },
  })
})

test('what InvokeAI writes becomes a recipe; what makes no sense in it is left out', () => {
  const written = {
    ...{ positive_prompt: 'a fox', negative_prompt: 'blur', width: 512, height: 768, seed: 7, steps: 30, cfg_scale: 6 },
    ...{ scheduler: 'dpmpp_2m_k', clip_skip: 0, app_version: '4.2.0', model: { name: 'dream', hash: 'blake3:ab' } },
  }
  expect(readInvokeAi(JSON.stringify(written))).toMatchObject({
    operation: 'text-to-image',
    parameters: {
      prompt: 'a fox',
      negative: 'blur',
      sampler: 'DPMSolverMultistepScheduler',
      karras: true,
      height: 768,
    },
    seed: '7',
    model: { name: 'dream', hash: 'blake3:ab' },
    app: 'InvokeAI 4.2.0',
  })
  const odd = readInvokeAi(JSON.stringify({ ...written, steps: -1, seed: 1.5, scheduler: 'dpmpp_sde' }))
  expect(odd).toMatchObject({ seed: '', unknown: { Sampler: 'dpmpp_sde' } })
  expect(odd?.parameters).not.toHaveProperty('steps')
  for (const text of ['', '{}', 'null', '[', '{"positive_prompt":3}']) expect(readInvokeAi(text)).toBeUndefined()
})
