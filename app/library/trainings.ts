import { z } from 'zod'
import { Choice } from './records.ts'

/** Trainings as they cross the API. Times are milliseconds since 1970. */

export const Training = z.object({
  /** Of its run; the queue's progress names it. */
  id: z.string(),
  operation: z.string(),
  /** What the result is called. */
  name: z.string(),
  /** Steps in all, and those that are done. */
  steps: z.int(),
  done: z.int(),
  beganAt: z.number(),
  /** The jobs that worked on it, the newest last. */
  jobs: z.array(z.string()),
})
export type Training = z.infer<typeof Training>

/** A number of each of some steps: [step, value]. */
const Curve = z.array(z.tuple([z.number(), z.number()]))
export type Curve = z.infer<typeof Curve>

export const TrainingHistory = Training.extend({
  /** Of each step; of long runs every few steps, the mean of them. */
  losses: Curve,
  /** Of pictures that are not learned from, at fixed noise. */
  heldBack: Curve,
  /** How far drawn pictures are from those that are learned: the Fréchet distance (FID) at each look; empty: it is not measured. Figures of one
   *  network and number of pictures alone can be compared. */
  distances: z.array(
    z.object({ step: z.int(), fid: z.number(), kid: z.number(), network: z.string(), pictures: z.int() }),
  ),
  /** What the pictures are drawn from: one row each. */
  prompts: z.array(z.string()),
  /** Of each look, a picture of each prompt at `blob/<hash>`. */
  looks: z.array(z.object({ step: z.int(), pictures: z.array(z.string()) })),
  /** Whether results of its steps can be used; else the end alone counts. */
  keepsSteps: z.boolean(),
  /** Steps whose result can be used. */
  kept: z.array(z.int()),
  /** Steps after which it went on after an end. */
  resumed: z.array(z.int()),
  /** The newest state that it can go on from. */
  saved: z.object({ step: z.int(), at: z.number() }).optional(),
  /** Where it came apart: the first bad step, and the step that it can go on from (0: the beginning). */
  diverged: z.object({ step: z.int(), safe: z.int() }).optional(),
})
export type TrainingHistory = z.infer<typeof TrainingHistory>

/** What a training will take. */
export const TrainingEstimate = z.object({
  /** Pictures that will be learned from, and held back. */
  pictures: z.int(),
  heldBack: z.int(),
  /** From what such a training was measured to take here; absent before the first one. */
  seconds: z.number().optional(),
  /** Bytes of memory at the worst moment, and what models may use. */
  memory: z.number(),
  budget: z.number(),
  fits: z.boolean(),
  /** Bytes on the disk: the result, and what is kept to go on from and to choose from. */
  result: z.number(),
  kept: z.number(),
  /** Ways that would fit where this does not. */
  choices: z.array(Choice),
})
export type TrainingEstimate = z.infer<typeof TrainingEstimate>
