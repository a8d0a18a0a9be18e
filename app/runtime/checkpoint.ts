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
import type { LongPrompts } from '../models/prompt/chunks.ts'
import { plainWords } from '../models/prompt/schedule.ts'
import { type UNetConfig, type UNetSizes, unet2DCondition, wantedInputs } from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import type { RgbImage } from '../tensor/images.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import { openEmbedding } from '../weights/embedding.ts'
import type { JsonObject } from '../weights/json-file.ts'
import { openModel } from '../weights/open-model.ts'
import type { PrecisionChoice } from '../weights/precision.ts'
import { type Autoencoder, decodeLatents, encodePixels } from './autoencoding.ts'
import type { Conditioning, GuidanceConditioning } from './conditioning.ts'
import { fitLoras } from './fit-loras.ts'
import type { Footprint } from './footprint.ts'
import { LatentPreview } from './latent-preview.ts'
import { Network } from './network.ts'
import { otherAutoencoder } from './other-autoencoder.ts'
import type { Runtime } from './runtime.ts'
import { DISPLEASING, PLEASING, type SizeConditioning, timeIds, wholePicture } from './size-conditioning.ts'
import { type EncodedPrompt, type PromptWords, TextEncoders, textEncoderComponents } from './text-encoders.ts'

/** Latents (height x width) that one call of the network holds over all its pictures: two pictures of 512 x 512 pixels at stride 8.
 *  Memory grows in proportion. */
const LATENTS_AT_ONCE = 2 * 64 * 64

/** What a picture shall show and shall not, for one picture. */
export interface ConditioningRequest {
  readonly prompt: PromptWords
  /** Absent: none was given; some models were trained to take that for zeros. */
  readonly negative?: PromptWords
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
  /** An autoencoder instead of the checkpoint's own: see `openReplacement`. */
  readonly vae?: string
  /** How the UNet is computed with, which takes nearly all of the time; the other parts run once a picture, as they are stored. */
  readonly precision?: PrecisionChoice
}

/** A text-to-image checkpoint that can be used: its networks and their small files. Parts are opened when they are first used. */
export class Checkpoint {
  readonly description: ModelDescription
  /** scheduler_config.json, as it stands. */
  readonly schedulerConfig: JsonObject
  /** Numbers of the guidance embedding, where the network was distilled to take the guidance scale as an input. */
  readonly guidanceWidth: number | undefined
  /** Layers of LoRAs that this model does not have, each after the path of its file. */
  readonly unmatched: readonly string[]
  readonly #runtime: Runtime
  readonly #textEncoders: TextEncoders
  readonly #unet: Network<UNetConfig, UNetSizes>
  readonly #autoencoder: Autoencoder
  readonly #zerosForNone: boolean
  #preview: LatentPreview | undefined

  /** Opens a diffusers folder or a single file: configs and headers are read and checked, no weights.
   *  @throws Problem MODEL_*, COMPONENT_*, WEIGHTS_*, SAFETENSORS_*, FILE_*; for additions LORA_*, EMBEDDING_*, VAE_*,
   *  PRECISION_PROVIDER */
  constructor(path: string, runtime: Runtime, additions: CheckpointAdditions = {}) {
    const folder = openModel(path)
    this.#runtime = runtime
    this.description = describeCheckpoint(path)
    this.schedulerConfig = folder.component('scheduler').config
    const unet = folder.component('unet', [unet2DCondition.className])
    const texts = textEncoderComponents(folder)
    const loras = fitLoras(additions.loras ?? [], { unet, ...texts })
    this.unmatched = loras.unmatched
    const embeddings = (additions.embeddings ?? []).map(({ path, word }) => openEmbedding(path, word))
    this.#textEncoders = new TextEncoders(runtime, folder, { loras: loras.fitted, embeddings })
    this.#unet = new Network(runtime, unet2DCondition, unet, {
      loras: loras.fitted.unet,
      precision: additions.precision,
    })
    const ownVae = folder.component('vae', [autoencoderKL.className])
    this.#autoencoder = new Network(runtime, autoencoderKL, ownVae)
    this.guidanceWidth = this.#unet.config.time_cond_proj_dim ?? undefined
    this.#zerosForNone = folder.options.force_zeros_for_empty_prompt === true
    this.#refuseMisfits(path)
    if (additions.vae !== undefined) this.#autoencoder = otherAutoencoder(runtime, additions.vae, ownVae)
  }

  /** What the UNet is fed of prompts, and of what it is pulled away from; each tensor has a batch of 1. All contexts are as long as the
   *  longest. @throws Problem CLIP_SKIP */
  async condition(requests: readonly ConditioningRequest[], long: LongPrompts): Promise<GuidanceConditioning[]> {
    const words = requests.flatMap(({ prompt, negative = { sections: plainWords('') }, skip = 0 }) => [
      { ...prompt, skip },
      { ...negative, skip: 0 },
    ])
    const encoded = await this.#textEncoders.encode(words, long)
    return requests.map(({ negative, size, sizes }, k) => {
      const [positive, opposite] = encoded.slice(2 * k, 2 * k + 2)
      const away = negative === undefined && this.#zerosForNone ? zeros(positive) : opposite
      const { positive: seen, negative: negativeSeen } = sizes ?? {
        positive: wholePicture(size, PLEASING),
        negative: wholePicture(size, DISPLEASING),
      }
      return { positive: this.#fed(positive, seen), negative: this.#fed(away, negativeSeen) }
    })
  }

  /** The UNet for latents of one shape. @param tokens of the context  @param guided both predictions of classifier-free guidance in one call */
  async predictor(
    latents: Shape,
    tokens: number,
    guided: boolean,
  ): Promise<(input: Tensor, timestep: number, conditioning: Conditioning) => Promise<Tensor>> {
    const session = await this.#unet.session('predict', this.#unetSizes(latents, tokens, guided))
    return async (input, timestep, conditioning) => {
      const fed = { sample: input, timestep: tensor([1], Float32Array.of(timestep)), ...conditioning }
      return (await session.run(fed)).out_sample
    }
  }

  /** What a step takes, by the UNet's graph: arguments as `predictor` has them. */
  footprint(latents: Shape, tokens: number, guided: boolean): Footprint {
    return this.#unet.footprint('predict', this.#unetSizes(latents, tokens, guided))
  }

  /** Whether weights must be written in the chosen precision before the first step: once, seconds to a minute. */
  get mustPrepare(): boolean {
    return this.#unet.missingSideCar !== undefined
  }

  /** The shape of the latents of pictures: [pictures, channels, height / stride, width / stride]. */
  latentShape(pictures: number, size: { readonly width: number; readonly height: number }): Shape {
    const { config } = this.#autoencoder
    const stride = strideOf(config)
    return [pictures, config.latent_channels, Math.floor(size.height / stride), Math.floor(size.width / stride)]
  }

  /** How many pictures of a size are drawn together, in one call of the network. */
  picturesAtOnce(size: { readonly width: number; readonly height: number }): number {
    if (this.#runtime.target.picturesAtOnce === 'one') return 1
    const [, , height, width] = this.latentShape(1, size)
    return Math.max(1, Math.floor(LATENTS_AT_ONCE / (height * width)))
  }

  /** Latents of the UNet (scaled) to pixels [pictures, 3, height, width], about -1 to 1. Large ones are decoded in tiles. */
  decode(latents: Tensor): Promise<Tensor> {
    return decodeLatents(this.#autoencoder, latents)
  }

  /** Pixels [pictures, 3, height, width] in [-1, 1] to the distribution of their latents, not scaled. Large ones are encoded in tiles. */
  encode(pixels: Tensor): Promise<LatentDistribution> {
    return encodePixels(this.#autoencoder, pixels)
  }

  /** Pixels as `encode` takes them to latents of the UNet (scaled), drawn from their distribution. @param noise standard normal,
   *  of the latents' shape */
  async encodeLatents(pixels: Tensor, noise: (shape: Shape) => Tensor): Promise<Tensor> {
    const distribution = await this.encode(pixels)
    return scaledLatents(drawnLatents(distribution, noise(distribution.mean.shape)), this.#autoencoder.config)
  }

  /** Rough pictures of latents (scaled), one pixel for each latent: quick enough for every step. */
  async preview(latents: Tensor): Promise<RgbImage[]> {
    this.#preview ??= await LatentPreview.fit(this, scaled => unscaledLatents(scaled, this.#autoencoder.config))
    return this.#preview.draw(latents)
  }

  /** What stands for a prompt among the UNet's inputs. */
  #fed({ context, pooled }: EncodedPrompt, sizes: SizeConditioning): Conditioning {
    const { addition_embed_type: added } = this.#unet.config
    if (added !== 'text_time' || pooled === undefined) return { encoder_hidden_states: context }
    return { encoder_hidden_states: context, text_embeds: pooled, time_ids: timeIds(sizes, this.#timeIds) }
  }

  /** How many numbers Stable Diffusion XL is told of a picture: what its embedding has room for beside the text. */
  get #timeIds(): number {
    const { projection_class_embeddings_input_dim: width, addition_time_embed_dim: each } = this.#unet.config
    return (Number(width) - Number(this.#textEncoders.pooledWidth)) / Number(each)
  }

  #unetSizes([pictures, , height, width]: Shape, tokens: number, guided: boolean): UNetSizes {
    const batch = guided ? pictures * 2 : pictures
    const added = this.#unet.config.addition_embed_type === 'text_time' ? { timeIds: this.#timeIds } : {}
    return { batch, height, width, tokens, timesteps: 'one', contextMask: false, ...added }
  }

  #refuseMisfits(path: string): void {
    const [{ config: unet }, { config: autoencoder }] = [this.#unet, this.#autoencoder]
    if (unet.in_channels !== autoencoder.latent_channels) {
      throw new Problem(
        'MODEL_INPUTS',
        `The UNet of ${path} takes ${unet.in_channels} channels, the autoencoder gives ${autoencoder.latent_channels}.`,
        {
          hint: 'It is made for another task than text to image (in-painting, say): choose another model.',
        },
      )
    }
    const given = [
      'timestep_cond',
      ...(this.#textEncoders.pooledWidth !== undefined ? ['text_embeds', 'time_ids'] : []),
    ]
    const wanted = wantedInputs(unet).find(name => !given.includes(name))
    if (wanted !== undefined) {
      throw new Problem('MODEL_INPUTS', `The UNet of ${path} wants ${wanted}, which text to image does not give.`, {
        hint: 'It is made for another task: choose another model.',
      })
    }
    if (unet.addition_embed_type === 'text_time' && ![5, 6].includes(this.#timeIds)) {
      throw new Problem(
        'MODEL_CONFIG',
        `The UNet of ${path} does not fit its text encoder, whose text_embeds have a width of ${this.#textEncoders.pooledWidth}.`,
        { hint: 'These parts do not belong together: download the model again.' },
      )
    }
    const width = unet.encoder_hid_dim ?? [unet.cross_attention_dim].flat()[0]
    if (width !== this.#textEncoders.width) {
      throw new Problem(
        'MODEL_CONFIG',
        `The UNet of ${path} expects text of width ${width}, its text encoder gives ${this.#textEncoders.width}.`,
        {
          hint: 'These parts do not belong together: download the model again.',
        },
      )
    }
  }
}

/** What stands for no prompt where the model was trained so. */
const zeros = ({ context, pooled }: EncodedPrompt): EncodedPrompt => ({
  context: tensor(context.shape),
  pooled: pooled && tensor(pooled.shape),
})
