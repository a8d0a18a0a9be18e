import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { add, concat, expand, gelu, reshape, split } from '../graph/ops/index.ts'
import { HEAD_WIDTH, type IPAdapterFile } from '../weights/ip-adapter.ts'
import type { Family } from './family.ts'
import { attend } from './layers/attention.ts'
import { layerNorm, linear } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'
import { levelOf } from './unet/conditioned.ts'
import { at, type UNetConfig } from './unet/config.ts'
import { upLevelOf } from './unet-2d-condition.ts'

const count = z.int().positive()
const widths = { picture_width: count, context_width: count }

/** What the file's shapes say: how many tokens are made of a picture, and of what.
 *  whole: of the place of the whole picture in CLIP's space; places: one of each of its patches; resampled: of all patches together. */
const configSchema = z.discriminatedUnion('form', [
  z.object({ form: z.literal('whole'), ...widths, tokens: count }),
  z.object({ form: z.literal('places'), ...widths }),
  z.object({
    ...{ form: z.literal('resampled'), ...widths, tokens: count },
    ...{ hidden_width: count, blocks: z.int().nonnegative(), heads: count },
  }),
])
export type IPAdapterConfig = z.output<typeof configSchema>

/** What one graph is built for. */
export interface IPAdapterSizes {
  readonly pictures: number
  /** Of what CLIP says of a picture: 1 for the whole of it. */
  readonly places: number
}

/** What makes tokens of pictures in an IP-Adapter (Ye et al. 2023, arXiv:2308.06721): the reference's ImageProjection,
 *  IPAdapterFullImageProjection and IPAdapterPlusImageProjection, by the names of the published files.
 *  Input: pictures [pictures, places, picture_width]. Output: tokens [pictures, tokens of each, context_width]. */
export const ipAdapter: Family<IPAdapterConfig, IPAdapterSizes> = {
  className: 'IPAdapter',
  config: configSchema,
  graphs: { project },
  usesAllWeights: true,
}

/** Tokens that are made of a picture. @param places of CLIP's patches, with the whole picture's */
export const tokensOf = (config: IPAdapterConfig, places: number): number =>
  config.form === 'places' ? places : config.tokens

function project(root: Layer, config: IPAdapterConfig, { pictures, places }: IPAdapterSizes): void {
  const layer = root.at('image_proj')
  const seen = root.graph.input('pictures', 'float32', [pictures, places, config.picture_width])
  const tokens =
    config.form === 'whole'
      ? wholeProjection(layer, seen, config)
      : config.form === 'places'
        ? placesProjection(layer, seen, config)
        : resampled(layer, seen, config)
  root.graph.output('tokens', tokens)
}

function wholeProjection(layer: Layer, seen: Value, { tokens, context_width: width }: { tokens: number } & Widths) {
  const rows = linear(layer.at('proj'), reshape(seen, [seen.shape[0], seen.shape[2]]), tokens * width)
  return layerNorm(layer.at('norm'), reshape(rows, [seen.shape[0], tokens, width]))
}

function placesProjection(layer: Layer, seen: Value, { context_width: width }: Widths) {
  const inside = gelu(linear(layer.at('proj', 0), seen, seen.shape[2]))
  return layerNorm(layer.at('proj', 3), linear(layer.at('proj', 2), inside, width))
}

/** Learned queries look at the patches and at each other, block by block (a Perceiver: Jaegle et al. 2021, arXiv:2103.03206). */
function resampled(layer: Layer, seen: Value, config: Extract<IPAdapterConfig, { form: 'resampled' }>): Value {
  const { tokens, hidden_width: width } = config
  const places = linear(layer.at('proj_in'), seen, width)
  const learned = layer.parameter('latents', [1, tokens, width], { anchor: places })
  let hidden = expand(learned, [seen.shape[0], tokens, width])
  for (let k = 0; k < config.blocks; k++) hidden = resamplerBlock(layer.at('layers', k), places, hidden, config)
  return layerNorm(layer.at('norm_out'), linear(layer.at('proj_out'), hidden, config.context_width))
}

function resamplerBlock(layer: Layer, places: Value, latents: Value, { heads }: { heads: number }): Value {
  const width = latents.shape[2]
  const inside = heads * HEAD_WIDTH
  return layer.block(() => {
    const [looking, thinking] = [layer.at(0), layer.at(1)]
    const queries = layerNorm(looking.at('norm2'), latents)
    const all = concat([layerNorm(looking.at('norm1'), places), queries], 1)
    const bare = { bias: false }
    const [key, value] = split(linear(looking.at('to_kv'), all, 2 * inside, bare), 2, [inside, inside])
    const joined = attend(linear(looking.at('to_q'), queries, inside, bare), key, value, { heads })
    const attended = add(linear(looking.at('to_out'), joined, width, bare), latents)
    const wide = gelu(linear(thinking.at(1), layerNorm(thinking.at(0), attended), 4 * width, bare))
    return add(linear(thinking.at(3), wide, width, bare), attended)
  })
}

interface Widths {
  readonly context_width: number
}

/** An attention to words beside which an IP-Adapter's stands. */
export interface CrossAttention {
  readonly path: string
  /** Width of its queries. */
  readonly inside: number
  /** Of the text that it reads. */
  readonly context: number
}

/** The attentions to words of a UNet in the order in which IP-Adapters count them: the way down, the way up, the middle.
 *  undefined where some are of another kind, beside which none was published. */
export function crossAttentions(config: UNetConfig): CrossAttention[] | undefined {
  const found: CrossAttention[] = []
  const note = (block: string, index: number, depth: number, inside: number, level: number) => {
    const context = at(config.cross_attention_dim, level)
    for (let k = 0; k < depth; k++) {
      found.push({ path: `${block}.attentions.${index}.transformer_blocks.${k}.attn2`, inside, context })
    }
  }
  const last = config.block_out_channels.length - 1
  const types = [...config.down_block_types, ...config.up_block_types]
  const isOther = types.some(type => /SimpleCrossAttn|^K/.test(type))
  if (isOther || config.mid_block_type === 'UNetMidBlock2DSimpleCrossAttn') return undefined
  const addLevel = (block: string, { layers, out, transformerLayers }: ReturnType<typeof levelOf>, level: number) => {
    for (let k = 0; k < layers; k++) note(block, k, transformerLayers(k), out, level)
  }
  for (const [k, type] of config.down_block_types.entries()) {
    if (type === 'CrossAttnDownBlock2D') addLevel(`down_blocks.${k}`, levelOf(config, k), k)
  }
  for (const [k, type] of config.up_block_types.entries()) {
    if (type === 'CrossAttnUpBlock2D') addLevel(`up_blocks.${k}`, upLevelOf(config, k), last - k)
  }
  if (config.mid_block_type === 'UNetMidBlock2DCrossAttn') {
    const { transformerLayers, out } = levelOf(config, last)
    note('mid_block', 0, transformerLayers(0), out, last)
  }
  return found
}

/** Why an IP-Adapter cannot stand beside a UNet, in words that follow "It"; undefined where it can. */
export function imagePromptMisfit({ layers }: Pick<IPAdapterFile, 'layers'>, unet: UNetConfig): string | undefined {
  const places = crossAttentions(unet)
  if (places === undefined) return 'was made for attention of another kind'
  const [given, expected] = [layers[0].key.shape[1], places[0]?.context]
  if (expected !== undefined && given !== expected) {
    return `gives tokens of width ${given}, the model reads text of width ${expected}`
  }
  if (layers.length !== places.length) {
    return `has ${layers.length} layers, the model attends to words in ${places.length}`
  }
  const odd = layers.findIndex(({ key: { shape } }, k) => shape[0] !== places[k].inside)
  return odd < 0
    ? undefined
    : `has a layer of width ${layers[odd].key.shape[0]} where the model's has ${places[odd].inside}`
}
