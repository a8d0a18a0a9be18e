import { drawingKind } from '../weights/drawing-kind.ts'
import type { ModelSource } from '../weights/model-source.ts'
import { autoencoderKL } from './autoencoder-kl.ts'
import { clipText } from './clip-text.ts'
import { clipTextWithProjection } from './clip-text-with-projection.ts'
import { ditTransformer2D } from './dit-transformer-2d.ts'
import { unet2D } from './unet-2d.ts'
import { unet2DCondition } from './unet-2d-condition.ts'

/** Components of a checkpoint by name, with the classes that can be built for each. */
export type Parts = Readonly<Record<string, readonly string[]>>

const has = ({ components }: ModelSource, name: string): boolean => components.get(name)?.className !== undefined

/** Whether a checkpoint is built like Stable Diffusion XL: it has a second text encoder. */
export const isXl = (folder: ModelSource): boolean => has(folder, 'text_encoder_2')

/** The text encoders; Stable Diffusion XL's refiner has the second alone. */
export function textEncoderParts(folder: ModelSource): Parts {
  if (!isXl(folder)) return { text_encoder: [clipText.className] }
  const second = { text_encoder_2: [clipTextWithProjection.className] }
  return has(folder, 'text_encoder') ? { text_encoder: [clipText.className], ...second } : second
}

/** The components whose weights are read to draw with a model, in a fixed order. */
export function weightParts(folder: ModelSource): Parts {
  switch (drawingKind(folder)) {
    case 'unconditional':
      return { unet: [unet2D.className] }
    case 'classes':
      return { transformer: [ditTransformer2D.className, 'Transformer2DModel'], vae: [autoencoderKL.className] }
    case 'checkpoint':
      return { ...textEncoderParts(folder), unet: [unet2DCondition.className], vae: [autoencoderKL.className] }
  }
}
