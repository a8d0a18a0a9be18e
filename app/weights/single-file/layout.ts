import { readIntegers, type SafetensorsFile } from '../safetensors.ts'
import { under } from './key-table.ts'

/** The kinds of models that are told apart, by what their text encoders and networks look like. */
export type BaseFamily = 'sd1' | 'sd2' | 'sdxl' | 'sdxl-refiner' | 'sd3' | 'flux' | 'unknown'

/** What a single file holds, as its keys and shapes say. */
export interface Layout {
  readonly family: BaseFamily
  /** The prefix of the denoising network's keys. */
  readonly prefix: string
  readonly network: 'unet' | 'sd3' | 'flux'
}

/** Prefixes under which programs put the denoising network; a network that was saved alone has none. */
const prefixes = ['model.diffusion_model.', 'transformer.', '']

/** Recognises the checkpoint in a file; undefined where it holds none. Names of files play no part. */
export function layoutOf(file: SafetensorsFile): Layout | undefined {
  for (const prefix of prefixes) {
    // An empty tensor, or one of other dimensions, is none of a network's.
    const has = (key: string, dimensions = 2) => {
      const shape = file.tensors.get(`${prefix}${key}`)?.shape
      return shape !== undefined && shape.length === dimensions && !shape.includes(0)
    }
    if (has('joint_blocks.0.x_block.attn.qkv.weight')) return { family: 'sd3', prefix, network: 'sd3' }
    if (has('double_blocks.0.img_attn.qkv.weight')) return { family: 'flux', prefix, network: 'flux' }
    // The reference's own names: a transformer's file alone, but not one of its shards.
    if (
      has('transformer_blocks.0.attn.add_q_proj.weight') &&
      has('context_embedder.weight') &&
      has('proj_out.weight')
    ) {
      if (has('pos_embed.proj.weight', 4)) return { family: 'sd3', prefix, network: 'sd3' }
      if (has('x_embedder.weight')) return { family: 'flux', prefix, network: 'flux' }
    }
    if (has('input_blocks.0.0.weight', 4) && has('out.2.weight', 4)) {
      return { family: unetFamily(file, prefix), prefix, network: 'unet' }
    }
  }
  return undefined
}

/** Widths of the text that the published models read: they tell kinds apart where text encoders are absent. */
export const contextWidths: Readonly<Record<number, BaseFamily>> = {
  768: 'sd1',
  1024: 'sd2',
  1280: 'sdxl-refiner',
  2048: 'sdxl',
}

function unetFamily(file: SafetensorsFile, prefix: string): BaseFamily {
  const has = (key: string) => file.tensors.has(key)
  if (has('conditioner.embedders.1.model.token_embedding.weight')) return 'sdxl'
  if (has('conditioner.embedders.0.model.token_embedding.weight')) return 'sdxl-refiner'
  if (has('cond_stage_model.model.token_embedding.weight')) return 'sd2'
  const network = under(file, prefix)
  for (const [key, { shape }] of network) {
    if (key.endsWith('attn2.to_k.weight')) return contextWidths[shape[1]] ?? plainFamily(network)
  }
  return plainFamily(network)
}

/** A network of unusual widths without its text encoder. */
const plainFamily = (network: ReadonlyMap<string, unknown>): BaseFamily =>
  network.has('label_emb.0.0.weight') ? 'sdxl' : 'sd1'

/** What the network predicts: noise or velocity (Salimans & Ho 2022, arXiv:2202.00512).
 *  A file's own word counts first (modelspec.prediction_type, or the tensor "v_pred" of Stable Diffusion XL's fine-tunes);
 *  for Stable Diffusion 2 the reference's rule follows: noise after exactly 875000 steps of training, else velocity. */
export function predictionOf(
  file: SafetensorsFile,
  family: BaseFamily,
  inChannels: number,
): 'epsilon' | 'v_prediction' {
  const said = file.metadata['modelspec.prediction_type']
  if (said === 'v' || said === 'v_prediction') return 'v_prediction'
  if (said === 'epsilon') return 'epsilon'
  if (file.tensors.has('v_pred')) return 'v_prediction'
  // Only the text to image model was trained for velocity; in-painting and depth predict noise.
  if (family !== 'sd2' || inChannels !== 4) return 'epsilon'
  return globalStep(file) === 875000 ? 'epsilon' : 'v_prediction'
}

/** A tensor, or what a pickle keeps beside its weights. */
function globalStep(file: SafetensorsFile): number | undefined {
  const { global_step: said } = file.metadata
  if (said !== undefined) return Number(said)
  const entry = file.tensors.get('global_step')
  if (entry === undefined || !['I64', 'I32'].includes(entry.dtype)) return undefined
  return readIntegers(file, 'global_step')[0]
}
