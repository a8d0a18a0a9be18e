import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type ClipImageConfig, clipPixels, parseClipImageConfig } from '../models/clip-image-processor.ts'
import { type ClipSegConfig, type ClipSegSizes, clipSeg } from '../models/clip-seg.ts'
import { endPlaces } from '../models/clip-text-with-projection.ts'
import { type ClipTokenizer, openClipTokenizer, refuseOtherWords } from '../models/clip-tokenizer.ts'
import type { RgbImage } from '../tensor/images.ts'
import { interpolate } from '../tensor/interpolate.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { openComponent, openWeightsIn } from '../weights/diffusers-folder.ts'
import { isJsonObject, type JsonObject, readJsonObject } from '../weights/json-file.ts'
import type { Component } from '../weights/model-source.ts'
import { clipVocabulary } from '../weights/single-file/vocabulary.ts'
import { WeightFiles } from '../weights/weight-files.ts'
import { Network } from './network.ts'
import type { Runtime } from './runtime.ts'

/** A network that finds in pictures what words say: a folder of transformers with a CLIPSeg. Sessions are opened when they are first used. */
export class WordMasks {
  readonly #network: Network<ClipSegConfig, ClipSegSizes>
  readonly #words: Network<ClipSegConfig, ClipSegSizes>
  readonly #tokenizer: ClipTokenizer
  readonly #pictures: ClipImageConfig
  readonly #side: number
  readonly #folder: string

  /** @param clip a folder whose CLIP reads the words where the network's own file holds no text tower; absent: `clip` beside the folder
   *  @throws Problem MODEL_CONFIG, TOKENIZER_FILE, WEIGHTS_*, FILE_*, JSON_FILE */
  constructor(runtime: Runtime, folder: string, clip = join(dirname(folder), 'clip')) {
    this.#folder = folder
    const component = openComponent('masks', clipSeg.className, folder)
    this.#network = new Network(runtime, clipSeg, component)
    const isWhole = [...component.weights.keys()].includes(wordTable)
    this.#words = isWhole ? this.#network : new Network(runtime, clipSeg, readingWith(component, clip))
    const { max_position_embeddings: maxLength } = this.#network.config.text_config
    const places = [folder, join(dirname(folder), 'tokenizer'), join(dirname(clip), 'tokenizer')]
    this.#tokenizer = openClipTokenizer(places.find(hasVocabulary) ?? clipVocabulary(), { maxLength })
    this.#side = sideOf(folder, this.#network.config)
    this.#pictures = pictureConfig(folder, this.#side)
  }

  /** What a text says to the network. What is longer than it reads is cut off.
   *  @returns [1, projection_dim]  @throws Problem TOKENIZER_FILE where the vocabulary is another model's */
  async read(text: string): Promise<Tensor> {
    const { config } = this.#words
    const { maxLength: tokens } = this.#tokenizer
    const ids = [...this.#tokenizer.encode(text).ids]
    refuseOtherWords(ids, config.text_config.vocab_size, this.#folder)
    const session = await this.#words.session('text', { batch: 1, tokens, side: this.#side })
    const results = await session.run({
      input_ids: { shape: [1, tokens], integers: ids },
      end_places: { shape: [1], integers: endPlaces(ids, tokens, config.text_config) },
    })
    return results.text_embeds
  }

  /** How sure the network is that a place shows what a text says, 0 to 1: [1, 1, height, width] of the picture. */
  async find(picture: RgbImage, text: string): Promise<Tensor> {
    const conditions = await this.read(text)
    const session = await this.#network.session('mask', { batch: 1, tokens: 1, side: this.#side })
    const { logits } = await session.run({
      pixel_values: clipPixels([picture], this.#pictures),
      conditional_embeddings: conditions,
    })
    const [, rows, columns] = logits.shape
    const sure = logits.data.map(value => 1 / (1 + Math.exp(-value)))
    return interpolate(tensor([1, 1, rows, columns], sure), picture, 'bilinear')
  }
}

const wordTable = 'clip.text_model.embeddings.token_embedding.weight'

/** A folder without one reads words as CLIP does. */
const hasVocabulary = (folder: string): boolean => existsSync(join(folder, 'vocab.json'))

/** The same network with the text tower of a CLIP model. */
function readingWith({ name, className, folder, configPath, config }: Component, clip: string): Component {
  const { label, files } = openWeightsIn(clip)
  const renamed = files.map(file => ({
    ...file,
    tensors: new Map([...file.tensors].map(([key, entry]) => [`clip.${key}`, { ...entry, name: `clip.${key}` }])),
  }))
  return {
    name,
    className,
    folder: `${folder} read by ${clip}`,
    configPath,
    config,
    weights: new WeightFiles(label, renamed),
  }
}

const pictureFile = 'preprocessor_config.json'

/** Newer versions of transformers keep it beside the tokenizer's settings. */
function ownPictureConfig(folder: string): JsonObject {
  const [own, shared] = [join(folder, pictureFile), join(folder, 'processor_config.json')]
  if (existsSync(own)) return readJsonObject(own)
  const { image_processor: found } = existsSync(shared) ? readJsonObject(shared) : {}
  return isJsonObject(found) ? found : {}
}

/** Pictures are stretched to a square, whatever their proportions: the reference's ViTImageProcessor. */
function pictureConfig(folder: string, side: number): ClipImageConfig {
  const size = { height: side, width: side }
  const config = { ...ownPictureConfig(folder), size, do_center_crop: false }
  return parseClipImageConfig(config, join(folder, pictureFile))
}

function sideOf(folder: string, { vision_config: vision }: ClipSegConfig): number {
  const { size } = ownPictureConfig(folder)
  if (typeof size === 'number') return size
  return isJsonObject(size) && typeof size.height === 'number' ? size.height : vision.image_size
}
