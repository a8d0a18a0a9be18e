import type { TensorEntry } from '../safetensors.ts'
import { below, countOf, type Target } from './key-table.ts'

/* Keys of CompVis' UNet (`model.diffusion_model.` in its files, `openaimodel.py`) and of the ControlNet made after it (`cldm.py`). */

type Tensors = ReadonlyMap<string, TensorEntry>
type Rows = [string, Target][]

/** How precise the mask of a SmartBrush is: a name of ours, since no such file was published. */
export const SHAPE_LEVELS = 'shape_level_emb'

const resnetLeaves = [
  ['in_layers.0', 'norm1'],
  ['in_layers.2', 'conv1'],
  ['emb_layers.1', 'time_emb_proj'],
  ['out_layers.0', 'norm2'],
  ['out_layers.3', 'conv2'],
  ['skip_connection', 'conv_shortcut'],
] as const

const hasAttention = (tensors: Tensors, path: string): boolean => countOf(tensors, `${path}.transformer_blocks`) > 0

/** The key table of a UNet. @param addition what `label_emb.0` is: SDXL's picture sizes and pooled text, or a class */
export const unetRows = (tensors: Tensors, addition: 'add_embedding' | 'class_embedding'): Rows => [
  ...bodyRows(tensors, addition),
  ...upRows(tensors),
  ['out.0', 'conv_norm_out'],
  ['out.2', 'conv_out'],
]

/** The key table of a ControlNet (Zhang et al. 2023, arXiv:2302.05543). */
export function controlNetRows(tensors: Tensors, addition: 'add_embedding' | 'class_embedding'): Rows {
  const rows = [...bodyRows(tensors, addition)]
  rows.push(['middle_block_out.0', 'controlnet_mid_block'])
  for (let n = 0; n < countOf(tensors, 'zero_convs'); n++) {
    rows.push([`zero_convs.${n}.0`, `controlnet_down_blocks.${n}`])
  }
  // Convolutions of the hint stand at even places, activations between them.
  const last = countOf(tensors, 'input_hint_block') - 1
  for (let place = 0; place <= last; place += 2) {
    const to = place === 0 ? 'conv_in' : place === last ? 'conv_out' : `blocks.${place / 2 - 1}`
    rows.push([`input_hint_block.${place}`, `controlnet_cond_embedding.${to}`])
  }
  return rows
}

/** The way down and the middle: `input_blocks.N.0` is a residual block, or the downsampling that ends a level. */
function bodyRows(tensors: Tensors, addition: string): Rows {
  const rows: Rows = [
    ['time_embed.0', 'time_embedding.linear_1'],
    ['time_embed.2', 'time_embedding.linear_2'],
    ['label_emb', 'class_embedding'],
    [SHAPE_LEVELS, 'class_embedding'],
    ['label_emb.0.0', `${addition}.linear_1`],
    ['label_emb.0.2', `${addition}.linear_2`],
    ['input_blocks.0.0', 'conv_in'],
    ...below('middle_block.0', 'mid_block.resnets.0', resnetLeaves),
    ['middle_block.1', 'mid_block.attentions.0'],
    ...below('middle_block.2', 'mid_block.resnets.1', resnetLeaves),
  ]
  let [level, resnet] = [0, 0]
  for (let n = 1; n < countOf(tensors, 'input_blocks'); n++) {
    const [block, down] = [`input_blocks.${n}`, `down_blocks.${level}`]
    if (tensors.has(`${block}.0.op.weight`)) {
      rows.push([`${block}.0.op`, `${down}.downsamplers.0.conv`])
      level++
      resnet = 0
      continue
    }
    rows.push(...below(`${block}.0`, `${down}.resnets.${resnet}`, resnetLeaves))
    if (hasAttention(tensors, `${block}.1`)) rows.push([`${block}.1`, `${down}.attentions.${resnet}`])
    resnet++
  }
  return rows
}

/** The way up: after each residual block (0) an attention or the upsampling (1), or both (1, 2). */
function upRows(tensors: Tensors): Rows {
  const rows: Rows = []
  let [level, resnet] = [0, 0]
  for (let n = 0; n < countOf(tensors, 'output_blocks'); n++) {
    const [block, up] = [`output_blocks.${n}`, `up_blocks.${level}`]
    rows.push(...below(`${block}.0`, `${up}.resnets.${resnet}`, resnetLeaves))
    if (hasAttention(tensors, `${block}.1`)) rows.push([`${block}.1`, `${up}.attentions.${resnet}`])
    resnet++
    const upsampling = [1, 2].find(place => tensors.has(`${block}.${place}.conv.weight`))
    if (upsampling === undefined) continue
    rows.push([`${block}.${upsampling}.conv`, `${up}.upsamplers.0.conv`])
    level++
    resnet = 0
  }
  return rows
}
