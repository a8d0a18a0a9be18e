/** The networks of a checkpoint that adapters change, by their names in diffusers; a transformer stands in the UNet's place. T5 is the
 *  second text encoder of Flux and the third of Stable Diffusion 3. */
export const adaptedNetworks = ['unet', 'text_encoder', 'text_encoder_2', 't5'] as const
export type AdaptedNetwork = (typeof adaptedNetworks)[number]

/** What a tensor of an adapter's file is to its layer. Low rank: down, up, mid (Hu et al. 2021, arXiv:2106.09685; mid of LoCon).
 *  hada_* are LoHa's (Hyeon-Woo et al. 2021, arXiv:2108.06098), lokr_* LoKr's (Yeh et al. 2023, arXiv:2309.14859),
 *  magnitude is DoRA's (Liu et al. 2024, arXiv:2402.09353). */
export type FactorName =
  | 'down'
  | 'up'
  | 'mid'
  | 'alpha'
  | 'magnitude'
  | `hada_${'w1_a' | 'w1_b' | 'w2_a' | 'w2_b' | 't1' | 't2'}`
  | `lokr_${'w1' | 'w1_a' | 'w1_b' | 'w2' | 'w2_a' | 'w2_b' | 't2'}`

/** What a key of an adapter's file means. */
export interface AdapterKey {
  readonly network: AdaptedNetwork
  /** The layer as the file names it: a path with dots (diffusers, peft), or with all dots replaced by `_` (kohya). */
  readonly layer: string
  readonly factor: FactorName
}

const factors: readonly (readonly [RegExp, FactorName])[] = [
  [/[._]lora(?:_down|_A(?:\.\w+)?|\.down|_linear_layer\.down)\.weight$/, 'down'],
  [/[._]lora(?:_up|_B(?:\.\w+)?|\.up|_linear_layer\.up)\.weight$/, 'up'],
  [/\.lora_mid\.weight$/, 'mid'],
  [/(?:_lora|\.lora|)\.alpha$/, 'alpha'],
  [/[._](?:dora_scale|lora_magnitude_vector(?:\.\w+)?)$/, 'magnitude'],
]
const lycoris = /\.((?:hada|lokr)_(?:w[12](?:_[ab])?|t[12]))(?:\.\w+)?$/

/** Methods whose files look similar and that are not computed here, by how their keys end. */
const others: readonly (readonly [RegExp, string])[] = [
  [/\.(diff|diff_b|set_weight)$/, 'whole differences of weights (LyCORIS "full")'],
  [/\.(w_norm|b_norm)$/, 'changes of normalisation layers'],
  [/\.on_input$/, 'the method IA3'],
  [/\.oft_(blocks|diag|r|R)(\.\w+)*$/, 'the method OFT'],
  [/\.(boft_\w+)(\.\w+)*$/, 'the method BOFT'],
  [/\.[ab][12]\.weight$/, 'the method GLoRA'],
  [/\.lora_B(\.\w+)?\.bias$|\.lora_up\.bias$/, 'changes of biases'],
  [/\.vera_lambda_[bd](\.\w+)?$/, 'the method VeRA'],
]

/** The words for a method that a key belongs to and that is not computed here. */
export const otherMethod = (key: string): string | undefined => others.find(([pattern]) => pattern.test(key))?.[1]

/** Reads a key of an adapter's file; undefined where it is of no known layout. */
export function parseAdapterKey(key: string): AdapterKey | undefined {
  const found = factorOf(key)
  if (found === undefined) return undefined
  const [rest, factor] = found
  const [, kohya, flat] = /^lora_(unet|transformer|te[123]?)_(.+)$/.exec(rest) ?? []
  if (flat !== undefined) return { network: networkOf(kohya, flat), layer: flat, factor }
  // LyCORIS by itself, which then adapts the denoising network alone.
  const [, alone] = /^lycoris_(.+)$/.exec(rest) ?? []
  if (alone !== undefined) return { network: 'unet', layer: alone, factor }
  const [, prefix, path] = dotted.exec(rest) ?? []
  // A name without dots says nothing where no network stands before it.
  if (path === undefined || (prefix === undefined && !path.includes('.'))) return undefined
  const network = prefix === undefined && /^text_model\.|^encoder\.layers\./.test(path) ? 'text_encoder' : prefix
  return { network: networkOf(network, path), layer: withoutProcessor(path), factor }
}

/** A path with dots, and the network before it as diffusers, peft or ComfyUI name it. */
const dotted =
  /^(?:base_model\.model\.)?(?:(unet|transformer|(?:model\.)?diffusion_model|text_encoder(?:_[23])?|text_encoders\.(?:clip_[lg]|t5xxl)\.transformer)\.)?(.+)$/

const networks: Readonly<Record<string, AdaptedNetwork>> = {
  te: 'text_encoder',
  te1: 'text_encoder',
  te2: 'text_encoder_2',
  te3: 't5',
  text_encoder: 'text_encoder',
  text_encoder_2: 'text_encoder_2',
  text_encoder_3: 't5',
  'text_encoders.clip_l.transformer': 'text_encoder',
  'text_encoders.clip_g.transformer': 'text_encoder_2',
  'text_encoders.t5xxl.transformer': 't5',
}

/** T5 is told by its layers, since it is not the same text encoder of every model. */
function networkOf(prefix: string | undefined, layer: string): AdaptedNetwork {
  const network = networks[prefix ?? ''] ?? 'unet'
  return network !== 'unet' && /^encoder[._]block[._]/.test(layer) ? 't5' : network
}

function factorOf(key: string): readonly [rest: string, factor: FactorName] | undefined {
  const named = lycoris.exec(key)
  if (named) return [key.slice(0, named.index), named[1] as FactorName]
  for (const [pattern, factor] of factors) {
    const match = pattern.exec(key)
    if (match) return [key.slice(0, match.index), factor]
  }
  return undefined
}

/** diffusers before 0.22 hung the factors on an attention's processor (`attn1.processor.to_q_lora`), and in text encoders on the
 *  attention itself (`self_attn.to_q_lora`): the layer that they belong to. */
function withoutProcessor(path: string): string {
  const inText = /^(.*\bself_attn)\.to_(q|k|v|out)(?:_lora)?$/.exec(path)
  if (inText) return `${inText[1]}.${inText[2]}_proj`
  const inUnet = /^(.*)\.processor\.to_(q|k|v|out)(?:_lora)?$/.exec(path)
  return inUnet ? `${inUnet[1]}.to_${inUnet[2] === 'out' ? 'out.0' : inUnet[2]}` : path
}
