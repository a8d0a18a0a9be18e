import type { JsonObject } from '../json-file.ts'
import type { TensorEntry } from '../safetensors.ts'
import { below, countOf, type Target } from './key-table.ts'

type Tensors = ReadonlyMap<string, TensorEntry>

const parts = (from: string, names: readonly string[], sizes?: readonly number[]): [string, Target][] =>
  ['weight', 'bias', 'scale_weight', 'weight_scale'].map(kind => [
    `${from}.${kind}`,
    { parts: names.map(name => `${name}.${kind}`), sizes },
  ])

/** Joined queries, keys and values of one attention, cut into three. */
const joined = (from: string, to: string, names: readonly string[]): [string, Target][] =>
  parts(
    from,
    names.map(name => `${to}.${name}`),
  )

const own = ['to_q', 'to_k', 'to_v']
const added = ['add_q_proj', 'add_k_proj', 'add_v_proj']

/** The authors' last modulation is shift, scale; the reference's scale, shift. */
const lastRows: [string, Target][] = [
  ['final_layer.linear', 'proj_out'],
  ['final_layer.adaLN_modulation.1.weight', { swapped: 'norm_out.linear.weight' }],
  ['final_layer.adaLN_modulation.1.bias', { swapped: 'norm_out.linear.bias' }],
]

/** The key table of Stable Diffusion 3's transformer (Esser et al. 2024, arXiv:2403.03206) in the authors' layout. @param layers joint blocks */
export function stableDiffusion3Rows(layers: number): [string, Target][] {
  const rows: [string, Target][] = [
    ['pos_embed', 'pos_embed.pos_embed'],
    ['x_embedder.proj', 'pos_embed.proj'],
    ['context_embedder', 'context_embedder'],
    ...below('t_embedder.mlp', 'time_text_embed.timestep_embedder', embedding),
    ...below('y_embedder.mlp', 'time_text_embed.text_embedder', embedding),
    ...lastRows,
  ]
  for (let k = 0; k < layers; k++)
    rows.push(...jointBlock(`joint_blocks.${k}`, `transformer_blocks.${k}`, k === layers - 1))
  return rows
}

/** The config of the reference's SD3Transformer2DModel, from shapes by its own names. */
export function stableDiffusion3Config(named: Tensors): JsonObject {
  const shape = (key: string) => named.get(key)?.shape ?? []
  const layers = countOf(named, 'transformer_blocks')
  const dual = Array.from({ length: layers }, (_, k) => k).filter(k =>
    named.has(`transformer_blocks.${k}.attn2.to_q.weight`),
  )
  const [width = 0, channels, patch = 1] = shape('pos_embed.proj.weight')
  const heads = Math.max(1, Math.floor(width / 64))
  return {
    _class_name: 'SD3Transformer2DModel',
    in_channels: channels,
    out_channels: (shape('proj_out.weight')[0] ?? 0) / (patch * patch),
    patch_size: patch,
    num_layers: layers,
    num_attention_heads: heads,
    attention_head_dim: width / heads,
    caption_projection_dim: shape('context_embedder.weight')[0],
    joint_attention_dim: shape('context_embedder.weight')[1],
    pooled_projection_dim: shape('time_text_embed.text_embedder.linear_1.weight')[1],
    pos_embed_max_size: Math.round(Math.sqrt(shape('pos_embed.pos_embed')[1] ?? 0)),
    qk_norm: named.has('transformer_blocks.0.attn.norm_q.weight') ? 'rms_norm' : null,
    dual_attention_layers: dual,
    sample_size: 128,
  }
}

const embedding = [
  ['0', 'linear_1'],
  ['2', 'linear_2'],
] as const

/** The last block's text side only modulates: shift and scale, in the other order than the reference's. */
function jointBlock(from: string, to: string, isLast: boolean): [string, Target][] {
  const [picture, text] = [`${from}.x_block`, `${from}.context_block`]
  const modulation = `${text}.adaLN_modulation.1`
  const lastModulation = ['weight', 'bias'].map((kind): [string, Target] => [
    `${modulation}.${kind}`,
    { swapped: `${to}.norm1_context.linear.${kind}` },
  ])
  return [
    [`${picture}.adaLN_modulation.1`, `${to}.norm1.linear`],
    ...(isLast ? lastModulation : [[modulation, `${to}.norm1_context.linear`] satisfies [string, Target]]),
    ...joined(`${picture}.attn.qkv`, `${to}.attn`, own),
    ...joined(`${picture}.attn2.qkv`, `${to}.attn2`, own),
    ...joined(`${text}.attn.qkv`, `${to}.attn`, added),
    ...below(`${picture}.attn`, `${to}.attn`, [...norms('norm_q', 'norm_k'), ['proj', 'to_out.0']]),
    ...below(`${picture}.attn2`, `${to}.attn2`, [...norms('norm_q', 'norm_k'), ['proj', 'to_out.0']]),
    ...below(`${text}.attn`, `${to}.attn`, [...norms('norm_added_q', 'norm_added_k'), ['proj', 'to_add_out']]),
    ...below(`${picture}.mlp`, `${to}.ff`, feedForward),
    ...below(`${text}.mlp`, `${to}.ff_context`, feedForward),
  ]
}

const norms = (query: string, key: string): [string, string][] => [
  ['ln_q', query],
  ['ln_k', key],
]

const feedForward = [
  ['fc1', 'net.0.proj'],
  ['fc2', 'net.2'],
] as const

/** What Flux's key table depends on. */
interface FluxSizes {
  /** Double blocks and single ones. */
  readonly layers: number
  readonly singles: number
  readonly width: number
  /** Of the feed-forward part of a single block. */
  readonly inner: number
}

/** The key table of Flux's transformer (Black Forest Labs) in the authors' layout. */
export function fluxRows({ layers, singles, width, inner }: FluxSizes): [string, Target][] {
  const rows: [string, Target][] = [
    ['img_in', 'x_embedder'],
    ['txt_in', 'context_embedder'],
    ...below('time_in', 'time_text_embed.timestep_embedder', fluxEmbedding),
    ...below('vector_in', 'time_text_embed.text_embedder', fluxEmbedding),
    ...below('guidance_in', 'time_text_embed.guidance_embedder', fluxEmbedding),
    ...lastRows,
  ]
  for (let k = 0; k < layers; k++) rows.push(...doubleBlock(`double_blocks.${k}`, `transformer_blocks.${k}`))
  for (let k = 0; k < singles; k++) {
    const [from, to] = [`single_blocks.${k}`, `single_transformer_blocks.${k}`]
    const names = ['attn.to_q', 'attn.to_k', 'attn.to_v', 'proj_mlp'].map(name => `${to}.${name}`)
    rows.push(...parts(`${from}.linear1`, names, [width, width, width, inner]))
    rows.push(...below(from, to, singleLeaves))
  }
  return rows
}

/** What `fluxRows` needs of a file in the authors' layout. */
export function fluxSizes(tensors: Tensors): FluxSizes {
  const [width = 0] = tensors.get('img_in.weight')?.shape ?? []
  const [joined = 0] = tensors.get('single_blocks.0.linear1.weight')?.shape ?? []
  const [layers, singles] = [countOf(tensors, 'double_blocks'), countOf(tensors, 'single_blocks')]
  return { layers, singles, width, inner: joined - 3 * width }
}

/** The config of the reference's FluxTransformer2DModel, from shapes by its own names. */
export function fluxConfig(named: Tensors): JsonObject {
  const shape = (key: string) => named.get(key)?.shape ?? []
  const [width = 0, channels = 0] = shape('x_embedder.weight')
  const headWidth = shape('transformer_blocks.0.attn.norm_q.weight')[0] ?? 128
  return {
    _class_name: 'FluxTransformer2DModel',
    in_channels: channels,
    out_channels: shape('proj_out.weight')[0],
    patch_size: 1,
    num_layers: countOf(named, 'transformer_blocks'),
    num_single_layers: countOf(named, 'single_transformer_blocks'),
    num_attention_heads: width / headWidth,
    attention_head_dim: headWidth,
    joint_attention_dim: shape('context_embedder.weight')[1],
    pooled_projection_dim: shape('time_text_embed.text_embedder.linear_1.weight')[1],
    guidance_embeds: named.has('time_text_embed.guidance_embedder.linear_1.weight'),
    axes_dims_rope: ropeAxes(headWidth),
  }
}

/** Numbers of a head that turn with frame, row and column: 16, 56, 56 of 128. */
function ropeAxes(headWidth: number): number[] {
  const first = Math.max(2, 2 * Math.round(headWidth / 16))
  return [first, (headWidth - first) / 2, (headWidth - first) / 2]
}

const fluxEmbedding = [
  ['in_layer', 'linear_1'],
  ['out_layer', 'linear_2'],
] as const

const singleLeaves = [
  ['modulation.lin', 'norm.linear'],
  ['norm.query_norm.scale', 'attn.norm_q.weight'],
  ['norm.key_norm.scale', 'attn.norm_k.weight'],
  ['linear2', 'proj_out'],
] as const

const doubleBlock = (from: string, to: string): [string, Target][] => [
  ...joined(`${from}.img_attn.qkv`, `${to}.attn`, own),
  ...joined(`${from}.txt_attn.qkv`, `${to}.attn`, added),
  ...below(from, to, [
    ['img_mod.lin', 'norm1.linear'],
    ['txt_mod.lin', 'norm1_context.linear'],
    ['img_attn.norm.query_norm.scale', 'attn.norm_q.weight'],
    ['img_attn.norm.key_norm.scale', 'attn.norm_k.weight'],
    ['txt_attn.norm.query_norm.scale', 'attn.norm_added_q.weight'],
    ['txt_attn.norm.key_norm.scale', 'attn.norm_added_k.weight'],
    ['img_attn.proj', 'attn.to_out.0'],
    ['txt_attn.proj', 'attn.to_add_out'],
    ['img_mlp.0', 'ff.net.0.proj'],
    ['img_mlp.2', 'ff.net.2'],
    ['txt_mlp.0', 'ff_context.net.0.proj'],
    ['txt_mlp.2', 'ff_context.net.2'],
  ]),
]
