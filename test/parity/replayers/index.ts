import { replayAdaptedUnet } from './adapted-unet.ts'
import { replayPaintByExample } from './beside.ts'
import { replayClipGuidance } from './clip-guidance.ts'
import { replayClipModel } from './clip-model.ts'
import { replayClipPreprocess } from './clip-preprocess.ts'
import { replayClipText } from './clip-text.ts'
import { replayClipVision } from './clip-vision.ts'
import { replayControlNet } from './controlnet.ts'
import { replayControlNetTraining } from './controlnet-training.ts'
import { replayDiffEdit } from './diffedit.ts'
import { replayEncodePrompt } from './encode-prompt.ts'
import { replayImageProcessor } from './image-processor.ts'
import { replayIPAdapter, replayIPAdapterPipeline } from './ip-adapter.ts'
import { replayLora } from './lora.ts'
import { replayLossGradients } from './loss-gradients.ts'
import { replayMerge } from './merge.ts'
import { replayClipScore, replayDistances, replayInceptionScore, replayPictureMetrics } from './metrics.ts'
import { replayNullText } from './null-text.ts'
import { replayClipping, replayLearningRate, replayMovingAverage, replayOptimiser } from './optimiser.ts'
import { replayClipSeg, replayRrdb } from './picture-networks.ts'
import { replayEveryPipeline } from './pipelines.ts'
import { replayPromptToPrompt } from './prompt-to-prompt.ts'
import { replayRefinerChain } from './refiner-chain.ts'
import { replayRePaint } from './repaint.ts'
import type { Replayer } from './replayer.ts'
import { replayRng } from './rng.ts'
import {
  replayKarrasVe,
  replayScheduler,
  replaySchedulerNoise,
  replayScoreSdeVe,
  replayScoreSdeVp,
} from './scheduler.ts'
import { replaySingleFile } from './single-file.ts'
import { replayCoarseMask, replayShapedLoss, replayShapedSteps } from './smart-brush.ts'
import { replayT2IAdapter } from './t2i-adapter.ts'
import { replayT5 } from './t5.ts'
import { replayTextLoraTraining } from './text-lora-training.ts'
import { replayTextualInversion } from './textual-inversion.ts'
import { replayTimestepEmbedding } from './timestep-embedding.ts'
import { replayTokenize } from './tokenize.ts'
import { replayTokenizeT5 } from './tokenize-t5.ts'
import { replayInversionTraining, replayLoraTraining, replayUnconditionalTraining } from './training.ts'

import { replayDiT, replayFlux, replaySD3 } from './transformers.ts'
import { replayAttentionProbabilities, replayUnet, replayUnetIntermediates } from './unet.ts'

import { replayAutoencoderKL } from './vae-kl.ts'
import { replayAutoencoderTiny } from './vae-tiny.ts'
import { replayVQModel } from './vq.ts'
import { replayWeightedPrompt } from './weighted-prompt.ts'

/** By the `kind` of a case; what is not here is left out. */
export const replayers: Readonly<Partial<Record<string, Replayer>>> = {
  rng: replayRng,
  scheduler: replayScheduler,
  scheduler_noise: replaySchedulerNoise,
  karras_ve: replayKarrasVe,
  sde_ve: replayScoreSdeVe,
  sde_vp: replayScoreSdeVp,
  repaint: replayRePaint,
  tokenize: replayTokenize,
  tokenize_t5: replayTokenizeT5,
  clip_text: replayClipText,
  clip_vision: replayClipVision,
  clip_model: replayClipModel,
  clip_preprocess: replayClipPreprocess,
  image_processor: replayImageProcessor,
  t5: replayT5,
  temb: replayTimestepEmbedding,
  unet: replayUnet,
  unet_intermediates: replayUnetIntermediates,
  unet_attn_probs: replayAttentionProbabilities,
  controlnet: replayControlNet,
  t2i_adapter: replayT2IAdapter,
  ip_adapter: replayIPAdapter,
  ip_adapter_pipeline: replayIPAdapterPipeline,
  dit: replayDiT,
  sd3: replaySD3,
  flux: replayFlux,
  vae_kl: replayAutoencoderKL,
  vae_tiny: replayAutoencoderTiny,
  vq: replayVQModel,
  pipeline: replayEveryPipeline,
  diffedit: replayDiffEdit,
  paint_by_example: replayPaintByExample,
  rrdb: replayRrdb,
  clipseg: replayClipSeg,
  sdxl_refiner_chain: replayRefinerChain,
  encode_prompt: replayEncodePrompt,
  weighted_prompt: replayWeightedPrompt,
  single_file: replaySingleFile,
  lora: replayLora,
  textual_inversion: replayTextualInversion,
  merge: replayMerge,
  adapted_unet: replayAdaptedUnet,
  optimiser: replayOptimiser,
  learning_rate: replayLearningRate,
  moving_average: replayMovingAverage,
  clipping: replayClipping,
  controlnet_train: replayControlNetTraining,
  lora_train: replayLoraTraining,
  peft_check: replayLoraTraining,
  text_lora_train: replayTextLoraTraining,
  uncond_train: replayUnconditionalTraining,
  ti_train: replayInversionTraining,
  null_text: replayNullText,
  p2p: replayPromptToPrompt,
  loss_grad: replayLossGradients,
  coarse_mask: replayCoarseMask,
  shaped_loss: replayShapedLoss,
  shaped_steps: replayShapedSteps,
  clip_guidance: replayClipGuidance,
  fid: replayDistances,
  inception_score: replayInceptionScore,
  clip_score: replayClipScore,
  metrics_image: replayPictureMetrics,
}
