import { expect, test } from 'vitest'
import { MODEL, OPERATION } from '../testing/told.ts'
import { emptyDraft, requestOf } from './draft.ts'
import { fieldsOf } from './form.ts'
import { servesOthers } from './samplers.ts'

const samplers = [
  { className: 'EulerDiscreteScheduler', title: 'Euler', goodFor: '', serves: 'diffusion', choosesNoiseLevels: true },
  {
    className: 'FlowMatchEulerDiscreteScheduler',
    title: 'Flow Euler',
    goodFor: '',
    serves: 'flow',
    choosesNoiseLevels: true,
  },
] as const
const flux = {
  ...MODEL,
  samplers: 'flow' as const,
  defaults: { ...MODEL.defaults, sampler: 'FlowMatchEulerDiscreteScheduler' },
}

test('a sampler serves its own kind of models; what a model names itself is right', () => {
  expect(servesOthers('EulerDiscreteScheduler', MODEL, samplers)).toBe(false)
  expect(servesOthers('EulerDiscreteScheduler', flux, samplers)).toBe(true)
  expect(servesOthers('FlowMatchEulerDiscreteScheduler', MODEL, samplers)).toBe(true)
  const odd = { ...flux, defaults: { ...flux.defaults, sampler: 'EulerDiscreteScheduler' } }
  expect(servesOthers('EulerDiscreteScheduler', odd, samplers)).toBe(false)
  expect(servesOthers('Unknown', flux, samplers)).toBe(false)
})

test('a sampler that was chosen for another kind of model is not asked for', () => {
  const draft = { ...emptyDraft, values: { sampler: 'EulerDiscreteScheduler' } }
  const asked = (model: typeof MODEL) =>
    requestOf(OPERATION.id, model, fieldsOf(OPERATION), draft, undefined, [], samplers).parameters
  expect(asked(MODEL)).toMatchObject({ sampler: 'EulerDiscreteScheduler' })
  expect(asked(flux)).not.toHaveProperty('sampler')
})
