import { replayClipText } from './clip-text.ts'
import { replayControlNet } from './controlnet.ts'
import { replayEncodePrompt } from './encode-prompt.ts'
import { replayPipeline } from './pipeline.ts'
import type { Replayer } from './replayer.ts'
import { replayRng } from './rng.ts'
import { replayScheduler } from './scheduler.ts'
import { replayTimestepEmbedding } from './timestep-embedding.ts'
import { replayTokenize } from './tokenize.ts'
import { replayAttentionProbabilities, replayUnet, replayUnetIntermediates } from './unet.ts'
import { replayAutoencoderKL } from './vae-kl.ts'

/** By the `kind` of a case; what is not here is left out. */
export const replayers: Readonly<Partial<Record<string, Replayer>>> = {
  rng: replayRng,
  scheduler: replayScheduler,
  tokenize: replayTokenize,
  clip_text: replayClipText,
  temb: replayTimestepEmbedding,
  unet: replayUnet,
  unet_intermediates: replayUnetIntermediates,
  unet_attn_probs: replayAttentionProbabilities,
  controlnet: replayControlNet,
  vae_kl: replayAutoencoderKL,
  pipeline: replayPipeline,
  encode_prompt: replayEncodePrompt,
}
