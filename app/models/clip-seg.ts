import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { add, convTranspose, gather, multiply, relu, reshape, slice, transpose } from '../graph/ops/index.ts'
import { clipText, clipTextStates, finalNorm } from './clip-text.ts'
import { clipVisionLayers, clipVisionWithProjection } from './clip-vision-with-projection.ts'
import type { Family } from './family.ts'
import { convolution, layerNorm, linear } from './layers/basic.ts'
import { selfAttention } from './layers/clip-encoder.ts'
import { computed } from './layers/half.ts'
import type { Layer } from './layers/layer.ts'

/** Options of the reference's CLIPSegConfig with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  text_config: clipText.config,
  vision_config: clipVisionWithProjection.config,
  projection_dim: z.int().positive().default(512),
  /** Layers of the vision encoder that are looked at, from 0. */
  extract_layers: z.array(z.int().nonnegative()).min(1).default([3, 6, 9]),
  reduce_dim: z.int().positive().default(64),
  decoder_num_attention_heads: z.int().positive().default(4),
  decoder_intermediate_size: z.int().positive().default(2048),
  /** Where among the decoder's layers the text comes in. */
  conditional_layer: z.int().nonnegative().default(0),
  use_complex_transposed_convolution: z.boolean().default(false),
})
export type ClipSegConfig = z.output<typeof configSchema>

/** What one graph is built for. */
export interface ClipSegSizes {
  /** Texts, or pictures with a text each. */
  readonly batch: number
  /** Of each text. */
  readonly tokens: number
  /** Of the pictures, in pixels: a multiple of the patches. */
  readonly side: number
}

/** CLIPSegForImageSegmentation (transformers; Lüddecke & Ecker 2022, arXiv:2112.10003): where in a picture is what a text says?
 *  text: input_ids [batch, tokens] and end_places [batch] (see `endPlaces`) -> text_embeds [batch, projection_dim], not scaled to length 1.
 *  mask: pixel_values [batch, channels, side, side] and conditional_embeddings [batch, projection_dim]
 *  -> logits [batch, side', side'], above 0 where it is; side' is the pictures' side, or less with the complex transposed convolution. */
export const clipSeg: Family<ClipSegConfig, ClipSegSizes> = {
  className: 'CLIPSegForImageSegmentation',
  config: configSchema,
  // The threshold is where it was in training.
  computesInFull: () => true,
  graphs: { text, mask },
}

function text(layer: Layer, { text_config: config, projection_dim }: ClipSegConfig, sizes: ClipSegSizes): void {
  const { batch, tokens } = sizes
  const tower = layer.at('clip', 'text_model')
  const states = clipTextStates(tower, config, { batch, tokens, mask: false })
  const last = finalNorm(tower, states[config.num_hidden_layers], config)
  const places = layer.graph.input('end_places', 'int64', [batch])
  const pooled = gather(reshape(last, [batch * tokens, config.hidden_size]), places)
  layer.graph.output(
    'text_embeds',
    linear(layer.at('clip', 'text_projection'), pooled, projection_dim, { bias: false }),
  )
}

function mask(layer: Layer, config: ClipSegConfig, { batch, side }: ClipSegSizes): void {
  const { vision_config: vision, extract_layers: looked, projection_dim } = config
  const layers = Math.max(...looked) + 1
  if (layers > vision.num_hidden_layers) {
    throw layer.graph.problem(
      `The vision encoder has ${vision.num_hidden_layers} layers; layer ${layers - 1} is wanted.`,
    )
  }
  const states = clipVisionLayers(layer.at('clip', 'vision_model'), vision, { batch, side, layers })
  const condition = layer.graph.input('conditional_embeddings', 'float32', [batch, projection_dim])
  const tokens = decoded(
    layer.at('decoder'),
    looked.map(k => states[k + 1]),
    condition,
    config,
  )
  layer.graph.output('logits', drawn(layer.at('decoder', 'transposed_convolution'), tokens, config))
}

/** The decoder's layers, deepest activations first; the text scales and shifts all places alike (FiLM, arXiv:1709.07871).
 *  @returns [batch, patches + 1, reduce_dim] */
function decoded(layer: Layer, activations: readonly Value[], condition: Value, config: ClipSegConfig): Value {
  const { reduce_dim: width, conditional_layer } = config
  const [batch] = condition.shape
  const film = (name: string) => reshape(linear(layer.at(name), condition, width), [batch, 1, width])
  return activations.toReversed().reduce<Value | undefined>((before, activation, k) => {
    const reduced = linear(layer.at('reduces', k), activation, width)
    const joined = before === undefined ? reduced : add(reduced, before)
    const told = k === conditional_layer ? add(multiply(film('film_mul'), joined), film('film_add')) : joined
    return decoderLayer(layer.at('layers', k), told, config)
  }, undefined) as Value
}

/** The reference's `CLIPSegDecoderLayer`: normalised after what is added, not before. */
function decoderLayer(layer: Layer, x: Value, config: ClipSegConfig): Value {
  const { reduce_dim: width, decoder_num_attention_heads: heads, decoder_intermediate_size: inside } = config
  const { layer_norm_eps: epsilon } = config.vision_config
  return layer.block(() => {
    const attention = { hidden_size: width, num_attention_heads: heads }
    const attended = add(x, selfAttention(layer.at('self_attn'), x, attention))
    const first = layerNorm(layer.at('layer_norm1'), attended, epsilon)
    const mlp = linear(layer.at('mlp', 'fc2'), relu(linear(layer.at('mlp', 'fc1'), first, inside)), width)
    return layerNorm(layer.at('layer_norm2'), add(first, mlp), epsilon)
  })
}

/** Tokens of patches as a picture of logits. */
function drawn(layer: Layer, tokens: Value, config: ClipSegConfig): Value {
  const { reduce_dim: width, vision_config: vision } = config
  const [batch, count] = tokens.shape
  const side = Math.sqrt(count - 1)
  const places = reshape(transpose(slice(tokens, 1, 1, count), [0, 2, 1]), [batch, width, side, side])
  if (!config.use_complex_transposed_convolution) {
    return plane(transposedConvolution(layer, places, 1, vision.patch_size))
  }
  const kernel = Math.floor(vision.patch_size / 4)
  const first = relu(convolution(layer.at(0), places, width))
  const second = relu(transposedConvolution(layer.at(2), first, Math.floor(width / 2), kernel))
  return plane(transposedConvolution(layer.at(4), second, 1, kernel))
}

const plane = (x: Value): Value => reshape(x, [x.shape[0], x.shape[2], x.shape[3]])

/** torch.nn.ConvTranspose2d whose kernel is as large as its stride. x [batch, in, height, width] -> [batch, out, height k, width k] */
function transposedConvolution(layer: Layer, x: Value, out: number, kernel: number): Value {
  return layer.build(() => {
    const weight = computed(layer.parameter('weight', [x.shape[1], out, kernel, kernel], { anchor: x }))
    const bias = layer.parameter('bias', [out], { use: [1, out, 1, 1], anchor: x })
    return add(convTranspose(computed(x), weight, { stride: kernel, padding: 0 }), bias)
  })
}
