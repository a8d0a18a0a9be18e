import { basename } from 'node:path'
import { openComponent } from '../weights/diffusers-folder.ts'
import { precisionOf } from '../weights/identify.ts'
import { folderOfWordMasks } from '../weights/word-masks.ts'
import { readCard } from './card.ts'
import { clipSeg } from './clip-seg.ts'
import type { ModelDescription } from './description.ts'
import { parseConfig } from './family.ts'

/** Describes a network that finds in pictures what words say, from its config and headers. @throws Problem COMPONENT_*, MODEL_CONFIG, WEIGHTS_* */
export function describeWordMasks(path: string): ModelDescription {
  const folder = folderOfWordMasks(path)
  const { config, configPath, weights } = openComponent('masks', clipSeg.className, folder)
  parseConfig(clipSeg, config, configPath)
  const card = readCard(folder)
  return {
    ...{ name: card.name ?? basename(folder), kind: 'masks', path },
    defaults: { width: 0, height: 0, steps: 1, guidance: 1, sampler: '' },
    ...{ beside: 'nothing', stride: 1, sizeMultiple: 1, samplers: 'diffusion', promptTokens: 0 },
    precision: precisionOf(weights.files),
    bytes: weights.byteLength,
    ...(card.licence !== undefined && { licence: card.licence }),
    examples: card.examples,
  }
}
