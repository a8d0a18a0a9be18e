import { basename, extname } from 'node:path'
import { precisionOf } from '../weights/identify.ts'
import { isFile } from '../weights/model-source.ts'
import { openTensorFile } from '../weights/tensor-file.ts'
import { isUpscaler, openUpscaler } from '../weights/upscaler.ts'
import type { ModelDescription } from './description.ts'
import { parseConfig } from './family.ts'
import { enlargement, rrdbNet } from './rrdb-net.ts'

/** Whether a path is a file of a network that enlarges pictures. @throws Problem FILE_*, SAFETENSORS_*, PICKLE_* */
export const holdsUpscaler = (path: string): boolean =>
  isFile(path) && !path.endsWith('.json') && isUpscaler([...openTensorFile(path).tensors.keys()])

/** Describes a network that enlarges pictures, from its header. @throws Problem as `openUpscaler`; MODEL_CONFIG */
export function describeUpscaler(path: string): ModelDescription {
  const { config, configPath, weights } = openUpscaler(path)
  const parsed = parseConfig(rrdbNet, config, configPath)
  return {
    ...{ name: basename(path, extname(path)), kind: 'upscaler', path },
    defaults: { width: 0, height: 0, steps: 1, guidance: 1, sampler: '', factor: enlargement(parsed) },
    ...{ beside: 'nothing', stride: 1, sizeMultiple: 1, samplers: 'diffusion', promptTokens: 0 },
    precision: precisionOf(weights.files),
    bytes: weights.byteLength,
    examples: [],
  }
}
