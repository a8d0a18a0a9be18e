import type { DrawingKind } from '../weights/model-kinds.ts'

/** What a network may see beside what it draws. */
export const besides = [
  'nothing',
  'mask',
  'picture',
  'depth',
  'small picture',
  'small latents',
  'example',
  'shape',
  'something else',
] as const
export type Beside = (typeof besides)[number]

/** What a model says of itself, read from its small files alone (model_index.json, configs, card): no weights are opened. */
export interface ModelDescription {
  readonly name: string
  readonly kind: DrawingKind
  /** The diffusers folder. */
  readonly path: string
  /** Values of an operation's parameters that the model asks for, by parameter name. */
  readonly defaults: {
    /** sample_size x stride of the VAE, in pixels */
    readonly width: number
    readonly height: number
    readonly steps: number
    readonly guidance: number
    /** The scheduler class of scheduler_config.json. */
    readonly sampler: string
    /** Of networks that enlarge pictures: how many times larger. */
    readonly factor?: number
  }
  /** What its network sees beside the latents (or pixels) that it draws: in-painting models a mask and the picture without what it marks,
   *  InstructPix2Pix a picture, depth models one channel, upscalers a small picture or its latents, Paint by Example mask, picture and an example, SmartBrush
   *  the mask of a shape that it follows. */
  readonly beside: Beside
  /** Pixels per latent: 2^(VAE levels - 1); 1 where the network works on pixels. */
  readonly stride: number
  /** Width and height must be multiples of this: the stride, times the latents on a side of what a transformer sees as one place. */
  readonly sizeMultiple: number
  /** Samplers that serve it (`Scheduler.serves`). */
  readonly samplers: 'diffusion' | 'flow'
  /** Tokens that the text encoder reads, begin and end included; of T5, where there is one; 0 where there is none. */
  readonly promptTokens: number
  readonly precision: string
  /** Bytes of the weight files that are used. */
  readonly bytes: number
  /** What its card says of its licence. */
  readonly licence?: string
  readonly examples: readonly string[]
  /** What it was merged from, as its metadata says. */
  readonly mergedFrom?: string
  /** Of models that follow the shape of a mask: in how many steps, from exactly to where its box is alone. */
  readonly shapeLevels?: number
  /** Of models of classes: how many there are, and what they are called where the model tells (`id2label`). */
  readonly classes?: { readonly count: number; readonly names?: readonly string[] }
}
