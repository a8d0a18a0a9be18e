import { z } from 'zod'
import { replayDepth, replayDoubling, replayInstructed, replayUpscaler } from './beside.ts'
import { replayClasses } from './classes.ts'
import { replayControlledImage, replayControlledInpaint } from './controlled-image.ts'
import { replayControlledPipeline } from './controlled-pipeline.ts'
import { replayImageToImage } from './image-to-image.ts'
import { replayInpaint } from './inpaint.ts'
import { replayPipeline } from './pipeline.ts'
import type { Replayer } from './replayer.ts'
import { replaySelfGuided } from './self-guided.ts'
import { replayUnconditional } from './unconditional.ts'

/** By the reference's class; what is not here draws from words alone. */
const others: Readonly<Partial<Record<string, Replayer>>> = {
  DDPMPipeline: replayUnconditional,
  DDIMPipeline: replayUnconditional,
  PNDMPipeline: replayUnconditional,
  KarrasVePipeline: replayUnconditional,
  ScoreSdeVePipeline: replayUnconditional,
  DiTPipeline: replayClasses,
  StableDiffusionPAGPipeline: replaySelfGuided,
  StableDiffusionXLPAGPipeline: replaySelfGuided,
  StableDiffusionSAGPipeline: replaySelfGuided,
  StableDiffusionControlNetPipeline: replayControlledPipeline,
  StableDiffusionXLControlNetPipeline: replayControlledPipeline,
  StableDiffusionControlNetImg2ImgPipeline: replayControlledImage,
  StableDiffusionControlNetInpaintPipeline: replayControlledInpaint,
  StableDiffusionImg2ImgPipeline: replayImageToImage,
  StableDiffusionXLImg2ImgPipeline: replayImageToImage,
  StableDiffusionInpaintPipeline: replayInpaint,
  StableDiffusionXLInpaintPipeline: replayInpaint,
  StableDiffusionInstructPix2PixPipeline: replayInstructed,
  StableDiffusionDepth2ImgPipeline: replayDepth,
  StableDiffusionUpscalePipeline: replayUpscaler,
  StableDiffusionLatentUpscalePipeline: replayDoubling,
}

/** Pipelines of every class. */
export const replayEveryPipeline: Replayer = variant => {
  const { pipeline } = z.looseObject({ pipeline: z.string() }).parse(variant.params)
  return (others[pipeline] ?? replayPipeline)(variant)
}
