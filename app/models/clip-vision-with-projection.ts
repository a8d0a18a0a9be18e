import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { add, concat, expand, matMul, reshape, slice, split, transpose } from '../graph/ops/index.ts'
import { taps } from '../tensor/interpolate.ts'
import type { Family } from './family.ts'
import { convolution, layerNorm, linear } from './layers/basic.ts'
import { clipEncoderLayer } from './layers/clip-encoder.ts'
import { computed } from './layers/half.ts'
import type { Layer } from './layers/layer.ts'

/** Options of the reference's CLIPVisionConfig with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  hidden_size: z.int().positive().default(768),
  intermediate_size: z.int().positive().default(3072),
  projection_dim: z.int().positive().default(512),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(12),
  num_channels: z.int().positive().default(3),
  image_size: z.int().positive().default(224),
  patch_size: z.int().positive().default(32),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
})
export type ClipVisionConfig = z.output<typeof configSchema>

/** What one graph of a vision model is built for. Pictures have the config's image_size. */
export interface ClipVisionSizes {
  readonly batch: number
}

/** CLIPVisionModelWithProjection (transformers; Radford et al. 2021, arXiv:2103.00020; a vision transformer, arXiv:2010.11929).
 *  Input: pixel_values [batch, num_channels, image_size, image_size], see clip-image-processor.ts.
 *  Outputs: last_hidden_state [batch, patches + 1, hidden_size], not normalised, the whole picture's place first;
 *  pooler_output [batch, hidden_size], that place normalised; image_embeds [batch, projection_dim], not scaled to length 1.
 *  places gives the state before the last layer, which others read (the reference's hidden_states[-2]):
 *  hidden_state [batch, patches + 1, hidden_size]. */
export const clipVisionWithProjection: Family<ClipVisionConfig, ClipVisionSizes> = {
  className: 'CLIPVisionModelWithProjection',
  config: configSchema,
  graphs: { encode, places },
}

function encode(layer: Layer, config: ClipVisionConfig, { batch }: ClipVisionSizes): void {
  const { state, pooled } = clipVisionStates(layer.at('vision_model'), config, batch)
  layer.graph.output('last_hidden_state', state)
  layer.graph.output('pooler_output', pooled)
  const embeds = linear(layer.at('visual_projection'), pooled, config.projection_dim, { bias: false })
  layer.graph.output('image_embeds', embeds)
}

function places(layer: Layer, config: ClipVisionConfig, { batch }: ClipVisionSizes): void {
  const layers = config.num_hidden_layers - 1
  const states = clipVisionLayers(layer.at('vision_model'), config, { batch, side: config.image_size, layers })
  layer.graph.output('hidden_state', states[layers])
}

/** Patches of a picture, with the place of the whole. */
export const placesOf = ({ image_size: side, patch_size: patch }: ClipVisionConfig): number =>
  Math.floor(side / patch) ** 2 + 1

/** Declares the input; the last layer's state [batch, patches + 1, hidden_size] and the whole picture's normalised one [batch, hidden_size]. */
export function clipVisionStates(
  layer: Layer,
  config: ClipVisionConfig,
  batch: number,
): { readonly state: Value; readonly pooled: Value } {
  const { num_hidden_layers: layers, hidden_size: width } = config
  const state = clipVisionLayers(layer, config, { batch, side: config.image_size, layers })[layers]
  const whole = reshape(slice(state, 1, 0, 1), [batch, width])
  return { state, pooled: layerNorm(layer.at('post_layernorm'), whole, config.layer_norm_eps) }
}

/** Declares the input, of any side; the states of the first layers, [batch, patches + 1, hidden_size] each: the embeddings first, then what
 *  each layer gives. */
export function clipVisionLayers(
  layer: Layer,
  config: ClipVisionConfig,
  { batch, side, layers }: { readonly batch: number; readonly side: number; readonly layers: number },
): Value[] {
  const pixels = layer.graph.input('pixel_values', 'float32', [batch, config.num_channels, side, side])
  // The state dict spells it so.
  const states = [
    layerNorm(layer.at('pre_layrnorm'), embed(layer.at('embeddings'), pixels, config), config.layer_norm_eps),
  ]
  for (let k = 0; k < layers; k++) {
    states.push(clipEncoderLayer(layer.at('encoder', 'layers', k), states[k], config))
  }
  return states
}

/** Patches as tokens, behind one learned token for the whole picture, and where each stands. */
function embed(layer: Layer, pixels: Value, config: ClipVisionConfig): Value {
  return layer.build(() => {
    const { hidden_size: width, patch_size: patch } = config
    const options = { kernel: patch, stride: patch, padding: 0, bias: false }
    const patches = convolution(layer.at('patch_embedding'), pixels, width, options)
    const [batch, , rows, columns] = patches.shape
    const tokens = transpose(reshape(patches, [batch, width, rows * columns]), [0, 2, 1])
    const whole = layer.parameter('class_embedding', [width], { use: [1, 1, width], anchor: patches })
    const known = Math.floor(config.image_size / patch)
    const positions = layer
      .at('position_embedding')
      .parameter('weight', [known ** 2 + 1, width], { use: [1, known ** 2 + 1, width], anchor: patches })
    const placed = known === rows ? positions : stretchedPositions(layer, positions, known, rows)
    return add(concat([expand(whole, [batch, 1, width]), tokens], 1), placed)
  })
}

/** Positions [1, known x known + 1, width] for another number of patches: those of the patches bicubically between the known ones, the first one as
 *  it is (the reference's `interpolate_pos_encoding`). */
function stretchedPositions(layer: Layer, positions: Value, known: number, rows: number): Value {
  const [first, patches] = split(positions, 1, [1, known ** 2])
  const along = taps(known, rows, 'bicubic')
  const matrix = new Float32Array(rows ** 2 * known ** 2)
  for (let at = 0; at < rows ** 2; at++) {
    for (const [row, weight] of along[Math.floor(at / rows)]) {
      for (const [column, share] of along[at % rows]) matrix[at * known ** 2 + row * known + column] += weight * share
    }
  }
  const mixing = computed(layer.numbers([1, rows ** 2, known ** 2], matrix))
  return concat([first, matMul(mixing, patches)], 1)
}
