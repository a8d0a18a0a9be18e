import { type AutoencoderKLConfig, type AutoencoderSizes, autoencoderKL, strideOf } from '../models/autoencoder-kl.ts'
import { type ClipTextConfig, type ClipTextSizes, clipText } from '../models/clip-text.ts'
import { type ClipTokenizer, openClipTokenizer } from '../models/clip-tokenizer.ts'
import { describeCheckpoint } from '../models/describe.ts'
import type { ModelDescription } from '../models/description.ts'
import { type UNetConfig, type UNetSizes, unet2DCondition } from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import type { RgbImage } from '../tensor/images.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import { openDiffusersFolder } from '../weights/diffusers-folder.ts'
import type { JsonObject } from '../weights/json-file.ts'
import { LatentPreview } from './latent-preview.ts'
import { Network } from './network.ts'
import type { Runtime } from './runtime.ts'
import { decodeInTiles } from './tiles.ts'

/** Latents (height x width) that one call of the network holds over all its pictures: two pictures of 512 x 512 pixels at stride 8.
 *  Memory grows in proportion. */
const LATENTS_AT_ONCE = 2 * 64 * 64

/** A text-to-image checkpoint that can be used: its networks and their small files. Parts are opened when they are first used. */
export class Checkpoint {
  readonly description: ModelDescription
  /** scheduler_config.json, as it stands. */
  readonly schedulerConfig: JsonObject
  readonly #runtime: Runtime
  readonly #tokenizer: ClipTokenizer
  readonly #textEncoder: Network<ClipTextConfig, ClipTextSizes>
  readonly #unet: Network<UNetConfig, UNetSizes>
  readonly #autoencoder: Network<AutoencoderKLConfig, AutoencoderSizes>
  #preview: LatentPreview | undefined

  /** Opens a diffusers folder: configs and headers are read and checked, no weights.
   *  @throws Problem MODEL_*, COMPONENT_*, WEIGHTS_*, SAFETENSORS_*, FILE_* */
  constructor(path: string, runtime: Runtime) {
    const folder = openDiffusersFolder(path)
    this.#runtime = runtime
    this.description = describeCheckpoint(path)
    this.schedulerConfig = folder.component('scheduler').config
    const textEncoder = folder.component('text_encoder', [clipText.className])
    this.#textEncoder = new Network(runtime, clipText, textEncoder)
    this.#unet = new Network(runtime, unet2DCondition, folder.component('unet', [unet2DCondition.className]))
    this.#autoencoder = new Network(runtime, autoencoderKL, folder.component('vae', [autoencoderKL.className]))
    this.#tokenizer = openClipTokenizer(folder.component('tokenizer').folder, {
      maxLength: this.#textEncoder.config.max_position_embeddings,
    })
    this.#refuseMisfits(path)
  }

  /** Prompts as the UNet's context, one [1, tokens, width] each; words beyond the text encoder's window are left out.
   *  @param options.skip last layers of the text encoder that are left out */
  async encodePrompts(prompts: readonly string[], options: { skip: number } = { skip: 0 }): Promise<Tensor[]> {
    const tokens = this.#tokenizer.maxLength
    const session = await this.#textEncoder.session('encode', { batch: 1, tokens, mask: false, skip: options.skip })
    const encoded: Tensor[] = []
    for (const prompt of prompts) {
      const { ids } = this.#tokenizer.encode(prompt, { maxLength: tokens })
      const { last_hidden_state: state } = await session.run({ input_ids: { shape: [1, tokens], integers: ids } })
      encoded.push(state)
    }
    return encoded
  }

  /** The UNet for latents of one shape. @param tokens of the context  @param guided both predictions of classifier-free guidance in one call */
  async predictor(
    latents: Shape,
    tokens: number,
    guided: boolean,
  ): Promise<(input: Tensor, timestep: number, context: Tensor) => Promise<Tensor>> {
    const [pictures, , height, width] = latents
    const batch = guided ? pictures * 2 : pictures
    const sizes: UNetSizes = { batch, height, width, tokens, timesteps: 'one', contextMask: false }
    const session = await this.#unet.session('predict', sizes)
    return async (input, timestep, context) => {
      const fed = { sample: input, timestep: tensor([1], Float32Array.of(timestep)), encoder_hidden_states: context }
      return (await session.run(fed)).out_sample
    }
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
  async decode(latents: Tensor): Promise<Tensor> {
    const { scaling_factor: scale, shift_factor: shift } = this.#autoencoder.config
    const unscaled = tensor(
      latents.shape,
      latents.data.map(value => value / scale + (shift ?? 0)),
    )
    return decodeInTiles(unscaled, strideOf(this.#autoencoder.config), async tile => {
      const [batch, , height, width] = tile.shape
      const session = await this.#autoencoder.session('decode', { batch, height, width })
      return (await session.run({ latents: tile })).out_sample
    })
  }

  /** Pixels [pictures, 3, height, width] in [-1, 1] to the mean and the logarithm of the variance of their latents, not scaled. */
  async encode(pixels: Tensor): Promise<{ mean: Tensor; logvar: Tensor }> {
    const [batch, , height, width] = pixels.shape
    const session = await this.#autoencoder.session('encode', { batch, height, width })
    const { mean, logvar } = await session.run({ sample: pixels })
    return { mean, logvar }
  }

  /** Rough pictures of latents (scaled), one pixel for each latent: quick enough for every step. */
  async preview(latents: Tensor): Promise<RgbImage[]> {
    this.#preview ??= await LatentPreview.fit(this, this.#autoencoder.config)
    return this.#preview.draw(latents)
  }

  #refuseMisfits(path: string): void {
    const [{ config: unet }, { config: text }, { config: autoencoder }] = [
      this.#unet,
      this.#textEncoder,
      this.#autoencoder,
    ]
    if (unet.in_channels !== autoencoder.latent_channels) {
      throw new Problem(
        'MODEL_INPUTS',
        `The UNet of ${path} takes ${unet.in_channels} channels, the autoencoder gives ${autoencoder.latent_channels}.`,
        {
          hint: 'It is made for another task than text to image (in-painting, say): choose another model.',
        },
      )
    }
    const width = [unet.cross_attention_dim].flat()[0]
    if (width !== text.hidden_size) {
      throw new Problem(
        'MODEL_CONFIG',
        `The UNet of ${path} expects text of width ${width}, its text encoder gives ${text.hidden_size}.`,
        {
          hint: 'These parts do not belong together: download the model again.',
        },
      )
    }
  }
}
