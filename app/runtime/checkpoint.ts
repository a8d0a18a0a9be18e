import type { Value } from '../graph/graph.ts'
import {
  autoencoderKL,
  drawnLatents,
  type LatentDistribution,
  scaledLatents,
  strideOf,
  unscaledLatents,
} from '../models/autoencoder-kl.ts'
import { describeCheckpoint } from '../models/describe.ts'
import type { ModelDescription } from '../models/description.ts'
import { correctsSchedule, type DenoiserKind, denoiserKind } from '../models/parts.ts'
import type { LongPrompts } from '../models/prompt/chunks.ts'
import { plainWords, type Sections } from '../models/prompt/schedule.ts'
import type { WordPlaces } from '../models/prompt/word-places.ts'
import { Problem } from '../problem.ts'
import type { RgbImage } from '../tensor/images.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import { withCompanions } from '../weights/companions.ts'
import type { TextEncoderName } from '../weights/embedding.ts'
import { openEmbedding } from '../weights/embedding.ts'
import type { JsonObject } from '../weights/json-file.ts'
import type { Component, ModelSource } from '../weights/model-source.ts'
import { openModel } from '../weights/open-model.ts'
import type { PrecisionChoice } from '../weights/precision.ts'
import { type Autoencoder, decodeLatents, decodingLoad, encodePixels, writtenPicture } from './autoencoding.ts'
import type { EncodedPrompt, PromptEncoder, PromptWords } from './clip-encoders.ts'
import type { GuidanceConditioning } from './conditioning.ts'
import type { Denoiser, GuidanceInput, PredictConditioned, StoredControl } from './denoiser.ts'
import { adaptedComponents, fitLoras } from './fit-loras.ts'
import type { Guidable } from './guidable.ts'
import { ImagePromptReader } from './image-prompt.ts'
import { LatentPreview } from './latent-preview.ts'
import { type DrawingLoads, type FedTraining, Network, together } from './network.ts'
import { openDenoiser } from './open-denoiser.ts'
import { otherAutoencoder } from './other-autoencoder.ts'
import { openPromptEncoder } from './prompt-encoder.ts'
import type { Runtime } from './runtime.ts'
import { DISPLEASING, PLEASING, type SizeConditioning, wholePicture } from './size-conditioning.ts'
import type { Training } from './trainable.ts'

/** Latents (height x width) that one call of the network holds over all its pictures: two pictures of 512 x 512 pixels at stride 8.
 *  Memory grows in proportion. */
const LATENTS_AT_ONCE = 2 * 64 * 64

/** What a picture shall show and shall not, for one picture. */
export interface ConditioningRequest {
  readonly prompt: PromptWords
  /** Absent: none was given; some models were trained to take that for zeros. */
  readonly negative?: PromptWords
  /** Nothing is pulled away from: the negative prompt is not read, and what stands for the prompt stands for it too. */
  readonly unguided?: boolean
  /** Last layers of the text encoders that are left out for the prompt ("clip skip"), as the reference does. */
  readonly skip?: number
  /** Of the picture, in pixels. */
  readonly size: { readonly width: number; readonly height: number }
  /** What Stable Diffusion XL is told of the picture; absent: a whole picture of that size. */
  readonly sizes?: { readonly positive: SizeConditioning; readonly negative: SizeConditioning }
}

/** What a person puts beside a checkpoint: it changes pictures without changing the checkpoint's files. */
export interface CheckpointAdditions {
  /** LoRAs and their kin; all act together. @param strength 1: as trained; 0: not at all */
  readonly loras?: readonly { readonly path: string; readonly strength: number }[]
  /** Learned words. @param word what stands for it in prompts, else the file's own or the file's name */
  readonly embeddings?: readonly { readonly path: string; readonly word?: string }[]
  /** An autoencoder instead of the checkpoint's own (`openReplacement`), or for one that has none (`withCompanions`). */
  readonly vae?: string
  /** Text encoders for a checkpoint that has none. */
  readonly textEncoders?: readonly string[]
  /** ControlNets and T2I-Adapters, each by its path: `Checkpoint.control` gives them. */
  readonly controls?: readonly string[]
  /** IP-Adapters with the CLIP models that they look with, and how many pictures each is shown: `Checkpoint.imagePrompt` gives them. */
  readonly imagePrompts?: readonly AddedImagePrompt[]
  /** How the denoising network is computed with, which takes nearly all of the time; the other parts run once a picture, as they are stored. */
  readonly precision?: PrecisionChoice
  /** What is being trained of its networks; a transformer stands in the UNet's place. */
  readonly inTraining?: Readonly<Partial<Record<'unet' | TextEncoderName, FedTraining>>>
}

/** Pictures that are read together by an IP-Adapter. */
export interface AddedImagePrompt {
  readonly path: string
  readonly encoder: string
  readonly pictures: number
}

/** A text-to-image checkpoint that can be used: its networks and their small files. Parts are opened when they are first used. */
export class Checkpoint implements Guidable {
  readonly description: ModelDescription
  /** scheduler_config.json, as it stands. */
  readonly schedulerConfig: JsonObject
  /** What takes the noise away. */
  readonly kind: DenoiserKind
  /** Whether the reference corrects that config when it opens the model (`correctsSchedule`). */
  readonly correctsSchedule: boolean
  /** How noise is put on the small picture that an upscaler is shown: a scheduler's config; undefined where the model has none. */
  readonly noiseOfSmall: JsonObject | undefined
  /** Layers of LoRAs that this model does not have, each after the path of its file. */
  readonly unmatched: readonly string[]
  readonly runtime: Runtime
  readonly #additions: CheckpointAdditions
  readonly #textEncoders: PromptEncoder
  readonly #denoiser: Denoiser
  readonly #autoencoder: Autoencoder
  readonly #zerosForNone: boolean
  readonly #controls: ReadonlyMap<string, StoredControl>
  readonly #imagePrompts: ReadonlyMap<string, { readonly adapter: number; readonly reader: ImagePromptReader }>
  #preview: LatentPreview | undefined

  /** Opens a diffusers folder or a single file: configs and headers are read and checked, no weights.
   *  @throws Problem MODEL_*, COMPONENT_*, WEIGHTS_*, SAFETENSORS_*, FILE_*; for additions LORA_*, EMBEDDING_*, VAE_*,
   *  CONTROL_*, IP_ADAPTER_FORM, IMAGE_ENCODER, PRECISION_PROVIDER */
  constructor(path: string, runtime: Runtime, additions: CheckpointAdditions = {}) {
    const alone = openModel(path)
    const folder = withCompanions(alone, additions)
    this.runtime = runtime
    this.#additions = additions
    this.description = describeCheckpoint(path)
    this.schedulerConfig = folder.component('scheduler').config
    this.kind = denoiserKind(folder)
    this.correctsSchedule = correctsSchedule(folder)
    const loras = fitLoras(additions.loras ?? [], adaptedComponents(folder))
    this.unmatched = loras.unmatched
    const embeddings = (additions.embeddings ?? []).map(({ path, word }) => openEmbedding(path, word))
    const { inTraining, imagePrompts = [] } = additions
    const adapters = [...new Map(imagePrompts.map(({ path, encoder }) => [path, encoder]))]
    this.#textEncoders = openPromptEncoder(runtime, folder, { loras: loras.fitted, embeddings, inTraining })
    const added = { loras: loras.fitted.unet ?? [], precision: additions.precision, inTraining: inTraining?.unet }
    const compiled = adapters.map(([path]) => path)
    this.#denoiser = openDenoiser(runtime, folder, this.#textEncoders, added, compiled)
    this.#imagePrompts = new Map(
      adapters.map(([path, encoder], adapter) => [
        path,
        { adapter, reader: new ImagePromptReader(runtime, path, encoder) },
      ]),
    )
    this.noiseOfSmall = folder.components.has(smallSchedule) ? folder.component(smallSchedule).config : undefined
    const ownVae = scaledFor(folder, folder.component('vae', [autoencoderKL.className]))
    this.#autoencoder = new Network(runtime, autoencoderKL, ownVae)
    this.#zerosForNone = folder.options.force_zeros_for_empty_prompt === true
    this.#refuseMisfits(path)
    const isOwn = folder.components.get('vae') === alone.components.get('vae')
    if (additions.vae !== undefined && isOwn) this.#autoencoder = otherAutoencoder(runtime, additions.vae, ownVae)
    this.#controls = new Map((additions.controls ?? []).map(each => [each, this.#openControl(each)]))
  }

  /** The same checkpoint with what is being trained of its networks. */
  whileTraining(inTraining: CheckpointAdditions['inTraining']): Checkpoint {
    return new Checkpoint(this.description.path, this.runtime, { ...this.#additions, inTraining })
  }

  /** What the network is fed of prompts, and of what it is pulled away from; each tensor has a batch of 1. All contexts are as long as the
   *  longest. @throws Problem CLIP_SKIP, MEMORY */
  async condition(requests: readonly ConditioningRequest[], long: LongPrompts): Promise<GuidanceConditioning[]> {
    const words = requests.flatMap(({ prompt, negative = { sections: plainWords('') }, skip = 0, unguided }) => {
      const positive = { ...prompt, skip }
      return [positive, unguided ? positive : { ...negative, skip: 0 }]
    })
    const encoded = await this.#textEncoders.encode(words, long)
    return requests.map(({ negative, size, sizes }, k) => {
      const [positive, opposite] = encoded.slice(2 * k, 2 * k + 2)
      const away = negative === undefined && this.#zerosForNone ? zeros(positive) : opposite
      const { positive: seen, negative: negativeSeen } = sizes ?? {
        positive: wholePicture(size, PLEASING),
        negative: wholePicture(size, DISPLEASING),
      }
      return { positive: this.#denoiser.fed(positive, seen), negative: this.#denoiser.fed(away, negativeSeen) }
    })
  }

  /** What the network is fed of a picture that it is shown in the place of words; each tensor has a batch of 1. @throws Problem MEMORY */
  async conditionOnExample(picture: RgbImage): Promise<GuidanceConditioning> {
    const encoded = await this.#textEncoders.encodeExample?.(picture)
    if (encoded === undefined) throw new Error(`${this.description.name} reads no examples`)
    const [nothing] = await this.#textEncoders.encode([{ sections: [], skip: 0 }], 'cut')
    const size = wholePicture(this.description.defaults, PLEASING)
    return { positive: this.#denoiser.fed(encoded, size), negative: this.#denoiser.fed(nothing, size) }
  }

  /** Closes what reads words and pictures, where that spares much memory, until it is asked for again: something else computes for long. */
  async rest(): Promise<void> {
    await this.#textEncoders.rest()
    await this.#autoencoder.rest()
  }

  /** As `Denoiser.predictor`. Words were read before: large text encoders are closed.
   *  @throws Problem ATTENTION_KIND where attention is asked of a model without words of their own in it */
  async predictor(...asked: Parameters<Denoiser['predictor']>): Promise<PredictConditioned> {
    const attention = asked[4]
    if (attention !== undefined && this.kind !== 'unet') throw this.#attendsOtherwise()
    await this.#textEncoders.rest()
    return this.#denoiser.predictor(...asked)
  }

  /** The words of a prompt with their places in its conditioning. @throws Problem ATTENTION_KIND as `predictor` */
  wordPlaces(prompt: Sections, long: LongPrompts): WordPlaces {
    const places = this.kind === 'unet' ? this.#textEncoders.wordPlaces?.(prompt, long) : undefined
    if (places === undefined) throw this.#attendsOtherwise()
    return places
  }

  #attendsOtherwise(): Problem {
    return new Problem(
      'ATTENTION_KIND',
      `${this.description.name} looks at words in another way than those that can be edited word by word.`,
      { hint: 'Choose a model of Stable Diffusion 1, 2 or XL.', details: { field: 'model' } },
    )
  }

  pictureOf(training: Training, sample: Value): Value {
    return writtenPicture(this.#autoencoder, training, sample)
  }

  /** Writes the network's prediction for noisy latents of any batch into a graph, where it has such a form; what it is fed beside them are inputs
   *  of their own names. @param tokens of the context  @throws Problem GUIDE_NETWORK */
  written(training: Training, sample: Value, tokens: number): Value {
    const prediction = this.#denoiser.written?.(training, sample, tokens)
    if (prediction !== undefined) return prediction
    throw new Problem('GUIDE_NETWORK', `Gradients cannot go through the network of ${this.description.name}.`, {
      hint: 'Let the guidance go through the estimate.',
      details: { field: 'guideThrough' },
    })
  }

  /** A ControlNet or T2I-Adapter that was put beside it. */
  control(path: string): StoredControl {
    const found = this.#controls.get(path)
    if (found === undefined) throw new Error(`the ControlNet ${path} was not opened with the model`)
    return found
  }

  /** An IP-Adapter that was put beside it, with its place among them. */
  imagePrompt(path: string): { readonly adapter: number; readonly reader: ImagePromptReader } {
    const found = this.#imagePrompts.get(path)
    if (found === undefined) throw new Error(`the IP-Adapter ${path} was not opened with the model`)
    return found
  }

  /** Where the network was distilled to take the guidance scale as an input. */
  get guidance(): GuidanceInput | undefined {
    return this.#denoiser.guidance
  }

  /** Channels that the network sees beside the latents; 0 where it draws from words alone. */
  get besideChannels(): number {
    return this.#denoiser.channels - this.#autoencoder.config.latent_channels
  }

  /** Pixels of a latent, on a side. */
  get stride(): number {
    return strideOf(this.#autoencoder.config)
  }

  /** Latents on a side of what the network sees as one place. */
  get patch(): number {
    return this.#denoiser.patch
  }

  /** What drawing pictures of these latents takes; nothing is opened. @param guided as `predictor` has it */
  loads(latents: Shape, guided: boolean): DrawingLoads {
    const tokens = this.description.promptTokens
    const shown = (this.#additions.imagePrompts ?? []).map(each => ({ ...each, ...this.imagePrompt(each.path) }))
    const imagePrompts = shown.map(({ adapter, reader, pictures }) => ({ adapter, tokens: pictures * reader.tokens }))
    const prompted = imagePrompts.length > 0 ? { imagePrompts } : {}
    const controls = [...this.#controls.values()].map(network => network.load(latents, tokens, guided))
    return {
      drawing: together([this.#denoiser.load(latents, tokens, guided, prompted), ...controls]),
      others: [
        this.#textEncoders.load,
        decodingLoad(this.#autoencoder, latents),
        ...shown.flatMap(({ reader, pictures }) => reader.load(pictures)),
      ],
    }
  }

  /** Whether weights must be written in the chosen precision before the first step: once, seconds to a minute. */
  get mustPrepare(): boolean {
    return [this.#denoiser, ...this.#controls.values()].some(({ mustPrepare }) => mustPrepare)
  }

  /** The shape of the latents of pictures: [pictures, channels, height / stride, width / stride], of whole patches. */
  latentShape(pictures: number, size: { readonly width: number; readonly height: number }): Shape {
    const { config } = this.#autoencoder
    const whole = (pixels: number) => Math.floor(pixels / (strideOf(config) * this.patch)) * this.patch
    return [pictures, config.latent_channels, whole(size.height), whole(size.width)]
  }

  /** How many pictures of a size are drawn together, in one call of the network. */
  picturesAtOnce(size: { readonly width: number; readonly height: number }): number {
    if (this.runtime.target.picturesAtOnce === 'one') return 1
    const [, , height, width] = this.latentShape(1, size)
    return Math.max(1, Math.floor(LATENTS_AT_ONCE / (height * width)))
  }

  /** Latents of the network (scaled) to pixels [pictures, 3, height, width], about -1 to 1. Large ones are decoded in tiles. */
  decode(latents: Tensor): Promise<Tensor> {
    return decodeLatents(this.#autoencoder, latents)
  }

  /** Pixels [pictures, 3, height, width] in [-1, 1] to the distribution of their latents, not scaled. Large ones are encoded in tiles. */
  encode(pixels: Tensor): Promise<LatentDistribution> {
    return encodePixels(this.#autoencoder, pixels)
  }

  /** Pixels as `encode` takes them to latents of the network (scaled), drawn from their distribution. @param noise standard normal,
   *  of the latents' shape */
  async encodeLatents(pixels: Tensor, noise: (shape: Shape) => Tensor): Promise<Tensor> {
    const distribution = await this.encode(pixels)
    return this.latentsOf(distribution, noise(distribution.mean.shape))
  }

  /** Latents of the UNet (scaled), drawn from what `encode` gives. @param noise standard normal, of the latents' shape */
  latentsOf(distribution: LatentDistribution, noise: Tensor): Tensor {
    return scaledLatents(drawnLatents(distribution, noise), this.#autoencoder.config)
  }

  /** Rough pictures of latents (scaled), one pixel for each latent: quick enough for every step. */
  async preview(latents: Tensor): Promise<RgbImage[]> {
    this.#preview ??= await LatentPreview.fit(this, scaled => unscaledLatents(scaled, this.#autoencoder.config))
    return this.#preview.draw(latents)
  }

  /** @throws Problem CONTROL_*, and as `Denoiser.control` */
  #openControl(path: string): StoredControl {
    const control = this.#denoiser.control(path, this.description.name)
    const stride = strideOf(this.#autoencoder.config)
    if (control.stride === stride && [1, 3].includes(control.channels)) return control
    const wants = `pictures of ${control.channels} channels, ${control.stride} pixels for each latent`
    throw new Problem(
      'CONTROL_MISFIT',
      `The ControlNet ${path} does not fit ${this.description.name}: it takes ${wants}; the model has ${stride}.`,
      { hint: 'Choose another ControlNet.', details: { field: 'controls' } },
    )
  }

  #refuseMisfits(path: string): void {
    const { latent_channels: channels } = this.#autoencoder.config
    if (this.#denoiser.channels < channels) {
      const name = this.kind === 'unet' ? 'UNet' : 'transformer'
      throw new Problem(
        'MODEL_INPUTS',
        `The ${name} of ${path} takes ${this.#denoiser.channels} channels, the autoencoder gives ${channels}.`,
        { hint: 'They do not belong together: choose another autoencoder, or another model.' },
      )
    }
    this.#denoiser.refuseMisfits(path, this.#textEncoders)
  }
}

const smallSchedule = 'low_res_scheduler'

/** The upscaler's latents are scaled by a number of their own, whatever its autoencoder's config says, as the reference's
 *  StableDiffusionUpscalePipeline has it. */
function scaledFor({ className }: ModelSource, vae: Component): Component {
  if (className !== 'StableDiffusionUpscalePipeline') return vae
  const { name, folder, configPath } = vae
  const config = { ...vae.config, scaling_factor: 0.08333 }
  return {
    ...{ name, className: vae.className, folder, configPath, config },
    get weights() {
      return vae.weights
    },
  }
}

/** What stands for no prompt where the model was trained so. */
const zeros = ({ context, pooled }: EncodedPrompt): EncodedPrompt => ({
  context: tensor(context.shape),
  pooled: pooled && tensor(pooled.shape),
})
