import type { JsonObject } from '../json-file.ts'
import type { TensorEntry } from '../safetensors.ts'
import { below, countOf, type Target } from './key-table.ts'

type Tensors = ReadonlyMap<string, TensorEntry>

interface ReadTransformer {
  readonly rows: [string, Target][]
  readonly config: JsonObject
}

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

/** Stable Diffusion 3's transformer (Esser et al. 2024, arXiv:2403.03206) in the authors' layout, `joint_blocks.N`. */
export function readStableDiffusion3(tensors: Tensors): ReadTransformer {
  const shape = (key: string) => tensors.get(key)?.shape ?? []
  const layers = countOf(tensors, 'joint_blocks')
  const dual = Array.from({ length: layers }, (_, k) => k).filter(k =>
    tensors.has(`joint_blocks.${k}.x_block.attn2.qkv.weight`),
  )
  const [width = 0, channels, patch = 1] = shape('x_embedder.proj.weight')
  const heads = Math.max(1, Math.floor(width / 64))
  const positions = Math.round(Math.sqrt(shape('pos_embed')[1] ?? 0))
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
  const config = {
    _class_name: 'SD3Transformer2DModel',
    in_channels: channels,
    out_channels: (shape('final_layer.linear.weight')[0] ?? 0) / (patch * patch),
    patch_size: patch,
    num_layers: layers,
    num_attention_heads: heads,
    attention_head_dim: width / heads,
    caption_projection_dim: shape('context_embedder.weight')[0],
    joint_attention_dim: shape('context_embedder.weight')[1],
    pooled_projection_dim: shape('y_embedder.mlp.0.weight')[1],
    pos_embed_max_size: positions,
    qk_norm: tensors.has('joint_blocks.0.x_block.attn.ln_q.weight') ? 'rms_norm' : null,
    dual_attention_layers: dual,
    sample_size: 128,
  }
  return { rows, config }
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

/** Flux's transformer (Black Forest Labs) in the authors' layout, `double_blocks.N` and `single_blocks.N`. */
export function readFlux(tensors: Tensors): ReadTransformer {
  const shape = (key: string) => tensors.get(key)?.shape ?? []
  const [layers, singles] = [countOf(tensors, 'double_blocks'), countOf(tensors, 'single_blocks')]
  const [width = 0, channels = 0] = shape('img_in.weight')
  const headWidth = shape('double_blocks.0.img_attn.norm.query_norm.scale')[0] ?? 128
  const guided = tensors.has('guidance_in.in_layer.weight')
  const rows: [string, Target][] = [
    ['img_in', 'x_embedder'],
    ['txt_in', 'context_embedder'],
    ...below('time_in', 'time_text_embed.timestep_embedder', fluxEmbedding),
    ...below('vector_in', 'time_text_embed.text_embedder', fluxEmbedding),
    ...below('guidance_in', 'time_text_embed.guidance_embedder', fluxEmbedding),
    ...lastRows,
  ]
  for (let k = 0; k < layers; k++) rows.push(...doubleBlock(`double_blocks.${k}`, `transformer_blocks.${k}`))
  const inner = (shape('single_blocks.0.linear1.weight')[0] ?? 0) - 3 * width
  for (let k = 0; k < singles; k++) {
    const [from, to] = [`single_blocks.${k}`, `single_transformer_blocks.${k}`]
    const names = ['attn.to_q', 'attn.to_k', 'attn.to_v', 'proj_mlp'].map(name => `${to}.${name}`)
    rows.push(...parts(`${from}.linear1`, names, [width, width, width, inner]))
    rows.push(...below(from, to, singleLeaves))
  }
  const config = {
    _class_name: 'FluxTransformer2DModel',
    in_channels: channels,
    out_channels: shape('final_layer.linear.weight')[0],
    patch_size: 1,
    num_layers: layers,
    num_single_layers: singles,
    num_attention_heads: width / headWidth,
    attention_head_dim: headWidth,
    joint_attention_dim: shape('txt_in.weight')[1],
    pooled_projection_dim: shape('vector_in.in_layer.weight')[1],
    guidance_embeds: guided,
    axes_dims_rope: ropeAxes(headWidth),
  }
  return { rows, config }
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
