import { z } from 'zod'
import { ProblemInfo } from '../records.ts'

/** What is fetched from a hub, as it is kept between starts and as it crosses the API. Sizes are bytes; times are milliseconds since 1970. */

export const Precision = z.enum(['fp16', 'fp32'])
export type Precision = z.infer<typeof Precision>

/** What a person typed, and how they want it. */
export const ModelReference = z.object({
  /** `owner/name`, `owner/name/file.safetensors`, a page of the hub, or the address of a file. */
  reference: z.string().max(2000),
  /** Branch, tag or commit; the hub's main one if absent. */
  revision: z.string().max(200).optional(),
  /** Which of several variants of the weights is preferred. */
  precision: Precision.default('fp16'),
})
export type ModelReference = z.input<typeof ModelReference>

export const PlannedFile = z.object({
  /** Where it will lie in the model's folder, with slashes. */
  path: z.string(),
  url: z.string(),
  size: z.int(),
  /** What the hub declares, hexadecimal; absent where it declares nothing. */
  sha256: z.string().optional(),
  /** Git's hash of small files: SHA-1 over `blob SIZE\0` and the bytes. */
  gitSha1: z.string().optional(),
})
export type PlannedFile = z.infer<typeof PlannedFile>

export const Licence = z.object({
  /** As the hub names it. */
  name: z.string(),
  /** Where it can be read. */
  link: z.string().optional(),
})
export type Licence = z.infer<typeof Licence>

/** What would be fetched. Everything in it was read from the hub just now. */
export const DownloadPlan = z.object({
  /** The same for the same model, files and revision. */
  id: z.string(),
  name: z.string(),
  /** The host that the bytes are asked of. */
  host: z.string(),
  /** The model's page, where there is one. */
  page: z.string().optional(),
  commit: z.string().optional(),
  /** Absent when the hub names none. */
  licence: Licence.optional(),
  files: z.array(PlannedFile),
  bytes: z.int(),
  /** Free bytes on the disk that it would go to. */
  free: z.int(),
  /** Id that the model will have in the library. */
  model: z.string(),
  /** The folder or the file that it will be. */
  target: z.string(),
  /** Whether the target is one file. */
  isFile: z.boolean(),
})
export type DownloadPlan = z.infer<typeof DownloadPlan>

export const DownloadState = z.enum(['running', 'paused', 'failed', 'done', 'cancelled'])
export type DownloadState = z.infer<typeof DownloadState>

export const Download = z.object({
  id: z.string(),
  name: z.string(),
  host: z.string(),
  licence: Licence.optional(),
  /** When the person agreed to fetch it. */
  agreedAt: z.number(),
  state: DownloadState,
  /** All bytes, and those that are on the disk. */
  bytes: z.int(),
  done: z.int(),
  /** Absent until the speed is known. */
  secondsLeft: z.number().optional(),
  /** Why nothing comes at the moment, and when the next try is. */
  waiting: z.string().optional(),
  problem: ProblemInfo.optional(),
  /** Id of the model in the library, once it is done. */
  model: z.string(),
})
export type Download = z.infer<typeof Download>

export const KnownModel = z.object({ reference: z.string(), name: z.string(), purpose: z.string() })
export type KnownModel = z.infer<typeof KnownModel>
