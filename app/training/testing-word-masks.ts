import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ClipSegConfig, clipSeg } from '../models/clip-seg.ts'
import { parseConfig } from '../models/family.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import { firstWeights } from './first-weights.ts'

const tokenizer = resolve(import.meta.dirname, '../../test/parity/goldens/models/tokenizer')

/** Pixels on a side of what it looks at. */
const SIDE = 32

const encoder = { hidden_size: 16, intermediate_size: 24, num_attention_heads: 2, num_hidden_layers: 2 }
const config = {
  ...{ architectures: [clipSeg.className], model_type: 'clipseg', projection_dim: 12 },
  text_config: { ...encoder, vocab_size: 834, max_position_embeddings: 16, bos_token_id: 832, eos_token_id: 833 },
  vision_config: { ...encoder, image_size: SIDE, patch_size: 8 },
  ...{ extract_layers: [0, 1], reduce_dim: 8, decoder_num_attention_heads: 2, decoder_intermediate_size: 12 },
}

/** A small network that finds words, as transformers saves one; it has learned nothing, so what it finds means nothing. */
export function writeWordMasks(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const parsed = parseConfig<ClipSegConfig>(clipSeg, config, 'config.json')
  const weights = ['mask', 'text'].flatMap(graph => [
    ...firstWeights(clipSeg, graph, parsed, { batch: 1, tokens: 16, side: SIDE }, 3n),
  ])
  const tensors = [...new Map(weights)].map(([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }] as const)
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const pictures = { size: { height: SIDE, width: SIDE }, resample: 2 }
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(pictures))
  for (const name of ['vocab.json', 'merges.txt', 'special_tokens_map.json', 'tokenizer_config.json'])
    copyFileSync(join(tokenizer, name), join(folder, name))
}
