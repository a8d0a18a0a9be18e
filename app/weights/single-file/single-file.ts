import { realpathSync } from 'node:fs'
import { Problem } from '../../problem.ts'
import type { MissingPart } from '../companions.ts'
import type { JsonObject } from '../json-file.ts'
import { type Component, checkClass, type ModelSource } from '../model-source.ts'
import type { SafetensorsFile } from '../safetensors.ts'
import { openTensorFile } from '../tensor-file.ts'
import type { WeightFiles } from '../weight-files.ts'
import { partsBeside } from './beside.ts'
import { type BaseFamily, type Layout, layoutOf } from './layout.ts'
import {
  type FoundNetwork,
  findAutoencoderAlone,
  findControlNet,
  findNetworks,
  findT2IAdapter,
  weightsOf,
} from './networks.ts'
import { schedulerConfig, upscalerSchedules } from './schedule.ts'
import { SHAPE_LEVELS } from './unet-keys.ts'
import { clipVocabulary, t5Vocabulary } from './vocabulary.ts'

/** A model that lies in one file. */
export interface SingleFile extends ModelSource {
  readonly family: BaseFamily
  readonly file: SafetensorsFile
  /** For each component with weights: the reference's key -> the key in the file. */
  readonly keyMap: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** A component of a file: a network, or settings that the kind of model says. */
interface Part {
  readonly className: string
  readonly config: JsonObject
  readonly network?: FoundNetwork
  /** Of a tokenizer: where its vocabulary lies. */
  readonly folder?: string
  readonly padToken?: string
}

/** Opens a checkpoint in its authors' layout: Stable Diffusion 1, 2, XL, 3, Flux and their variants. Only the header is read
 *  (and one number of training steps); weights stay where they are.
 *  @throws Problem MODEL_FILE where it holds no checkpoint, FILE_*, SAFETENSORS_* */
export function openSingleFile(path: string): SingleFile {
  const file = { ...openTensorFile(path), path: realpathSync(path) }
  const layout = layoutOf(file)
  if (layout === undefined) throw noCheckpoint(path)
  const networks = findNetworks(file, layout)
  const parts = new Map([...[...networks].map(asPart), ...settingsOf(file, layout, networks)])
  const placeOf = (name: string) => parts.get(name)?.folder ?? `${path} ${name}`
  const missing = missingParts(layout.family, networks)
  return {
    path,
    file,
    missing,
    family: layout.family,
    className: pipelineOf(layout, networks),
    // The reference's pipelines of this family assume it where nothing is said.
    options: { force_zeros_for_empty_prompt: layout.family === 'sdxl' },
    components: new Map(
      [...parts].map(([name, { className }]) => [name, { name, library: undefined, className, folder: placeOf(name) }]),
    ),
    keyMap: new Map(
      [...networks].map(([name, { tensors }]) => [name, new Map(tensors.map(tensor => [tensor.name, tensor.from]))]),
    ),
    component(name, knownClasses) {
      const part = parts.get(name)
      if (part === undefined) throw lacks(path, name, missing)
      checkClass(path, name, part.className, knownClasses)
      return componentOf(file, path, name, placeOf(name), part)
    },
  }
}

/** What the levels of a SmartBrush's masks are called in a file, beside its other weights. */
export function nameOfShapeLevels(path: string): string {
  const first = openSingleFile(path).keyMap.get('unet')?.get('conv_in.weight') ?? ''
  return `${first.replace(/input_blocks\.0\.0\.weight$/, '')}${SHAPE_LEVELS}.weight`
}

/** What a file of Stable Diffusion 3 or Flux lacks: many hold the transformer alone. */
function missingParts(family: BaseFamily, networks: ReadonlyMap<string, FoundNetwork>): MissingPart[] {
  const config = networks.get('transformer')?.config
  if (config === undefined) return []
  return partsBeside(family, config)
    .filter(({ name }) => !networks.has(name))
    .map(({ find, fits, ...part }) => ({
      ...part,
      open(path) {
        const file = { ...openTensorFile(path), path: realpathSync(path) }
        const network = find(file)
        if (network === undefined || !fits(network.config)) return []
        const place = (name: string, own: Part) => componentOf(file, path, name, own.folder ?? `${path} ${name}`, own)
        const tokenizer = tokenizerOf(part.name, network)
        const encoder = place(part.name, { ...network, network })
        return tokenizer ? [encoder, place(part.name.replace('text_encoder', 'tokenizer'), tokenizer)] : [encoder]
      },
    }))
}

const asPart = ([name, network]: [string, FoundNetwork]): [string, Part] => [
  name,
  { className: network.className, config: network.config, network },
]

function componentOf(file: SafetensorsFile, path: string, name: string, folder: string, part: Part): Component {
  let weights: WeightFiles | undefined
  return {
    name,
    className: part.className,
    folder,
    configPath: `The ${name} of ${path}`,
    config: part.config,
    ...(part.padToken !== undefined && { padToken: part.padToken }),
    get weights() {
      if (part.network === undefined) throw new Problem('WEIGHTS_FILE', `The ${name} of ${path} has no weights.`)
      weights ??= weightsOf(file, path, part.network)
      return weights
    },
  }
}

/** Schedulers and tokenizers, which no file holds. */
function settingsOf(
  file: SafetensorsFile,
  layout: Layout,
  networks: ReadonlyMap<string, FoundNetwork>,
): [string, Part][] {
  const tokenizers = [...networks].flatMap(([name, network]): [string, Part][] => {
    const part = tokenizerOf(name, network)
    return part === undefined ? [] : [[name.replace('text_encoder', 'tokenizer'), part]]
  })
  return [...tokenizers, ...schedulersOf(file, layout, networks)]
}

/** A text encoder with fewer words than the published vocabulary has another tokenizer. OpenCLIP's, which is the second one where there
 *  are two, fills up with "!" instead of the end. */
function tokenizerOf(name: string, { className, config: { vocab_size: words } }: FoundNetwork): Part | undefined {
  if (className.startsWith('CLIPText') && Number(words) >= clipWords) {
    const padding = name === 'text_encoder_2' && { padToken: '!' }
    return { className: 'CLIPTokenizer', config: {}, folder: clipVocabulary(), ...padding }
  }
  const isT5 = className === 'T5EncoderModel' && Number(words) >= t5Words
  return isT5 ? { className: 'T5Tokenizer', config: {}, folder: t5Vocabulary() } : undefined
}

const clipWords = 49408
const t5Words = 32100

function schedulersOf(
  file: SafetensorsFile,
  layout: Layout,
  networks: ReadonlyMap<string, FoundNetwork>,
): [string, Part][] {
  const asSetting = (config: JsonObject): Part => ({ className: String(config._class_name), config })
  const { in_channels: channels } = networks.get('unet')?.config ?? {}
  if (isUpscaler(networks)) {
    return Object.entries(upscalerSchedules).map(([name, config]) => [name, asSetting(config)])
  }
  return [['scheduler', asSetting(schedulerConfig(file, layout.family, Number(channels ?? 0)))]]
}

/** The upscaler alone is told a noise level; a SmartBrush is told how precise its mask is. */
function isUpscaler(networks: ReadonlyMap<string, FoundNetwork>): boolean {
  const { num_class_embeds: levels, predicts_object_mask: followsShapes } = networks.get('unet')?.config ?? {}
  return typeof levels === 'number' && followsShapes !== true
}

/** The reference's pipeline for what a UNet takes beside the noisy latents. */
function pipelineOf({ family, network }: Layout, networks: ReadonlyMap<string, FoundNetwork>): string {
  if (network === 'sd3') return 'StableDiffusion3Pipeline'
  if (network === 'flux') return 'FluxPipeline'
  const { in_channels: channels, predicts_object_mask: followsShapes } = networks.get('unet')?.config ?? {}
  if (isUpscaler(networks)) return 'StableDiffusionUpscalePipeline'
  if (family === 'sdxl-refiner') return 'StableDiffusionXLImg2ImgPipeline'
  const start = family === 'sdxl' ? 'StableDiffusionXL' : 'StableDiffusion'
  if (channels === 9) return `${start}InpaintPipeline`
  if (channels === 8) return `${start}InstructPix2PixPipeline`
  if (channels === 5 && followsShapes !== true) return `${start}Depth2ImgPipeline`
  return `${start}Pipeline`
}

/** A network that lies in a file of its own, as a component. */
function openAlone(path: string, name: string, find: (file: SafetensorsFile) => FoundNetwork | undefined): Component {
  const file = { ...openTensorFile(path), path: realpathSync(path) }
  const network = find(file)
  if (network !== undefined) return componentOf(file, path, name, `${path} ${name}`, { ...network, network })
  throw new Problem('MODEL_FILE', `${path} holds no ${name} in a layout that is known.`, {
    hint: 'Choose another file.',
  })
}

/** Opens a ControlNet's file, in its authors' layout or the reference's. @throws Problem MODEL_FILE, FILE_*, SAFETENSORS_* */
export const openControlNetFile = (path: string): Component => openAlone(path, 'controlnet', findControlNet)

/** Opens a T2I-Adapter's file, in its authors' layout or the reference's. @throws Problem MODEL_FILE, FILE_*, SAFETENSORS_* */
export const openT2IAdapterFile = (path: string): Component => openAlone(path, 'T2I-Adapter', findT2IAdapter)

/** Opens an autoencoder's file, in CompVis' layout or the reference's.
 *  @param family the kind of model that it is used with, which says how its latents are scaled: no file does
 *  @throws Problem MODEL_FILE, FILE_*, SAFETENSORS_* */
export const openAutoencoderFile = (path: string, family: BaseFamily): Component =>
  openAlone(path, 'vae', file => findAutoencoderAlone(file, family))

const noCheckpoint = (path: string): Problem =>
  new Problem('MODEL_FILE', `${path} holds no checkpoint: no denoising network in a layout that is known.`, {
    hint: 'Choose a Stable Diffusion checkpoint, or the folder of a model.',
  })

function lacks(path: string, name: string, missing: readonly MissingPart[]): Problem {
  const words = missing.find(part => part.name === name)?.words ?? name
  const hint =
    words === name
      ? 'Choose a complete checkpoint, with a CLIP text encoder, UNet and VAE in it.'
      : 'Add such a file in Models and choose it beside the model.'
  return new Problem('COMPONENT_MISSING', `${path} holds no ${words}, which is needed.`, { hint })
}
