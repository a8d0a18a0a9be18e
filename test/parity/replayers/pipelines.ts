import { z } from 'zod'
import { replayClasses } from './classes.ts'
import { replayPipeline } from './pipeline.ts'
import type { Replayer } from './replayer.ts'
import { replayUnconditional } from './unconditional.ts'

/** By the reference's class; what is not here draws from words. */
const wordless: Readonly<Partial<Record<string, Replayer>>> = {
  DDPMPipeline: replayUnconditional,
  DDIMPipeline: replayUnconditional,
  PNDMPipeline: replayUnconditional,
  KarrasVePipeline: replayUnconditional,
  ScoreSdeVePipeline: replayUnconditional,
  DiTPipeline: replayClasses,
}

/** Pipelines of every class. */
export const replayEveryPipeline: Replayer = variant => {
  const { pipeline } = z.looseObject({ pipeline: z.string() }).parse(variant.params)
  return (wordless[pipeline] ?? replayPipeline)(variant)
}
