/** Where a layer stands in a UNet: which resnets and attentions each block has. */
interface Blocks {
  /** Resnets of each block of the way down. */
  readonly down: readonly number[]
  /** Resnets of each block of the way up. */
  readonly up: readonly number[]
  /** Blocks of the way up that have attention. */
  readonly upAttention: ReadonlySet<number>
}

/** Names of a UNet's layers in the original code of latent diffusion (CompVis, Stability's `sgm`), by which kohya's trainer saves LoRAs
 *  for SDXL: there every block is a numbered list (`input_blocks.4.1`), and a block's place counts what stands before it.
 *  @param layers paths in diffusers  @returns the original name of each that has one */
export function ldmNames(layers: readonly string[]): ReadonlyMap<string, string> {
  const blocks = blocksOf(layers)
  return new Map(
    layers.flatMap(layer => {
      const name = ldmName(layer, blocks)
      return name === undefined ? [] : [[layer, name] as const]
    }),
  )
}

function blocksOf(layers: readonly string[]): Blocks {
  const count = (way: string) => {
    const counts: number[] = []
    for (const layer of layers) {
      const [, block, resnet] = new RegExp(`^${way}_blocks\\.(\\d+)\\.resnets\\.(\\d+)\\.`).exec(layer) ?? []
      if (resnet !== undefined) counts[Number(block)] = Math.max(counts[Number(block)] ?? 0, Number(resnet) + 1)
    }
    return Array.from(counts, resnets => resnets ?? 0)
  }
  const attention = layers.map(layer => /^up_blocks\.(\d+)\.attentions\./.exec(layer)?.[1])
  return {
    down: count('down'),
    up: count('up'),
    upAttention: new Set(attention.filter(block => block !== undefined).map(Number)),
  }
}

const single: Readonly<Record<string, string>> = {
  conv_in: 'input_blocks.0.0',
  conv_out: 'out.2',
  conv_norm_out: 'out.0',
  'time_embedding.linear_1': 'time_embed.0',
  'time_embedding.linear_2': 'time_embed.2',
  'add_embedding.linear_1': 'label_emb.0.0',
  'add_embedding.linear_2': 'label_emb.0.2',
}

const inResnet: Readonly<Record<string, string>> = {
  norm1: 'in_layers.0',
  conv1: 'in_layers.2',
  time_emb_proj: 'emb_layers.1',
  norm2: 'out_layers.0',
  conv2: 'out_layers.3',
  conv_shortcut: 'skip_connection',
}

function ldmName(layer: string, blocks: Blocks): string | undefined {
  if (Object.hasOwn(single, layer)) return single[layer]
  const [, way, block, part, index, rest] =
    /^(down_blocks|mid_block|up_blocks)(?:\.(\d+))?\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)$/.exec(
      layer,
    ) ?? []
  if (rest === undefined) return undefined
  const inside = part === 'resnets' ? inResnet[rest] : rest
  if (inside === undefined) return undefined
  const [number, own] = [Number(block), Number(index)]
  if (way === 'mid_block') return `middle_block.${part === 'attentions' ? 1 : own * 2}.${inside}`
  const place = part === 'attentions' ? 1 : 0
  if (way === 'down_blocks') {
    // conv_in is the first; each block's downsampler follows its resnets.
    const first = blocks.down.slice(0, number).reduce((sum, resnets) => sum + resnets + 1, 1)
    return part === 'downsamplers'
      ? `input_blocks.${first + blocks.down[number]}.0.op`
      : `input_blocks.${first + own}.${place}.${inside}`
  }
  const first = blocks.up.slice(0, number).reduce((sum, resnets) => sum + resnets, 0)
  // The upsampler stands behind the last resnet and its attention.
  return part === 'upsamplers'
    ? `output_blocks.${first + blocks.up[number] - 1}.${blocks.upAttention.has(number) ? 2 : 1}.${inside}`
    : `output_blocks.${first + own}.${place}.${inside}`
}
