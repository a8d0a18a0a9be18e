import type { ModelInfo, SamplerInfo } from './api.ts'

/** Whether a sampler is made for another kind of model: it is neither offered nor asked for, and the model's own takes its place.
 *  The model's own is right whatever it is. */
export function servesOthers(
  className: unknown,
  model: Pick<ModelInfo, 'samplers' | 'defaults'> | undefined,
  samplers: readonly SamplerInfo[],
): boolean {
  const sampler = samplers.find(sampler => sampler.className === className)
  if (sampler === undefined || model === undefined || className === model.defaults.sampler) return false
  return sampler.serves !== model.samplers
}
