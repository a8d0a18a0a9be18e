import { basename, dirname, extname, join } from 'node:path'
import { Problem } from '../problem.ts'
import { openWeightsIn } from '../weights/diffusers-folder.ts'
import { drawingKind } from '../weights/drawing-kind.ts'
import { precisionOf } from '../weights/identify.ts'
import { mergedFrom } from '../weights/model-metadata.ts'
import { type Component, isFile, type ModelSource } from '../weights/model-source.ts'
import { openModel } from '../weights/open-model.ts'
import type { WeightFiles } from '../weights/weight-files.ts'
import { folderOfWordMasks, holdsWordMasks } from '../weights/word-masks.ts'
import { autoencoderKL, strideOf } from './autoencoder-kl.ts'
import { readCard } from './card.ts'
import { type ClipTextConfig, clipText } from './clip-text.ts'
import { describeUpscaler, holdsUpscaler } from './describe-upscaler.ts'
import { describeWordMasks } from './describe-word-masks.ts'
import { type AboutWordless, aboutWordless } from './describe-wordless.ts'
import type { ModelDescription } from './description.ts'
import { type Family, parseConfig } from './family.ts'
import { fluxTransformer2D } from './flux-transformer-2d.ts'
import {
  clipParts,
  denoiserKind,
  denoiserPart,
  doublesLatents,
  readsExamples,
  t5Part,
  t5Window,
  weightParts,
} from './parts.ts'
import { sd3Transformer2D } from './sd3-transformer-2d.ts'
import { unet2DCondition } from './unet-2d-condition.ts'

/** Defaults of the reference's pipelines, where a card says nothing. */
const pipelineDefaults: Readonly<Record<string, { readonly steps: number; readonly guidance: number }>> = {
  StableDiffusionXLPipeline: { steps: 50, guidance: 5 },
  StableDiffusionXLImg2ImgPipeline: { steps: 50, guidance: 5 },
  LatentConsistencyModelPipeline: { steps: 4, guidance: 8.5 },
  StableDiffusionInstructPix2PixPipeline: { steps: 100, guidance: 7.5 },
  StableDiffusionUpscalePipeline: { steps: 75, guidance: 9 },
  StableDiffusionLatentUpscalePipeline: { steps: 20, guidance: 1 },
  PaintByExamplePipeline: { steps: 50, guidance: 5 },
}
const otherPipelines = { steps: 50, guidance: 7.5 }
/** Those of Stable Diffusion 3, and what the cards of Flux-dev and Flux-schnell ask for: the latter was distilled to few steps, without
 *  guidance. */
const flowDefaults = {
  sd3: { steps: 28, guidance: 7 },
  dev: { steps: 28, guidance: 3.5 },
  schnell: { steps: 4, guidance: 1 },
}
/** Latents per side where a UNet does not say. */
const unetSampleSize = 64
/** Those of Flux, whose config says nothing. */
const fluxSampleSize = 128

/** Describes a model from its small files: model_index.json, configs, card, and the headers of the weights.
 *  @throws Problem MODEL_FOLDER, COMPONENT_*, MODEL_CONFIG, MODEL_INPUTS, WEIGHTS_*, SAFETENSORS_*, FILE_*: whatever will keep it from
 *  being used */
export function describeCheckpoint(path: string): ModelDescription {
  if (holdsWordMasks(path)) return describeWordMasks(path)
  if (holdsUpscaler(path)) return describeUpscaler(path)
  const folder = openModel(path)
  const kind = drawingKind(folder)
  const about: About = kind === 'checkpoint' ? aboutCheckpoint(folder) : { ...wordless, ...aboutWordless(folder, kind) }
  const { width, height, stride, steps, guidance } = about
  const card = readCard(folder.path)
  const { files } = about.network.weights
  const merged = mergedFrom(files[0].metadata)
  return {
    name: card.name ?? folderName(folder.path),
    kind,
    path: folder.path,
    defaults: {
      width,
      height,
      steps: card.steps ?? steps,
      guidance: card.guidance ?? guidance,
      sampler: folder.component('scheduler').className,
    },
    beside: about.beside,
    stride,
    sizeMultiple: stride * about.patch,
    samplers: about.samplers,
    promptTokens: about.promptTokens,
    precision: precisionOf(files),
    bytes: weightsOf(folder).reduce((sum, { byteLength }) => sum + byteLength, 0),
    ...(card.licence !== undefined && { licence: card.licence }),
    examples: card.examples,
    ...(merged !== undefined && { mergedFrom: merged }),
    ...(about.classes !== undefined && { classes: about.classes }),
    ...(about.shapeLevels !== undefined && { shapeLevels: about.shapeLevels }),
  }
}

/** What is read of any model that draws. */
interface About extends Omit<AboutWordless, 'promptTokens'> {
  readonly promptTokens: number
  /** Latents per side that the network reads at once. */
  readonly patch: number
  readonly samplers: ModelDescription['samplers']
  readonly beside: ModelDescription['beside']
  readonly shapeLevels?: number | undefined
}

/** What models that read no words have in common. */
const wordless = { patch: 1, samplers: 'diffusion', beside: 'nothing' } as const

function aboutCheckpoint(folder: ModelSource) {
  const parts = weightParts(folder)
  const { name } = denoiserPart(folder)
  const network = folder.component(name, parts[name])
  const isThere = (name: string) => !folder.missing?.some(part => part.name === name)
  const stride = isThere('vae') ? strideOf(read(autoencoderKL, folder.component('vae', parts.vae))) : publishedStride
  const {
    latents: [height, width],
    patch,
    channels,
    ...own
  } = aboutDenoiser(folder, network)
  const latentChannels = isThere('vae')
    ? read(autoencoderKL, folder.component('vae', parts.vae)).latent_channels
    : publishedChannels[denoiserKind(folder)]
  const texts = Object.entries(clipParts(folder)).filter(([name]) => isThere(name))
  const windows = texts.map(([name, classes]) => {
    return read<ClipTextConfig>(clipText, folder.component(name, classes)).max_position_embeddings
  })
  const window = windows.length === 0 ? publishedWindow : Math.min(...windows)
  return {
    ...own,
    beside: own.shapeLevels === undefined ? besideOf(folder, channels - latentChannels, latentChannels) : 'shape',
    ...{ network, width: width * stride, height: height * stride, stride, patch },
    promptTokens: t5Part(folder) === undefined ? window : t5Window(folder),
  }
}

/** What channels beside the latents are for, by their count: those of the published models. */
function besideOf(folder: ModelSource, extra: number, latents: number): ModelDescription['beside'] {
  if (extra === 0) return 'nothing'
  if (readsExamples(folder)) return 'example'
  if (doublesLatents(folder)) return 'small latents'
  if (extra === latents + 1) return 'mask'
  if (extra === latents) return 'picture'
  if (extra === 1) return 'depth'
  return extra === 3 ? 'small picture' : 'something else'
}

/** Of the parts that files without them are used with. */
const publishedStride = 8
const publishedChannels = { unet: 4, sd3: 16, flux: 16 }
const publishedWindow = 77

interface AboutDenoiser {
  /** Height and width of the latents. */
  readonly latents: readonly [number, number]
  /** That the network sees of each latent. */
  readonly channels: number
  readonly patch: number
  readonly samplers: 'diffusion' | 'flow'
  readonly steps: number
  readonly guidance: number
  readonly shapeLevels?: number
}

/** What the denoising network says of pictures. */
function aboutDenoiser(folder: ModelSource, network: Component): AboutDenoiser {
  switch (denoiserKind(folder)) {
    case 'sd3': {
      const { sample_size: size, patch_size: patch, in_channels: channels } = read(sd3Transformer2D, network)
      return { latents: [size, size], channels, patch, samplers: 'flow', ...flowDefaults.sd3 }
    }
    case 'flux': {
      const { guidance_embeds: isDev, in_channels: packed } = read(fluxTransformer2D, network)
      const defaults = isDev ? flowDefaults.dev : flowDefaults.schnell
      return {
        latents: [fluxSampleSize, fluxSampleSize],
        channels: packed / 4,
        patch: 2,
        samplers: 'flow',
        ...defaults,
      }
    }
    case 'unet': {
      const config = read(unet2DCondition, network)
      const latents = sampleSize(config.sample_size, network)
      const defaults = pipelineDefaults[folder.className ?? ''] ?? otherPipelines
      const levels = config.predicts_object_mask && config.num_class_embeds
      const shape = levels ? { shapeLevels: levels } : {}
      return { latents, channels: config.in_channels, patch: 1, samplers: 'diffusion', ...defaults, ...shape }
    }
  }
}

/** Files of weights that are read to draw with a model, in a fixed order. @throws Problem as `describeCheckpoint` */
export function usedWeightFiles(path: string): string[] {
  if (holdsUpscaler(path)) return [path]
  const weights = holdsWordMasks(path) ? [openWeightsIn(folderOfWordMasks(path))] : weightsOf(openModel(path))
  return weights.flatMap(({ files }) => files.map(file => file.path))
}

const weightsOf = (folder: ModelSource): WeightFiles[] =>
  Object.entries(weightParts(folder))
    .filter(([name]) => !folder.missing?.some(part => part.name === name))
    .map(([name, classes]) => folder.component(name, classes).weights)

const read = <Config>(family: Family<Config, never>, component: Component): Config =>
  parseConfig(family, component.config, component.configPath)

/** Latent height and width. StableDiffusionPipeline does not believe UNets that were saved before diffusers 0.9 and say less than 64. */
function sampleSize(size: number | [number, number] | null | undefined, unet: Component): [number, number] {
  const [height, width = height] = [size ?? unetSampleSize].flat()
  if (height < 1 || width < 1) {
    throw new Problem('MODEL_CONFIG', `${unet.configPath} has an impossible sample_size, ${size}.`, {
      hint: 'Download or copy the model again.',
    })
  }
  const { _diffusers_version: version } = unet.config
  const isOld = typeof version === 'string' && /^0\.[0-8](\.|$)/.test(version) && typeof size === 'number'
  return isOld ? [Math.max(height, unetSampleSize), Math.max(width, unetSampleSize)] : [height, width]
}

/** The name of the folder, or of the file without its ending; in the Hugging Face cache (models--owner--NAME/snapshots/COMMIT) the model's. */
function folderName(path: string): string {
  if (isFile(path)) return basename(path, extname(path))
  const cached = /^models--.*--(.+)$/.exec(basename(join(dirname(path), '..')))
  return basename(dirname(path)) === 'snapshots' && cached ? cached[1] : basename(path)
}
