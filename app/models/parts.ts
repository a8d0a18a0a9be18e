import { drawingKind } from '../weights/drawing-kind.ts'
import type { ModelSource } from '../weights/model-source.ts'
import { autoencoderKL } from './autoencoder-kl.ts'
import { clipText } from './clip-text.ts'
import { clipTextWithProjection } from './clip-text-with-projection.ts'
import { ditTransformer2D } from './dit-transformer-2d.ts'
import { exampleEncoder } from './example-encoder.ts'
import { parseConfig } from './family.ts'
import { fluxTransformer2D } from './flux-transformer-2d.ts'
import { sd3Transformer2D } from './sd3-transformer-2d.ts'
import { t5Encoder } from './t5-encoder.ts'
import { unet2D } from './unet-2d.ts'
import { unet2DCondition } from './unet-2d-condition.ts'

/** Components of a checkpoint by name, with the classes that can be built for each. */
export type Parts = Readonly<Record<string, readonly string[]>>

const has = ({ components }: ModelSource, name: string): boolean => components.get(name)?.className !== undefined

/** What takes the noise away: the UNets of Stable Diffusion 1, 2 and XL, or the transformers of Stable Diffusion 3 and Flux. */
export type DenoiserKind = 'unet' | 'sd3' | 'flux'

/** By the class of the model's transformer; what has none is built around a UNet. */
export function denoiserKind({ components }: Pick<ModelSource, 'components'>): DenoiserKind {
  const transformer = components.get('transformer')?.className
  if (transformer === sd3Transformer2D.className) return 'sd3'
  return transformer === fluxTransformer2D.className ? 'flux' : 'unet'
}

/** Whether a checkpoint is built like Stable Diffusion XL: a UNet with a second text encoder. */
export const isXl = (folder: ModelSource): boolean => denoiserKind(folder) === 'unet' && has(folder, 'text_encoder_2')

/** Whether the reference's pipeline of this model corrects an old scheduler's config when it opens it: those of Stable Diffusion 1 and 2
 *  do (StableDiffusionPipeline and those for image to image and in-painting); XL's, latent consistency's and those of models that see more do not. */
export const correctsSchedule = (folder: ModelSource): boolean =>
  denoiserKind(folder) === 'unet' && !isXl(folder) && !uncorrected.test(folder.className ?? '')

const uncorrected = /^LatentConsistency|^PaintByExample|(?:InstructPix2Pix|Depth2Img|Upscale)Pipeline$/

/** Whether a checkpoint reads a picture in the place of words. */
export const readsExamples = ({ components }: Pick<ModelSource, 'components'>): boolean =>
  components.get('image_encoder')?.className === exampleEncoder.className

/** Whether a checkpoint doubles the size of latents (k-diffusion's latent upscaler). */
export const doublesLatents = ({ className }: Pick<ModelSource, 'className'>): boolean =>
  className === 'StableDiffusionLatentUpscalePipeline'

/** The CLIP text encoders; Stable Diffusion XL's refiner has the second alone, Flux the first. */
export function clipParts(folder: ModelSource): Parts {
  const plain = { text_encoder: [clipText.className] }
  const second = { text_encoder_2: [clipTextWithProjection.className] }
  switch (denoiserKind(folder)) {
    case 'sd3':
      return { text_encoder: [clipTextWithProjection.className], ...second }
    case 'flux':
      return plain
    case 'unet':
      if (readsExamples(folder)) return {}
      if (!isXl(folder)) return plain
      return has(folder, 'text_encoder') ? { ...plain, ...second } : second
  }
}

/** The T5 text encoder with its tokenizer, where a model has one: Flux always, Stable Diffusion 3 perhaps. */
export function t5Part(folder: ModelSource): { readonly encoder: string; readonly tokenizer: string } | undefined {
  const kind = denoiserKind(folder)
  if (kind === 'flux') return { encoder: 'text_encoder_2', tokenizer: 'tokenizer_2' }
  const isThere = kind === 'sd3' && has(folder, 'text_encoder_3')
  return isThere ? { encoder: 'text_encoder_3', tokenizer: 'tokenizer_3' } : undefined
}

/** All encoders of what a picture shall show. */
function textEncoderParts(folder: ModelSource): Parts {
  const t5 = t5Part(folder)
  const example = readsExamples(folder) && { image_encoder: [exampleEncoder.className] }
  return { ...clipParts(folder), ...(t5 && { [t5.encoder]: [t5Encoder.className] }), ...example }
}

/** The denoising network of a checkpoint. */
export function denoiserPart(folder: ModelSource): { readonly name: string; readonly classes: readonly string[] } {
  switch (denoiserKind(folder)) {
    case 'sd3':
      return { name: 'transformer', classes: [sd3Transformer2D.className] }
    case 'flux':
      return { name: 'transformer', classes: [fluxTransformer2D.className] }
    case 'unet':
      return { name: 'unet', classes: [unet2DCondition.className] }
  }
}

/** Tokens that T5 reads of a prompt, the end included. Flux-schnell, which takes no guidance, was trained with fewer than Flux-dev. */
export function t5Window(folder: ModelSource): number {
  if (denoiserKind(folder) !== 'flux') return 256
  const { config, configPath } = folder.component('transformer')
  return parseConfig(fluxTransformer2D, config, configPath).guidance_embeds ? 512 : 256
}

/** The components whose weights are read to draw with a model, in a fixed order. */
export function weightParts(folder: ModelSource): Parts {
  switch (drawingKind(folder)) {
    case 'unconditional':
      return { unet: [unet2D.className] }
    case 'classes':
      if (has(folder, 'unet')) return { unet: [unet2D.className] }
      return { transformer: [ditTransformer2D.className, 'Transformer2DModel'], vae: [autoencoderKL.className] }
    case 'checkpoint': {
      const { name, classes } = denoiserPart(folder)
      return { ...textEncoderParts(folder), [name]: classes, vae: [autoencoderKL.className] }
    }
  }
}
