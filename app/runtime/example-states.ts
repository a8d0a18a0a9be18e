import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ClipImageConfig, clipPixels, parseClipImageConfig } from '../models/clip-image-processor.ts'
import type { ClipVisionConfig, ClipVisionSizes } from '../models/clip-vision-with-projection.ts'
import { exampleEncoder } from '../models/example-encoder.ts'
import type { RgbImage } from '../tensor/images.ts'
import { tensor } from '../tensor/tensor.ts'
import { readJsonObject } from '../weights/json-file.ts'
import type { ModelSource } from '../weights/model-source.ts'
import type { EncodedPrompt, PromptEncoder, PromptWords } from './clip-encoders.ts'
import { type Load, Network } from './network.ts'
import type { Runtime } from './runtime.ts'

/** What a model reads that is shown an example instead of words: one token for the picture. Words say nothing to it; all of them are read as what
 *  stands for no picture. */
export class ExampleStates implements PromptEncoder {
  readonly pooledWidth = undefined
  readonly #network: Network<ClipVisionConfig, ClipVisionSizes>
  readonly #pixels: ClipImageConfig

  /** @throws Problem COMPONENT_*, MODEL_CONFIG */
  constructor(runtime: Runtime, folder: ModelSource) {
    this.#network = new Network(runtime, exampleEncoder, folder.component('image_encoder', [exampleEncoder.className]))
    this.#pixels = pixelsFor(folder, this.#network.config)
  }

  get width(): number {
    return this.#network.config.projection_dim
  }

  get load(): Load {
    return this.#network.load('encode', { batch: 1 })
  }

  encode(prompts: readonly PromptWords[]): Promise<EncodedPrompt[]> {
    const shape = [1, 1, this.width]
    const none = tensor(shape, this.#network.stored('uncond_vector', shape))
    return Promise.resolve(prompts.map(() => ({ context: none })))
  }

  async encodeExample(picture: RgbImage): Promise<EncodedPrompt> {
    const session = await this.#network.session('encode', { batch: 1 })
    const { image_embeddings: context } = await session.run({ pixel_values: clipPixels([picture], this.#pixels) })
    return { context }
  }

  rest(): Promise<void> {
    return this.#network.rest()
  }
}

/** How pictures are brought to the encoder: as the model's own preprocessor_config.json says, else as CLIP's does at the encoder's size. */
function pixelsFor(folder: ModelSource, { image_size: side }: ClipVisionConfig): ClipImageConfig {
  const own = folder.components.get('feature_extractor')?.folder
  const path = own && join(own, 'preprocessor_config.json')
  if (path && existsSync(path)) return parseClipImageConfig(readJsonObject(path), path)
  return parseClipImageConfig({ size: { shortest_edge: side }, crop_size: { height: side, width: side } }, folder.path)
}
