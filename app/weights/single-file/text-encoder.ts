import type { JsonObject } from '../json-file.ts'
import type { TensorEntry } from '../safetensors.ts'
import { countOf, type Target } from './key-table.ts'

type Tensors = ReadonlyMap<string, TensorEntry>

/** A text encoder that was found in a file. */
export interface FoundTextEncoder {
  readonly className: string
  readonly rows: [string, Target][]
  readonly config: JsonObject
}

/** All published CLIP text encoders of Stable Diffusion have heads of 64 numbers. */
const headsFor = (width: number): number => Math.max(1, Math.floor(width / 64))

interface ClipSizes {
  readonly width: number
  readonly inner: number
  readonly layers: number
  readonly vocabulary: number
  readonly positions: number
  readonly projection: number | undefined
}

function clipConfig(sizes: ClipSizes, activation: 'quick_gelu' | 'gelu'): JsonObject {
  const className = sizes.projection === undefined ? 'CLIPTextModel' : 'CLIPTextModelWithProjection'
  return {
    architectures: [className],
    hidden_size: sizes.width,
    intermediate_size: sizes.inner,
    num_hidden_layers: sizes.layers,
    num_attention_heads: headsFor(sizes.width),
    vocab_size: sizes.vocabulary,
    max_position_embeddings: sizes.positions,
    projection_dim: sizes.projection ?? sizes.width,
    hidden_act: activation,
    layer_norm_eps: 1e-5,
    // The end is the last entry of CLIP's vocabulary.
    eos_token_id: sizes.vocabulary - 1,
  }
}

const found = (sizes: ClipSizes, activation: 'quick_gelu' | 'gelu', rows: [string, Target][]): FoundTextEncoder => ({
  className: sizes.projection === undefined ? 'CLIPTextModel' : 'CLIPTextModelWithProjection',
  rows,
  config: clipConfig(sizes, activation),
})

/** A text encoder in the layout of transformers; with the matrix that leads to the shared space where `projected`.
 *  CLIP as OpenAI published it (quick GELU) and OpenCLIP's (GELU) cannot be told apart by shapes: the caller knows. */
export function readClip(
  tensors: Tensors,
  options: { projected: boolean; activation: 'quick_gelu' | 'gelu' },
): FoundTextEncoder {
  // transformers up to 4 put all of it under "text_model."
  const path = tensors.has('embeddings.token_embedding.weight') ? '' : 'text_model.'
  const shape = (key: string) => tensors.get(`${path}${key}`)?.shape ?? []
  const [vocabulary = 0, width = 0] = shape('embeddings.token_embedding.weight')
  const sizes = {
    width,
    vocabulary,
    inner: shape('encoder.layers.0.mlp.fc1.weight')[0] ?? 0,
    layers: countOf(tensors, `${path}encoder.layers`),
    positions: shape('embeddings.position_embedding.weight')[0] ?? 0,
    projection: options.projected ? (tensors.get('text_projection.weight')?.shape[0] ?? width) : undefined,
  }
  return found(sizes, options.activation, [])
}

/** The layers that the reference takes of OpenCLIP's ViT-H in Stable Diffusion 2, which reads the last but one. */
const layersOfStableDiffusion2 = 23

/** A text encoder in OpenCLIP's layout: queries, keys and values in one matrix, the projection transposed.
 *  @param projected whether the projection is used (Stable Diffusion XL) or not (Stable Diffusion 2) */
export function readOpenClip(tensors: Tensors, { projected }: { projected: boolean }): FoundTextEncoder {
  const stored = countOf(tensors, 'transformer.resblocks')
  const layers = projected ? stored : Math.min(stored, layersOfStableDiffusion2)
  const [vocabulary = 0, width = 0] = tensors.get('token_embedding.weight')?.shape ?? []
  const sizes = {
    width,
    vocabulary,
    layers,
    inner: tensors.get('transformer.resblocks.0.mlp.c_fc.weight')?.shape[0] ?? 0,
    positions: tensors.get('positional_embedding')?.shape[0] ?? 0,
    projection: projected ? (tensors.get('text_projection')?.shape[1] ?? width) : undefined,
  }
  const rows: [string, Target][] = [
    ['positional_embedding', 'text_model.embeddings.position_embedding.weight'],
    ['token_embedding', 'text_model.embeddings.token_embedding'],
    ['ln_final', 'text_model.final_layer_norm'],
    ['text_projection', { transposed: 'text_projection.weight' }],
  ]
  for (let k = 0; k < layers; k++)
    rows.push(...openClipLayer(`transformer.resblocks.${k}`, `text_model.encoder.layers.${k}`))
  return found(sizes, 'gelu', rows)
}

const openClipLayer = (from: string, to: string): [string, Target][] => [
  [`${from}.ln_1`, `${to}.layer_norm1`],
  [`${from}.ln_2`, `${to}.layer_norm2`],
  [`${from}.mlp.c_fc`, `${to}.mlp.fc1`],
  [`${from}.mlp.c_proj`, `${to}.mlp.fc2`],
  [`${from}.attn.out_proj`, `${to}.self_attn.out_proj`],
  ...['weight', 'bias'].map((kind): [string, Target] => [
    `${from}.attn.in_proj_${kind}`,
    { parts: ['q', 'k', 'v'].map(name => `${to}.self_attn.${name}_proj.${kind}`) },
  ]),
]

/** T5's encoder in the layout of transformers (Raffel et al. 2019, arXiv:1910.10683). */
export function readT5(tensors: Tensors): FoundTextEncoder {
  const shape = (key: string) => tensors.get(key)?.shape ?? []
  const first = 'encoder.block.0.layer'
  const gated = tensors.has(`${first}.1.DenseReluDense.wi_0.weight`)
  const [, heads = 1] = shape(`${first}.0.SelfAttention.relative_attention_bias.weight`)
  const [vocabulary, width] = shape(tensors.has('shared.weight') ? 'shared.weight' : 'encoder.embed_tokens.weight')
  const config = {
    architectures: ['T5EncoderModel'],
    vocab_size: vocabulary,
    d_model: width,
    d_kv: (shape(`${first}.0.SelfAttention.q.weight`)[0] ?? 0) / heads,
    d_ff: shape(`${first}.1.DenseReluDense.${gated ? 'wi_0' : 'wi'}.weight`)[0],
    num_layers: countOf(tensors, 'encoder.block'),
    num_heads: heads,
    relative_attention_num_buckets: shape(`${first}.0.SelfAttention.relative_attention_bias.weight`)[0],
    relative_attention_max_distance: 128,
    layer_norm_epsilon: 1e-6,
    feed_forward_proj: gated ? 'gated-gelu' : 'relu',
  }
  return { className: 'T5EncoderModel', rows: [], config }
}
