import type { Value } from '../graph/graph.ts'
import { autoencoderKL, type LatentDistribution, strideOf, unscaledLatents } from '../models/autoencoder-kl.ts'
import { describeCheckpoint } from '../models/describe.ts'
import type { ModelDescription } from '../models/description.ts'
import { type DiTConfig, type DiTSizes, ditTransformer2D } from '../models/dit-transformer-2d.ts'
import { weightParts } from '../models/parts.ts'
import type { RgbImage } from '../tensor/images.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import type { JsonObject } from '../weights/json-file.ts'
import { openModel } from '../weights/open-model.ts'
import type { PrecisionChoice } from '../weights/precision.ts'
import { type Autoencoder, decodeLatents, decodingLoad, encodePixels, writtenPicture } from './autoencoding.ts'
import type { Guidable } from './guidable.ts'
import { LatentPreview } from './latent-preview.ts'
import { type DrawingLoads, Network } from './network.ts'
import type { Runtime } from './runtime.ts'
import type { Training } from './trainable.ts'

/** A model that draws pictures of a class, named by a number, however it is built. */
export interface ModelOfClasses extends Guidable {
  readonly description: ModelDescription
  /** scheduler_config.json, as it stands. */
  readonly schedulerConfig: JsonObject
  /** How many there are; they are numbered from 0. */
  readonly classes: number
  /** The number that stands for none of them; absent: the model was never trained without a class, so nothing can guide away from it. */
  readonly noClass?: number
  /** Whether weights must be written in the chosen precision before the first step: once, seconds to a minute. */
  readonly mustPrepare: boolean
  /** Of what the network works on: [pictures, channels, height, width]. */
  latentShape(pictures: number): Shape
  /** The network for latents of one shape. @param latents their shape  @param labels a class for each picture of the batch */
  predictor(latents: Shape): Promise<(input: Tensor, timestep: number, labels: readonly number[]) => Promise<Tensor>>
  /** What drawing one picture takes; nothing is opened. @param guided whether it is pulled away from what belongs to no class */
  loads(guided: boolean): DrawingLoads
  /** Latents to pixels [pictures, 3, height, width] in about [-1, 1]. */
  decode(latents: Tensor): Promise<Tensor>
  /** Rough pictures of latents, quick enough for every step. */
  preview(latents: Tensor): Promise<RgbImage[]>
}

/** A model that draws pictures of a class, named by a number: DiT (Peebles & Xie 2022, arXiv:2212.09748), a transformer on the latents
 *  of an autoencoder, as the reference's DiTPipeline has them. Parts are opened when they are first used. */
export class ClassModel implements ModelOfClasses {
  readonly description: ModelDescription
  /** scheduler_config.json, as it stands. */
  readonly schedulerConfig: JsonObject
  readonly classes: number
  /** DiT's table has one row more than classes. */
  readonly noClass: number
  readonly runtime: Runtime
  readonly #transformer: Network<DiTConfig, DiTSizes>
  readonly #autoencoder: Autoencoder
  #preview: LatentPreview | undefined

  /** Opens a diffusers folder: configs and headers are read and checked, no weights.
   *  @throws Problem as `describeCheckpoint`; PRECISION_PROVIDER */
  constructor(path: string, runtime: Runtime, precision?: PrecisionChoice) {
    const folder = openModel(path)
    this.runtime = runtime
    const parts = weightParts(folder)
    this.description = describeCheckpoint(path)
    this.schedulerConfig = folder.component('scheduler').config
    const transformer = folder.component('transformer', parts.transformer)
    this.#transformer = new Network(runtime, ditTransformer2D, transformer, { precision })
    this.#autoencoder = new Network(runtime, autoencoderKL, folder.component('vae', parts.vae))
    this.classes = this.#transformer.config.num_embeds_ada_norm
    this.noClass = this.classes
  }

  /** Whether weights must be written in the chosen precision before the first step: once, seconds to a minute. */
  get mustPrepare(): boolean {
    return this.#transformer.missingSideCar !== undefined
  }

  /** The shape of the latents of pictures: [pictures, channels, height / stride, width / stride]; the model knows one size.
   *  @param size in pixels, where it is not the model's own: of what is encoded */
  latentShape(
    pictures: number,
    size: { readonly width: number; readonly height: number } = this.description.defaults,
  ): Shape {
    const { config } = this.#autoencoder
    const stride = strideOf(config)
    return [pictures, config.latent_channels, Math.floor(size.height / stride), Math.floor(size.width / stride)]
  }

  /** The transformer for latents of one shape: to the noise in them, without the variance that DiT predicts beside it.
   *  @param labels a class for each picture of the batch */
  async predictor(
    latents: Shape,
  ): Promise<(input: Tensor, timestep: number, labels: readonly number[]) => Promise<Tensor>> {
    const [batch, channels, height, width] = latents
    const session = await this.#transformer.session('predict', { batch, height, width, timesteps: 'one' })
    return async (input, timestep, labels) => {
      const fed = { hidden_states: input, timestep: tensor([1], Float32Array.of(timestep)) }
      const { out_sample } = await session.run({ ...fed, class_labels: { shape: [batch], integers: labels } })
      return firstChannels(out_sample, channels)
    }
  }

  /** What drawing one picture takes; nothing is opened. @param guided whether it is pulled away from what belongs to no class */
  loads(guided: boolean): DrawingLoads {
    const latents = this.latentShape(1)
    const [, , height, width] = latents
    return {
      drawing: this.#transformer.load('predict', { batch: guided ? 2 : 1, height, width, timesteps: 'one' }),
      others: [decodingLoad(this.#autoencoder, latents)],
    }
  }

  pictureOf(training: Training, sample: Value): Value {
    return writtenPicture(this.#autoencoder, training, sample)
  }

  /** As `decodeLatents`. */
  decode(latents: Tensor): Promise<Tensor> {
    return decodeLatents(this.#autoencoder, latents)
  }

  /** As `encodePixels`. */
  encode(pixels: Tensor): Promise<LatentDistribution> {
    return encodePixels(this.#autoencoder, pixels)
  }

  /** Rough pictures of latents (scaled), one pixel for each latent: quick enough for every step. */
  async preview(latents: Tensor): Promise<RgbImage[]> {
    this.#preview ??= await LatentPreview.fit(this, scaled => unscaledLatents(scaled, this.#autoencoder.config))
    return this.#preview.draw(latents)
  }
}

/** [batch, all, height, width] -> [batch, channels, height, width] */
function firstChannels({ shape, data }: Tensor, channels: number): Tensor {
  const [batch, all, height, width] = shape
  const [size, kept] = [all * height * width, channels * height * width]
  const first = new Float32Array(batch * kept)
  for (let k = 0; k < batch; k++) first.set(data.subarray(k * size, k * size + kept), k * kept)
  return tensor([batch, channels, height, width], first)
}
