import type { MissingPart } from '../companions.ts'
import type { JsonObject } from '../json-file.ts'
import type { SafetensorsFile } from '../safetensors.ts'
import type { BaseFamily } from './layout.ts'
import { type FoundNetwork, findAutoencoderAlone, findTextEncoderAlone } from './networks.ts'

/** A part that may lie in a file of its own: how it is found there, and whether it fits the transformer. */
export interface PartBeside extends Omit<MissingPart, 'open'> {
  readonly find: (file: SafetensorsFile) => FoundNetwork | undefined
  readonly fits: (config: JsonObject) => boolean
}

/** What a transformer of Stable Diffusion 3 or Flux needs beside it. @param config of the transformer */
export function partsBeside(family: BaseFamily, config: JsonObject): PartBeside[] {
  const { joint_attention_dim: textWidth, pooled_projection_dim: pooled, in_channels: channels } = config
  const text = (name: string, words: string, fits: PartBeside['fits'], isOptional = false): PartBeside => ({
    ...{ name, kind: 'text-encoder', words, isOptional, fits },
    find: file => findTextEncoderAlone(file, family, name),
  })
  const vae = (latents: number): PartBeside => ({
    ...{ name: 'vae', kind: 'vae', words: 'VAE (mostly called ae or vae)', isOptional: false },
    find: file => findAutoencoderAlone(file, family),
    fits: ({ latent_channels }) => latent_channels === latents,
  })
  const isT5 = ({ d_model }: JsonObject) => d_model === textWidth
  if (family === 'flux') {
    return [
      text('text_encoder', 'text encoder CLIP-L (mostly called clip_l)', ({ hidden_size }) => hidden_size === pooled),
      text('text_encoder_2', 'text encoder T5 (mostly called t5xxl)', isT5),
      vae(Number(channels) / 4),
    ]
  }
  if (family !== 'sd3') return []
  // Both projections stand beside each other in the pooled text; the first is the narrower one.
  const share = ({ projection_dim }: JsonObject) => Number(projection_dim) / Number(pooled)
  return [
    text('text_encoder', 'text encoder CLIP-L (mostly called clip_l)', clip => share(clip) < 0.5),
    text('text_encoder_2', 'text encoder CLIP-G (mostly called clip_g)', clip => share(clip) > 0.5 && share(clip) < 1),
    text('text_encoder_3', 'text encoder T5 (mostly called t5xxl)', isT5, true),
    vae(Number(channels)),
  ]
}
