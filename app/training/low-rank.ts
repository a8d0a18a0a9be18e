import type { TrainedFactors } from '../models/trained.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import { type TensorToWrite, writeSafetensors } from '../weights/safetensors.ts'
import { streamOf } from './loop.ts'
import type { Numbers } from './numbers.ts'
import { byNetwork, type TrainedNetwork } from './trained-networks.ts'

/** Which layers get low-rank factors (LoRA, Hu et al. 2021, arXiv:2106.09685). */
export interface LowRankChoice {
  readonly rank: number
  /** The factors' product counts alpha / rank times. */
  readonly alpha: number
  /** Beside the projections of attention, which always get them: */
  readonly feedForward: boolean
  readonly convolutions: boolean
}

const patterns = {
  attention: /\.attn[12]\.to_(?:q|k|v|out\.0)$|\.self_attn\.(?:q|k|v|out)_proj$/,
  feedForward: /\.ff\.net\.(?:0\.proj|2)$|\.proj_(?:in|out)$|\.mlp\.fc[12]$/,
  convolutions: /\.resnets\.\d+\.conv(?:1|2|_shortcut)$|samplers\.\d+\.conv$/,
}

/** The layers of a network that get factors. @param layers with the shapes of their weights, as `layersOf` gives them */
export function chosenLayers(layers: ReadonlyMap<string, Shape>, choice: LowRankChoice): Map<string, TrainedFactors> {
  const { rank, alpha } = choice
  const isChosen = (layer: string) =>
    patterns.attention.test(layer) ||
    (choice.feedForward && patterns.feedForward.test(layer)) ||
    (choice.convolutions && patterns.convolutions.test(layer))
  return new Map([...layers.keys()].filter(isChosen).map(layer => [layer, { rank, scale: alpha / rank }]))
}

/** Where factors begin: A as torch begins a linear layer (Kaiming, uniform), B at zero, so that nothing changes at first; as peft does.
 *  @param shapes of `LAYER.lora_A.weight` and `LAYER.lora_B.weight` */
export function firstFactors(shapes: ReadonlyMap<string, Shape>, seed: bigint): Numbers {
  const start = (name: string, shape: Shape): Float32Array => {
    if (!name.endsWith('lora_A.weight')) return new Float32Array(sizeOf(shape))
    const high = 1 / Math.sqrt(sizeOf(shape.slice(1)))
    return streamOf(seed, `start of ${name}`).uniform(shape, { low: -high, high }).data
  }
  return new Map(shapes.entries().map(([name, shape]) => [name, start(name, shape)]))
}

/** The prefix that kohya's trainer gives the layers of a network: that of the first text encoder depends on whether there is a second. */
const prefixes = (hasTwo: boolean): Readonly<Record<TrainedNetwork, string>> => ({
  unet: 'lora_unet_',
  text_encoder: hasTwo ? 'lora_te1_text_model_' : 'lora_te_text_model_',
  text_encoder_2: 'lora_te2_text_model_',
})

/** Writes trained factors as kohya's trainer does, so that every program loads them: `lora_unet_LAYER.lora_down.weight`, `.lora_up.weight` and
 *  `.alpha`, dots of the layer's path replaced by `_`.
 *  @param factors `LAYER.lora_A.weight` and `LAYER.lora_B.weight`, with their shapes; those of text encoders by names as `byNetwork` reads them
 *  @throws Problem FILE_*, DISK_FULL */
export function writeKohyaLora(
  path: string,
  factors: { readonly numbers: Numbers; readonly shapes: ReadonlyMap<string, Shape> },
  alpha: number,
  metadata: Readonly<Record<string, string>>,
): void {
  const tensors = new Map<string, TensorToWrite>()
  const [numbersOf, shapesOf] = [byNetwork(factors.numbers), byNetwork(factors.shapes)]
  const prefix = prefixes(numbersOf('text_encoder_2').size > 0)
  for (const network of ['unet', 'text_encoder', 'text_encoder_2'] as const) {
    for (const [name, data] of numbersOf(network)) {
      const [, layer, factor] = /^(.*)\.lora_([AB])\.weight$/.exec(name) ?? []
      if (layer === undefined) continue
      const kohya = prefix[network] + layer.replaceAll('.', '_')
      const shape = shapesOf(network).get(name) ?? []
      tensors.set(`${kohya}.lora_${factor === 'A' ? 'down' : 'up'}.weight`, { dtype: 'F32', shape, data })
      tensors.set(`${kohya}.alpha`, { dtype: 'F32', shape: [], data: Float32Array.of(alpha) })
    }
  }
  writeSafetensors(path, tensors, metadata)
}
