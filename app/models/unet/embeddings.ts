import type { Value } from '../../graph/graph.ts'
import { add, concat, expand, reshape } from '../../graph/ops/index.ts'
import {
  type Activation,
  activations,
  embeddingLayers,
  fourierEmbedding,
  linear,
  silu,
  timestepEmbedding,
} from '../layers/basic.ts'
import { computed } from '../layers/half.ts'
import type { Layer } from '../layers/layer.ts'
import type { ConditionedConfig } from './config.ts'

/** What stands for the whole picture beside the timestep. */
export interface EmbeddingSizes {
  readonly batch: number
  /** Sizes and crops of SDXL, where the config asks for them: 6 for a base model (default), 5 for a refiner. */
  readonly timeIds?: number
}

/** Sum of what the config embeds for the whole picture: [1 or batch] timesteps -> [1 or batch, width].
 *  Declares the inputs that the config asks for: timestep_cond [batch, time_cond_proj_dim] (zeros: none),
 *  class_labels ([batch] or [batch, width of the projection]), text_embeds [batch, width], time_ids [batch, timeIds].
 *  @param classActivation of the class embedding of type `timestep` */
export function wholeEmbedding(
  layer: Layer,
  timestep: Value,
  config: ConditionedConfig,
  sizes: EmbeddingSizes,
  classActivation: Activation = silu,
): Value {
  const width = timeWidth(config)
  let time = timeEmbedding(layer, timestep, config, sizes)
  const classes = classEmbedding(layer, config, sizes, classActivation)
  if (classes !== undefined) {
    time = config.class_embeddings_concat
      ? concat([expand(time, [sizes.batch, width]), classes], 1)
      : add(time, classes)
  }
  if (config.addition_embed_type === 'text_time') time = add(time, textTimeEmbedding(layer, config, sizes))
  return config.time_embedding_act_fn == null ? time : activations[config.time_embedding_act_fn](time)
}

function timeWidth({
  time_embedding_dim: width,
  time_embedding_type: type,
  block_out_channels: [first],
}: ConditionedConfig): number {
  return width ?? first * (type === 'fourier' ? 2 : 4)
}

/** [n] timesteps -> [n, width of the first embedding layer] */
function projected(layer: Layer, timesteps: Value, config: ConditionedConfig): Value {
  const { flip_sin_to_cos: flipSinToCos, freq_shift: frequencyShift } = config
  const projection = layer.at('time_proj')
  return config.time_embedding_type === 'fourier'
    ? fourierEmbedding(projection, timesteps, timeWidth(config) / 2, { flipSinToCos, logarithm: false })
    : timestepEmbedding(projection, timesteps, config.block_out_channels[0], { flipSinToCos, frequencyShift })
}

function timeEmbedding(layer: Layer, timestep: Value, config: ConditionedConfig, { batch }: EmbeddingSizes): Value {
  let sinusoid = projected(layer, timestep, config)
  const embedding = layer.at('time_embedding')
  if (config.time_cond_proj_dim != null) {
    // The strength of guidance of latent consistency models (Luo et al. 2023, arXiv:2310.04378, section 4.2).
    const condition = layer.graph.input('timestep_cond', 'float32', [batch, config.time_cond_proj_dim])
    sinusoid = add(computed(sinusoid), linear(embedding.at('cond_proj'), condition, sinusoid.shape[1], { bias: false }))
  }
  const time = embeddingLayers(embedding, sinusoid, timeWidth(config), activations[config.act_fn])
  return config.timestep_post_act == null ? time : activations[config.timestep_post_act](time)
}

function classEmbedding(
  layer: Layer,
  config: ConditionedConfig,
  { batch }: EmbeddingSizes,
  activation: Activation,
): Value | undefined {
  const width = timeWidth(config)
  const embedding = layer.at('class_embedding')
  const labels = (...rest: number[]) => layer.graph.input('class_labels', 'float32', [batch, ...rest])
  const projection = config.projection_class_embeddings_input_dim ?? 0
  switch (config.class_embed_type) {
    case 'timestep':
      return embeddingLayers(embedding, projected(layer, labels(), config), width, activation)
    case 'identity':
      return computed(labels(width))
    case 'projection':
      return embeddingLayers(embedding, labels(projection), width)
    case 'simple_projection':
      return linear(embedding, labels(projection), width)
  }
  if (config.num_class_embeds == null) return undefined
  return embedding.rows('weight', [config.num_class_embeds, width], layer.graph.input('class_labels', 'int64', [batch]))
}

/** Pooled text, sizes and crops (Podell et al. 2023, arXiv:2307.01952, section 2.2). */
function textTimeEmbedding(layer: Layer, config: ConditionedConfig, { batch, timeIds = 6 }: EmbeddingSizes): Value {
  const each = config.addition_time_embed_dim ?? 0
  const width = config.projection_class_embeddings_input_dim ?? 0
  const textWidth = width - each * timeIds
  if (textWidth <= 0)
    throw layer.graph.problem(`add_embedding of width ${width} leaves no room for text beside ${timeIds} x ${each}.`)
  const text = layer.graph.input('text_embeds', 'float32', [batch, textWidth])
  const ids = layer.graph.input('time_ids', 'float32', [batch, timeIds])
  const sinusoids = timestepEmbedding(layer.at('add_time_proj'), reshape(ids, [batch * timeIds]), each, {
    flipSinToCos: config.flip_sin_to_cos,
    frequencyShift: config.freq_shift,
  })
  const joined = concat([text, reshape(sinusoids, [batch, timeIds * each])], 1)
  return embeddingLayers(layer.at('add_embedding'), joined, timeWidth(config))
}
