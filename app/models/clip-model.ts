import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import {
  divide,
  exp,
  gather,
  matMul,
  multiply,
  reduceMean,
  reshape,
  softmax,
  sqrt,
  transpose,
} from '../graph/ops/index.ts'
import { isJsonObject } from '../weights/json-file.ts'
import { clipText, clipTextStates, finalNorm } from './clip-text.ts'
import { clipVisionStates, clipVisionWithProjection } from './clip-vision-with-projection.ts'
import type { Family } from './family.ts'
import { linear } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'

/** Old files hold each half's options twice; the reference then lets text_config_dict and vision_config_dict count. */
const oneOfEach = (raw: unknown): unknown => {
  if (!isJsonObject(raw)) return raw
  return {
    ...raw,
    text_config: raw.text_config_dict ?? raw.text_config ?? {},
    vision_config: raw.vision_config_dict ?? raw.vision_config ?? {},
  }
}

const configSchema = z.preprocess(
  oneOfEach,
  z.object({
    text_config: clipText.config,
    vision_config: clipVisionWithProjection.config,
    projection_dim: z.int().positive().default(512),
  }),
)
export type ClipModelConfig = z.output<typeof configSchema>

/** What one graph of a CLIP model is built for. */
export interface ClipModelSizes {
  readonly texts: number
  readonly images: number
  /** Of each text. */
  readonly tokens: number
  /** Whether a mask of the tokens is fed. */
  readonly mask: boolean
}

/** CLIPModel (transformers; Radford et al. 2021, arXiv:2103.00020): texts and pictures in one space.
 *  text: input_ids [texts, tokens] and end_places [texts] (see `endPlaces`), attention_mask where asked for
 *  -> text_embeds [texts, projection_dim] of length 1.
 *  image: pixel_values [images, channels, size, size] -> image_embeds [images, projection_dim] of length 1.
 *  compare: both -> logits_per_image [images, texts], logits_per_text [texts, images], probs: the share of each text in a picture. */
export const clipModel: Family<ClipModelConfig, ClipModelSizes> = {
  className: 'CLIPModel',
  config: configSchema,
  // It measures: its scores are compared with others'.
  computesInFull: () => true,
  graphs: { text, image, compare },
}

function text(layer: Layer, { text_config: config, projection_dim }: ClipModelConfig, sizes: ClipModelSizes): void {
  const { texts: batch, tokens, mask } = sizes
  const states = clipTextStates(layer.at('text_model'), config, { batch, tokens, mask })
  const last = finalNorm(layer.at('text_model'), states[config.num_hidden_layers], config)
  const places = layer.graph.input('end_places', 'int64', [batch])
  const pooled = gather(reshape(last, [batch * tokens, config.hidden_size]), places)
  const embeds = linear(layer.at('text_projection'), pooled, projection_dim, { bias: false })
  layer.graph.output('text_embeds', unitLength(embeds))
}

function image(layer: Layer, { vision_config: config, projection_dim }: ClipModelConfig, sizes: ClipModelSizes): void {
  const { pooled } = clipVisionStates(layer.at('vision_model'), config, sizes.images)
  const embeds = linear(layer.at('visual_projection'), pooled, projection_dim, { bias: false })
  layer.graph.output('image_embeds', unitLength(embeds))
}

function compare(layer: Layer, { projection_dim: width }: ClipModelConfig, { texts, images }: ClipModelSizes): void {
  const { graph } = layer
  const imageEmbeds = graph.input('image_embeds', 'float32', [images, width])
  const textEmbeds = graph.input('text_embeds', 'float32', [texts, width])
  const scale = exp(layer.parameter('logit_scale', [], { anchor: imageEmbeds }))
  const perImage = multiply(matMul(imageEmbeds, transpose(textEmbeds, [1, 0])), scale)
  graph.output('logits_per_image', perImage)
  graph.output('logits_per_text', transpose(perImage, [1, 0]))
  graph.output('probs', softmax(perImage))
}

/** Rows [rows, width] divided by their length. */
function unitLength(x: Value): Value {
  const squares = multiply(reduceMean(multiply(x, x), 1), x.shape[1])
  return divide(x, sqrt(squares))
}
