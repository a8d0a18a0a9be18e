import type { JsonObject } from '../json-file.ts'
import type { SafetensorsFile, TensorEntry } from '../safetensors.ts'
import { WeightFiles } from '../weight-files.ts'
import { autoencoderConfig, autoencoderRows, type LatentScale } from './autoencoder.ts'
import { countOf, type MappedTensor, mapKeys, type Target, under } from './key-table.ts'
import { type BaseFamily, contextWidths, type Layout, predictionOf } from './layout.ts'
import { isT2IAdapter, t2iAdapterConfig, t2iAdapterRows } from './t2i-adapter.ts'
import { type FoundTextEncoder, readClip, readOpenClip, readT5 } from './text-encoder.ts'
import { fluxConfig, fluxRows, fluxSizes, stableDiffusion3Config, stableDiffusion3Rows } from './transformer.ts'
import { controlNetConfig, type UNetRule, unetConfig } from './unet-config.ts'
import { controlNetRows, unetRows } from './unet-keys.ts'

/** A network that was found in a file: its parameters by the reference's names, and the config that its shapes say. */
export interface FoundNetwork {
  readonly className: string
  readonly config: JsonObject
  readonly tensors: readonly MappedTensor[]
}

type Tensors = ReadonlyMap<string, TensorEntry>

const byName = (tensors: readonly MappedTensor[]): Tensors => new Map(tensors.map(tensor => [tensor.name, tensor]))

/** Renames tensors by a table, then reads the config from what they are. */
function network(tensors: Tensors, rows: [string, Target][], configOf: (named: Tensors) => JsonObject): FoundNetwork {
  const mapped = mapKeys(tensors, new Map(rows))
  const config = configOf(byName(mapped))
  return { className: String(config._class_name), config, tensors: mapped }
}

const ready = (tensors: Tensors, { rows, config }: { rows: [string, Target][]; config: JsonObject }) =>
  network(tensors, rows, () => config)

/** The networks of a checkpoint by component: text encoders, autoencoder, UNet or transformer; those that are absent are left out. */
export function findNetworks(file: SafetensorsFile, layout: Layout): Map<string, FoundNetwork> {
  const found = new Map<string, FoundNetwork>(findTextEncoders(file, layout))
  const pooled = found.get('text_encoder_2')?.config.projection_dim
  const pooledWidth = typeof pooled === 'number' ? pooled : undefined
  const tensors = denoisingTensors(file, layout)
  const [name, denoiser] = denoisingNetwork(file, tensors, layout, pooledWidth)
  found.set(name, denoiser)
  const vae = findAutoencoder(file, layout.family, tensors)
  if (vae !== undefined) found.set('vae', vae)
  return found
}

function denoisingNetwork(
  file: SafetensorsFile,
  tensors: Tensors,
  { network: kind, family }: Layout,
  pooledWidth?: number,
): [string, FoundNetwork] {
  if (kind === 'sd3') return ['transformer', network(tensors, transformerRows(tensors), stableDiffusion3Config)]
  if (kind === 'flux') return ['transformer', network(tensors, transformerRows(tensors), fluxConfig)]
  const rule = { ...unetRule(family, tensors, pooledWidth), sampleSize: sampleSizeOf(file, family, tensors) }
  return ['unet', network(tensors, unetRows(tensors, additionOf(rule)), named => unetConfig(named, rule))]
}

/** None for a file that has the reference's names already. */
function transformerRows(tensors: Tensors): [string, Target][] {
  const joint = countOf(tensors, 'joint_blocks')
  if (joint > 0) return stableDiffusion3Rows(joint)
  return countOf(tensors, 'double_blocks') > 0 ? fluxRows(fluxSizes(tensors)) : []
}

const additionOf = ({ addition }: UNetRule) => (addition === undefined ? 'class_embedding' : 'add_embedding')

/** A network that was saved alone has no prefix: then everything that is not another part's belongs to it. */
function denoisingTensors(file: SafetensorsFile, { prefix }: Layout): Tensors {
  const tensors = under(file, prefix)
  if (prefix === '') for (const key of tensors.keys()) if (otherParts.test(key)) tensors.delete(key)
  return tensors
}

const otherParts = /^(?:first_stage_model|vae|cond_stage_model|conditioner|text_encoders|control_model|model_ema)\./

/** Latent height and width that the published models were trained at. */
const sampleSizes: Readonly<Record<BaseFamily, number>> = {
  sd1: 64,
  sd2: 96,
  sdxl: 128,
  'sdxl-refiner': 128,
  sd3: 128,
  flux: 128,
  unknown: 64,
}

/** Stable Diffusion 2 was trained at 768 pixels for velocity, at 512 for noise. */
function sampleSizeOf(file: SafetensorsFile, family: BaseFamily, unet: Tensors): number {
  if (isUpscalerUNet(unet)) return 128
  const channels = unet.get('input_blocks.0.0.weight')?.shape[1] ?? 0
  if (family === 'sd2' && predictionOf(file, family, channels) === 'epsilon') return 64
  return sampleSizes[family]
}

/** The upscaler alone embeds a noise level. */
const isUpscalerUNet = (tensors: Tensors): boolean => tensors.has('label_emb.weight')

/** Options of a UNet that shapes do not say: Stable Diffusion 1 has 8 heads everywhere, later ones a head for each 64 channels. */
function unetRule(family: BaseFamily, tensors: Tensors, pooledWidth?: number): UNetRule {
  const eight = family === 'sd1' || isUpscalerUNet(tensors)
  const heads = (channels: number) => (eight ? Math.min(8, channels) : Math.max(1, Math.floor(channels / 64)))
  // Picture size, crop and target size; the refiner's score stands for the last two.
  const numbers = family === 'sdxl' ? 6 : family === 'sdxl-refiner' ? 5 : undefined
  return {
    heads,
    sampleSize: sampleSizes[family],
    addition: numbers === undefined ? undefined : { numbers, pooledWidth },
  }
}

/** Scales of the published models' latents. */
const latentScales: Readonly<Record<BaseFamily, LatentScale>> = {
  sd1: { scale: 0.18215 },
  sd2: { scale: 0.18215 },
  sdxl: { scale: 0.13025, upcast: true },
  'sdxl-refiner': { scale: 0.13025, upcast: true },
  sd3: { scale: 1.5305, shift: 0.0609 },
  flux: { scale: 0.3611, shift: 0.1159 },
  unknown: { scale: 0.18215 },
}
const upscalerScale: LatentScale = { scale: 0.08333 }

function findAutoencoder(file: SafetensorsFile, family: BaseFamily, unet: Tensors): FoundNetwork | undefined {
  const prefix = ['first_stage_model.', 'vae.'].find(prefix => file.tensors.has(`${prefix}decoder.conv_in.weight`))
  if (prefix === undefined) return undefined
  const tensors = under(file, prefix)
  const scale = isUpscalerUNet(unet) ? upscalerScale : latentScales[family]
  return readAutoencoder(tensors, family, scale)
}

/** An autoencoder, in CompVis' layout or the reference's. */
const readAutoencoder = (tensors: Tensors, family: BaseFamily, scale = latentScales[family]): FoundNetwork =>
  network(tensors, autoencoderRows(tensors), named => autoencoderConfig(named, scale, sampleSizes[family] * 8))

/** Where each kind of file keeps its text encoders, and how they are laid out. */
const textEncoderPlaces: readonly {
  readonly name: string
  readonly prefix: string
  readonly families: readonly BaseFamily[]
  readonly read: (tensors: Tensors) => FoundTextEncoder
}[] = [
  { name: 'text_encoder', prefix: 'cond_stage_model.transformer.', families: ['sd1', 'sd2', 'unknown'], read: openAi },
  { name: 'text_encoder', prefix: 'cond_stage_model.model.', families: ['sd1', 'sd2', 'unknown'], read: openClip },
  { name: 'text_encoder', prefix: 'conditioner.embedders.0.transformer.', families: ['sdxl'], read: openAi },
  { name: 'text_encoder_2', prefix: 'conditioner.embedders.1.model.', families: ['sdxl'], read: openClipProjected },
  {
    name: 'text_encoder_2',
    prefix: 'conditioner.embedders.0.model.',
    families: ['sdxl-refiner'],
    read: openClipProjected,
  },
  { name: 'text_encoder', prefix: 'text_encoders.clip_l.transformer.', families: ['sd3'], read: openAiProjected },
  { name: 'text_encoder_2', prefix: 'text_encoders.clip_g.transformer.', families: ['sd3'], read: bigProjected },
  { name: 'text_encoder_3', prefix: 'text_encoders.t5xxl.transformer.', families: ['sd3'], read: readT5 },
  { name: 'text_encoder', prefix: 'text_encoders.clip_l.transformer.', families: ['flux'], read: openAi },
  { name: 'text_encoder_2', prefix: 'text_encoders.t5xxl.transformer.', families: ['flux'], read: readT5 },
]

function openAi(tensors: Tensors): FoundTextEncoder {
  return readClip(tensors, { projected: false, activation: 'quick_gelu' })
}
function openAiProjected(tensors: Tensors): FoundTextEncoder {
  return readClip(tensors, { projected: true, activation: 'quick_gelu' })
}
function bigProjected(tensors: Tensors): FoundTextEncoder {
  return readClip(tensors, { projected: true, activation: 'gelu' })
}
function openClip(tensors: Tensors): FoundTextEncoder {
  return readOpenClip(tensors, { projected: false })
}
function openClipProjected(tensors: Tensors): FoundTextEncoder {
  return readOpenClip(tensors, { projected: true })
}

function findTextEncoders(file: SafetensorsFile, { family }: Layout): [string, FoundNetwork][] {
  return textEncoderPlaces.flatMap(({ name, prefix, families, read }): [string, FoundNetwork][] => {
    if (!families.includes(family)) return []
    const tensors = under(file, prefix)
    if (tensors.size === 0) return []
    const found = read(tensors)
    return [[name, { ...ready(tensors, found), className: found.className }]]
  })
}

/** A text encoder in a file that holds nothing else, as a kind of model reads it; undefined where it holds none.
 *  @param name of the component */
export function findTextEncoderAlone(
  file: SafetensorsFile,
  family: BaseFamily,
  name: string,
): FoundNetwork | undefined {
  const read = textEncoderPlaces.find(place => place.name === name && place.families.includes(family))?.read
  if (read === undefined) return undefined
  const has = (pattern: RegExp) => [...file.tensors.keys()].some(key => pattern.test(key))
  const tensors = under(file, '')
  // OpenCLIP published the big encoder of Stable Diffusion 3 in a layout of its own; the small one is OpenAI's.
  const isOpenClip = read === bigProjected && has(openClipKey)
  if (!isOpenClip && !has(read === readT5 ? t5Key : clipKey)) return undefined
  const found = isOpenClip ? openClipProjected(tensors) : read(tensors)
  return { ...ready(tensors, found), className: found.className }
}

const t5Key = /^encoder\.block\.0\.layer\.0\.SelfAttention\.q\.weight$/
const clipKey = /^(?:text_model\.)?embeddings\.token_embedding\.weight$/

const openClipKey = /^transformer\.resblocks\.0\.attn\.in_proj_weight$/

/** The kind of a ControlNet by the width of the text it reads. */
export function controlNetFamily(file: SafetensorsFile): BaseFamily {
  const cross = [...file.tensors].find(([key]) => key.endsWith('.attn2.to_k.weight'))?.[1]
  return contextWidths[cross?.shape[1] ?? 0] ?? 'unknown'
}

/** Prefixes under which ControlNets in their authors' layout stand; the reference's has none. */
const controlNetPrefixes = ['control_model.', '']

/** The ControlNet in a file, in its authors' layout or the reference's; undefined where it holds none. */
export function findControlNet(file: SafetensorsFile): FoundNetwork | undefined {
  const has = (key: string) => file.tensors.has(key)
  const prefix = controlNetPrefixes.find(prefix => has(`${prefix}input_hint_block.0.weight`))
  if (prefix === undefined && !has('controlnet_cond_embedding.conv_in.weight')) return undefined
  const tensors = under(file, prefix ?? '')
  const family = controlNetFamily(file)
  const rule = unetRule(family === 'unknown' ? 'sd1' : family, tensors)
  const rows = prefix === undefined ? [] : controlNetRows(tensors, additionOf(rule))
  return network(tensors, rows, named => controlNetConfig(named, rule))
}

/** The T2I-Adapter in a file, in its authors' layout or the reference's; undefined where it holds none. */
export function findT2IAdapter(file: SafetensorsFile): FoundNetwork | undefined {
  if (!isT2IAdapter(file.tensors.keys())) return undefined
  const tensors = under(file, '')
  return network(tensors, t2iAdapterRows(tensors), t2iAdapterConfig)
}

/** The autoencoder in a file that holds nothing else, in CompVis' layout or the reference's; undefined where it holds none.
 *  @param family the kind of model that it is used with, which says how its latents are scaled */
export function findAutoencoderAlone(file: SafetensorsFile, family: BaseFamily): FoundNetwork | undefined {
  const prefix = ['first_stage_model.', 'vae.', ''].find(prefix => file.tensors.has(`${prefix}decoder.conv_in.weight`))
  return prefix === undefined ? undefined : readAutoencoder(under(file, prefix), family)
}

/** A network's parameters as weights: a view of the file by the reference's names. */
export function weightsOf(file: SafetensorsFile, label: string, { tensors }: FoundNetwork): WeightFiles {
  const byteLength = tensors.reduce((sum, { length }) => sum + length, 0)
  const view = { ...file, byteLength, tensors: new Map(tensors.map(entry => [entry.name, entry])) }
  return new WeightFiles(label, [view])
}
