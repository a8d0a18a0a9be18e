import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ClipImageConfig, clipPixels, parseClipImageConfig } from '../models/clip-image-processor.ts'
import {
  type ClipVisionConfig,
  type ClipVisionSizes,
  clipVisionWithProjection,
  placesOf,
} from '../models/clip-vision-with-projection.ts'
import { type IPAdapterConfig, type IPAdapterSizes, ipAdapter, tokensOf } from '../models/ip-adapter.ts'
import { Problem } from '../problem.ts'
import { repeatEach } from '../tensor/batches.ts'
import type { RgbImage } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { openImageEncoder } from '../weights/image-encoder.ts'
import { openIPAdapter } from '../weights/ip-adapter.ts'
import { readJsonObject } from '../weights/json-file.ts'
import { type Load, Network } from './network.ts'
import type { Runtime } from './runtime.ts'

/** What a network attends to of pictures, beside words: [1, tokens, width of the text] each. */
export interface PictureTokens {
  readonly positive: Tensor
  /** What stands for no picture, where the picture is pulled away from something. */
  readonly negative: Tensor
}

/** What makes tokens of pictures: an IP-Adapter with the CLIP model that it looks with. */
export class ImagePromptReader {
  readonly #projection: Network<IPAdapterConfig, IPAdapterSizes>
  readonly #encoder: Network<ClipVisionConfig, ClipVisionSizes>
  readonly #pixels: ClipImageConfig

  /** Reads configs and headers alone. @param path of the IP-Adapter  @param encoder of the CLIP model
   *  @throws Problem IMAGE_ENCODER where they do not belong together; as `openIPAdapter`, `openImageEncoder` */
  constructor(runtime: Runtime, path: string, encoder: string) {
    this.#projection = new Network(runtime, ipAdapter, openIPAdapter(path).projection)
    this.#encoder = new Network(runtime, clipVisionWithProjection, openImageEncoder(encoder))
    this.#pixels = pixelsFor(encoder, this.#encoder.config)
    const { form, picture_width: wanted } = this.#projection.config
    const { projection_dim, hidden_size } = this.#encoder.config
    const given = form === 'whole' ? projection_dim : hidden_size
    if (given === wanted) return
    throw new Problem(
      'IMAGE_ENCODER',
      `The IP-Adapter ${path} reads pictures at a width of ${wanted}; ${encoder} gives ${given}.`,
      { hint: 'Choose the image encoder that came with this IP-Adapter.', details: { field: 'controls' } },
    )
  }

  /** Tokens that are made of each picture. */
  get tokens(): number {
    return tokensOf(this.#projection.config, placesOf(this.#encoder.config))
  }

  /** Pictures that are read together, as the reference's `prepare_ip_adapter_image_embeds` does. @throws Problem SESSION_*, MEMORY */
  async read(pictures: readonly RgbImage[]): Promise<PictureTokens> {
    const pixels = clipPixels(pictures, this.#pixels)
    const positive = await this.#tokensOf(await this.#seen(pixels))
    const nothing = this.#isOfWhole
      ? tensor([1, 1, this.#projection.config.picture_width])
      : await this.#seen(tensor([1, ...pixels.shape.slice(1)]))
    const negative = repeatEach(await this.#tokensOf(nothing), pictures.length)
    const shape = [1, pictures.length * positive.shape[1], positive.shape[2]]
    return { positive: tensor(shape, positive.data), negative: tensor(shape, negative.data) }
  }

  /** What reading takes, with everything once a run; nothing is opened. */
  load(pictures: number): readonly Load[] {
    const places = this.#isOfWhole ? 1 : placesOf(this.#encoder.config)
    return [
      this.#encoder.load(this.#isOfWhole ? 'encode' : 'places', { batch: pictures }),
      this.#projection.load('project', { pictures, places }),
    ]
  }

  /** Closes the CLIP model, where that spares much memory, until it is asked for again. */
  rest(): Promise<void> {
    return this.#encoder.rest()
  }

  get #isOfWhole(): boolean {
    return this.#projection.config.form === 'whole'
  }

  /** What CLIP says: [pictures, places, width], one place where the adapter reads the whole. */
  async #seen(pixel_values: Tensor): Promise<Tensor> {
    const [batch] = pixel_values.shape
    const session = await this.#encoder.session(this.#isOfWhole ? 'encode' : 'places', { batch })
    const { image_embeds: whole, hidden_state: places } = await session.run({ pixel_values })
    return this.#isOfWhole ? tensor([batch, 1, whole.shape[1]], whole.data) : places
  }

  async #tokensOf(pictures: Tensor): Promise<Tensor> {
    const [count, places] = pictures.shape
    const session = await this.#projection.session('project', { pictures: count, places })
    return (await session.run({ pictures })).tokens
  }
}

/** How pictures are brought to the CLIP model: as its folder says, else cut to the square that it takes. */
function pixelsFor(path: string, { image_size: side }: ClipVisionConfig): ClipImageConfig {
  const file = join(path, 'preprocessor_config.json')
  const own = existsSync(file) ? readJsonObject(file) : {}
  return parseClipImageConfig({ size: { shortest_edge: side }, crop_size: { height: side, width: side }, ...own }, file)
}
