import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { constant, type Value } from '../graph/graph.ts'
import { divide, multiply, reduceSum, sqrt, subtract } from '../graph/ops/index.ts'
import { type ClipImageConfig, clipPixels, parseClipImageConfig } from '../models/clip-image-processor.ts'
import { type ClipModelConfig, type ClipModelSizes, clipModel } from '../models/clip-model.ts'
import { endPlaces } from '../models/clip-text-with-projection.ts'
import { type ClipTokenizer, openClipTokenizer, refuseOtherWords } from '../models/clip-tokenizer.ts'
import {
  type ClipVisionConfig,
  type ClipVisionSizes,
  clipVisionWithProjection,
} from '../models/clip-vision-with-projection.ts'
import { Problem } from '../problem.ts'
import { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Training } from '../runtime/trainable.ts'
import type { RgbImage } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { openComponent } from '../weights/diffusers-folder.ts'
import { isJsonObject, readJsonObject } from '../weights/json-file.ts'
import type { Component } from '../weights/model-source.ts'
import { clipVocabulary } from '../weights/single-file/vocabulary.ts'
import { inParts, placeName } from './in-parts.ts'

/** A CLIP model, or its vision tower alone, in a folder of transformers. */
export class ClipNetwork {
  readonly label: string
  readonly #folder: string
  readonly #vision: Network<ClipVisionConfig, ClipVisionSizes>
  readonly #whole: Network<ClipModelConfig, ClipModelSizes> | undefined
  readonly #pictures: ClipImageConfig
  #tokenizer: ClipTokenizer | undefined

  /** @throws Problem MODEL_CONFIG, FILE_*, JSON_FILE */
  constructor(runtime: Runtime, folder: string, className: 'CLIPModel' | 'CLIPVisionModelWithProjection') {
    const component = openComponent('clip', className, folder)
    this.#folder = folder
    this.#whole = className === 'CLIPModel' ? new Network(runtime, clipModel, component) : undefined
    const vision = this.#whole ? visionOf(component, this.#whole.config) : component
    this.#vision = new Network(runtime, clipVisionWithProjection, vision)
    this.#pictures = pictureConfig(folder, this.#vision.config)
    this.label = `CLIP vision (${placeName(folder)})`
  }

  /** Where pictures lie in the space that is shared with texts: [pictures, projection_dim], not scaled to length 1. */
  features(images: readonly RgbImage[]): Promise<Tensor> {
    return inParts(images, async part => {
      const session = await this.#vision.session('encode', { batch: part.length })
      return (await session.run({ pixel_values: clipPixels(part, this.#pictures) })).image_embeds
    })
  }

  /** Pixels on a side of what it looks at. */
  get side(): number {
    return this.#vision.config.image_size
  }

  /** Writes where pictures [pictures, 3, side, side] in [0, 1] lie, so that gradients go through it: [pictures, projection_dim], of length 1.
   *  @param prefix put before the names of what the graph is fed */
  written(training: Training, pictures: Value, prefix: string): Value {
    const { image_mean: mean, image_std: deviation } = this.#pictures
    const perChannel = (values: readonly number[]) => constant(training.graph, 'float32', [1, 3, 1, 1], values)
    const pixel_values = divide(subtract(pictures, perChannel(mean)), perChannel(deviation))
    const { image_embeds: embeds } = training.part({
      ...{ network: this.#vision, graph: 'encode', prefix },
      ...{ sizes: { batch: pictures.shape[0] }, inputs: { pixel_values } },
    })
    return divide(embeds, sqrt(reduceSum(multiply(embeds, embeds), [1])))
  }

  /** Where texts lie in the same space: [texts, projection_dim], of length 1. What is longer than the model reads is cut off.
   *  @throws Problem METRIC_TEXTS where the folder holds no text tower, TOKENIZER_FILE */
  texts(texts: readonly string[]): Promise<Tensor> {
    const { network, tokenizer } = this.#textParts()
    return inParts(texts, async part => {
      const ids = part.flatMap(text => [...tokenizer.encode(text).ids])
      refuseOtherWords(ids, network.config.text_config.vocab_size, this.#folder)
      const tokens = tokenizer.maxLength
      const session = await network.session('text', { texts: part.length, images: 0, tokens, mask: false })
      const places = endPlaces(ids, tokens, network.config.text_config)
      const results = await session.run({
        input_ids: { shape: [part.length, tokens], integers: ids },
        end_places: { shape: [part.length], integers: places },
      })
      return results.text_embeds
    })
  }

  /** The share of each text in a picture: [pictures, texts], rows with the sum 1. */
  async classes(images: readonly RgbImage[], texts: readonly string[]): Promise<Tensor> {
    const { network } = this.#textParts()
    const textEmbeds = await this.texts(texts)
    return inParts(images, async part => {
      const sizes = { texts: texts.length, images: part.length, tokens: 0, mask: false }
      const session = await network.session('compare', sizes)
      const image_embeds = unitRows(await this.features(part))
      return (await session.run({ image_embeds, text_embeds: textEmbeds })).probs
    })
  }

  #textParts() {
    if (this.#whole === undefined) {
      throw new Problem('METRIC_TEXTS', `${this.#folder} reads pictures alone, no texts.`, {
        hint: 'Choose the folder of a whole CLIP model (CLIPModel).',
      })
    }
    const { max_position_embeddings: maxLength } = this.#whole.config.text_config
    this.#tokenizer ??= openClipTokenizer(vocabularyOf(this.#folder), { maxLength })
    return { network: this.#whole, tokenizer: this.#tokenizer }
  }
}

/** The vision half of a whole model, which lies in the same file. */
function visionOf(component: Component, { projection_dim }: ClipModelConfig): Component {
  const { name, folder, configPath, config } = component
  const half = config.vision_config_dict ?? config.vision_config
  return {
    ...{ name, folder, configPath, className: clipVisionWithProjection.className },
    config: { ...(isJsonObject(half) ? half : {}), projection_dim },
    get weights() {
      return component.weights
    },
  }
}

/** How pictures are prepared: as the folder says; where it does not, cut to the square that the model takes. */
function pictureConfig(folder: string, { image_size: side }: ClipVisionConfig): ClipImageConfig {
  const file = join(folder, 'preprocessor_config.json')
  const raw = existsSync(file)
    ? readJsonObject(file)
    : { size: { shortest_edge: side }, crop_size: { height: side, width: side } }
  return parseClipImageConfig(raw, file)
}

/** The folder with vocab.json: the model's own, that of a tokenizer beside it, or CLIP's. */
const vocabularyOf = (folder: string): string =>
  [folder, join(dirname(folder), 'tokenizer')].find(each => existsSync(join(each, 'vocab.json'))) ?? clipVocabulary()

function unitRows({ shape, data }: Tensor): Tensor {
  const [, width] = shape
  const lengths = Float64Array.from({ length: shape[0] }, (_, row) =>
    Math.hypot(...data.subarray(row * width, (row + 1) * width)),
  )
  return tensor(
    shape,
    data.map((value, at) => value / lengths[Math.floor(at / width)]),
  )
}
