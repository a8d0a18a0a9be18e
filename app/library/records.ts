import { z } from 'zod'
import { precisions } from '../weights/precision.ts'

/** What the library keeps, as it is handed out: the same objects that cross the API. Times are milliseconds since 1970;
 *  seeds are decimal strings (0 to 2^64-1). */

/** Paused: it waits until the person lets it go on. */
export const JobState = z.enum(['waiting', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted'])
export type JobState = z.infer<typeof JobState>

export const JobProgress = z.object({
  phase: z.string(),
  step: z.int(),
  total: z.int(),
  /** What a person should still know when it is done. */
  note: z.string().optional(),
  secondsLeft: z.number().optional(),
  /** Small PNG pictures as data: URLs, one for each picture of the batch. */
  previews: z.array(z.string()).optional(),
  /** Of a training: its run, whose history `trainings.get` gives. */
  training: z.string().optional(),
})
export type JobProgress = z.infer<typeof JobProgress>

/** Another way to do what a problem keeps from being done. */
export const Choice = z.object({
  /** "8 bit", "96 × 64" */
  words: z.string(),
  /** Bytes of memory that it would take, beside weights that stay in their file. */
  bytes: z.number(),
  precision: z.enum(precisions).optional(),
  /** Parameters that would be other ones. */
  parameters: z.record(z.string(), z.unknown()).optional(),
})
export type Choice = z.infer<typeof Choice>

/** An error as it crosses the wire. */
export const ProblemInfo = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  choices: z.array(Choice).optional(),
})
export type ProblemInfo = z.infer<typeof ProblemInfo>

/** What a job takes: seconds from its start to its end, bytes of memory at the worst moment. Absent: not known. */
export const Cost = z.object({ seconds: z.number().optional(), bytes: z.number().optional() })
export type Cost = z.infer<typeof Cost>

/** What was said before a job began, and what came. */
export const JobCost = z.object({ predicted: Cost, took: Cost.optional() })
export type JobCost = z.infer<typeof JobCost>

export const Job = z.object({
  id: z.string(),
  operation: z.string(),
  model: z.string(),
  /** Complete: as checked, with the model's own values filled in. */
  parameters: z.record(z.string(), z.unknown()),
  state: JobState,
  /** Whether it goes on where it was stopped: it can be paused, and ended early with what it has. */
  resumes: z.boolean().optional(),
  /** Place in the queue, small first; only waiting jobs are reordered. */
  position: z.number(),
  createdAt: z.number(),
  startedAt: z.number().optional(),
  endedAt: z.number().optional(),
  progress: JobProgress.optional(),
  problem: ProblemInfo.optional(),
  cost: JobCost.optional(),
  /** Ids of the pictures it made. */
  images: z.array(z.string()),
})
export type Job = z.infer<typeof Job>

/** Everything that made a picture. The PNG carries the same object in its `sfumato` chunk. */
export const Recipe = z.object({
  operation: z.string(),
  operationVersion: z.int(),
  parameters: z.record(z.string(), z.unknown()),
  /** The seed that draws this very picture alone. */
  seed: z.string(),
  model: z.object({ name: z.string(), hash: z.string() }),
  /** The device that computed it: "cpu", "webgpu". */
  provider: z.string(),
  /** What was put beside the model (LoRAs, embeddings, a VAE), by path, with the SHA-256 of its weights. */
  additions: z.array(z.object({ model: z.string(), hash: z.string() })).optional(),
  /** How the weights were computed with (Settings.precision); absent: as they are stored. */
  precision: z.string().optional(),
  /** What another program said that means nothing here, as it said it: `{ "Sampler": "DPM fast" }`. */
  unknown: z.record(z.string(), z.string()).optional(),
  app: z.string(),
  /** Pictures that it was made from, by content hash. */
  parents: z.array(z.string()),
})
export type Recipe = z.infer<typeof Recipe>

export const Image = z.object({
  id: z.string(),
  /** SHA-256 of the file; its pixels are at `blob/<hash>`. */
  hash: z.string(),
  width: z.int(),
  height: z.int(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  starred: z.boolean(),
  /** 1 to 5; absent: not rated. */
  rating: z.int().optional(),
  /** In the order of the alphabet; absent: none. */
  tags: z.array(z.string()).optional(),
  trashedAt: z.number().optional(),
  jobId: z.string().optional(),
  /** Where it stands in its batch, from 0. */
  index: z.int(),
  recipe: Recipe.optional(),
  /** Of the job that made it, with all its pictures. */
  cost: JobCost.optional(),
})
export type Image = z.infer<typeof Image>

/** How far a model's pictures in a precision are from those as stored. */
export const PrecisionLoss = z.object({
  precision: z.enum(precisions),
  /** Peak signal-to-noise ratio; null: the pictures were equal. */
  decibels: z.number().nullable(),
})
export type PrecisionLoss = z.infer<typeof PrecisionLoss>

/** Whether a precision is worth choosing on this computer. */
export const PrecisionOffer = z.object({
  precision: z.enum(precisions),
  offered: z.boolean(),
  /** One quiet sentence: what it gains, or why it is not offered. */
  words: z.string(),
})
export type PrecisionOffer = z.infer<typeof PrecisionOffer>

export const ImageQuery = z.object({
  /** Words that the prompt must contain; `seed:7`, `model:"Sticker World"`, `sampler:ddim`, `tag:night`, `rating:3` (at least),
   *  `date:2026-11`, `after:2026-11-24`, `before:2026` (dates.ts) narrow it. `colour:#3a7bd5` and `similar:` with the id of a picture find what
   *  looks like it, the nearest first. */
  search: z.string().default(''),
  trashed: z.boolean().default(false),
  starred: z.boolean().optional(),
  /** Id of a board that it must be on. */
  board: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.int().min(1).max(500).default(100),
})
export type ImageQuery = z.input<typeof ImageQuery>

const share = z.number().min(0).max(1)

const settingFields = {
  theme: z.enum(['system', 'dark', 'light']),
  /** What the interface speaks; the page holds the texts (renderer/language). */
  language: z.enum(['system', 'en', 'de']),
  /** "auto" tries the graphics card first, each provider only after its self-test. */
  provider: z.enum(['auto', 'cpu', 'webgpu']),
  /** How the UNet's weights are computed with: as they are stored, or from a side-car in the cache. */
  precision: z.enum(precisions),
  /** Share of the memory that models may use, 0.1 to 0.9. */
  memoryShare: z.number().min(0.1).max(0.9),
  /** Whether pictures say for machines that a model made them (XMP, IPTC's DigitalSourceType). */
  saysOrigin: z.boolean(),
  /** "more": lines around every control and stronger colours, whatever the system asks for. */
  contrast: z.enum(['system', 'more']),
  /** Whether the system tells of a job that is done while the window is hidden. */
  notifies: z.boolean(),
  /** How the pressure of a pen counts: the handles of a curve from (0, 0) to (1, 1), x1, y1, x2, y2. */
  pressureCurve: z.tuple([share, share, share, share]),
  /** Keys that the person chose, by the id of the page's command: "Ctrl+Shift+C"; none where the list is empty. */
  keys: z.record(z.string().max(64), z.array(z.string().min(1).max(32)).max(4)),
}

export const Settings = z.object({
  theme: settingFields.theme.default('system'),
  language: settingFields.language.default('system'),
  provider: settingFields.provider.default('auto'),
  precision: settingFields.precision.default('as stored'),
  memoryShare: settingFields.memoryShare.default(0.6),
  saysOrigin: settingFields.saysOrigin.default(true),
  contrast: settingFields.contrast.default('system'),
  notifies: settingFields.notifies.default(true),
  pressureCurve: settingFields.pressureCurve.default([1 / 3, 1 / 3, 2 / 3, 2 / 3]),
  keys: settingFields.keys.default({}),
})
export type Settings = z.infer<typeof Settings>

/** Some of the settings; what is left out stays as it is (so it must not have a default). */
export const SettingsChange = z.object(settingFields).partial()
export type SettingsChange = z.infer<typeof SettingsChange>
