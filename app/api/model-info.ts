import { z } from 'zod'
import { besides } from '../models/description.ts'
import { drawingKinds, modelKinds } from '../weights/model-kinds.ts'

/** What a person can do, and with what. */

export const OperationInfo = z.object({
  id: z.string(),
  version: z.int(),
  title: z.string(),
  description: z.string(),
  /** The kind of model that it draws pictures with; absent where it makes something else. */
  draws: z.enum(drawingKinds).optional(),
  /** Set where its pictures answer a question about another one (`jobs.ask`). */
  answers: z.literal(true).optional(),
  /** The kind of model that it teaches; absent where it teaches none. */
  teaches: z.enum(drawingKinds).optional(),
  /** JSON Schema of the parameters; each property carries title, description and our own unit, group, widget. */
  parameters: z.record(z.string(), z.unknown()),
})
export type OperationInfo = z.infer<typeof OperationInfo>

/** Networks that predict noise by a table of timesteps, and those of flow matching. */
const SamplerKind = z.enum(['diffusion', 'flow'])

/** A sampler that a person can choose for a picture. */
export const SamplerInfo = z.object({
  className: z.string(),
  title: z.string(),
  goodFor: z.string(),
  /** The kind of networks that it serves: `ModelInfo.samplers`. */
  serves: SamplerKind,
  /** Whether Karras noise levels make a difference to it. */
  choosesNoiseLevels: z.boolean(),
})
export type SamplerInfo = z.infer<typeof SamplerInfo>

export const ModelKind = z.enum(modelKinds)

export const ModelInfo = z.object({
  /** Stable id, the one that jobs name. */
  id: z.string(),
  name: z.string(),
  kind: ModelKind,
  /** The folder or file that it is read from. */
  path: z.string(),
  embedded: z.boolean(),
  /** Bytes on disk of the parts that are used. */
  bytes: z.int(),
  /** "fp16", "fp32", "bf16": as stored. */
  precision: z.string(),
  /** Values of the operation's parameters that the model itself asks for, by parameter name. */
  defaults: z.object({
    width: z.int(),
    height: z.int(),
    steps: z.int(),
    guidance: z.number(),
    sampler: z.string(),
    factor: z.number().optional(),
  }),
  /** Width and height must be multiples of this, in pixels. */
  sizeMultiple: z.int(),
  /** What its network sees beside what it draws: `nothing` where it draws from words alone, `mask` where it is made for in-painting. */
  beside: z.enum(besides).default('nothing'),
  /** The samplers that serve it. */
  samplers: SamplerKind,
  /** Tokens of a prompt that the text encoder reads, begin and end included. */
  promptTokens: z.int(),
  /** Of a model of classes: how many there are, and what they are called where it tells; '' for those without a name. */
  classes: z.int().optional(),
  classNames: z.array(z.string()).optional(),
  /** Short prompts that show what it can do; from its card. */
  examples: z.array(z.string()),
  /** What it belongs to: "sd1", "sd2", "sdxl", "sdxl-refiner", "sd3", "flux"; absent or "unknown" where nothing says so. */
  family: z.string().optional(),
  /** SHA-256 of its weights, once it was computed. */
  hash: z.string().optional(),
  licence: z.string().optional(),
  /** Words that call what it was trained on. */
  triggerWords: z.array(z.string()).optional(),
  /** Of a merged model: the names of what it was merged from. */
  mergedFrom: z.string().optional(),
  /** Parts that its file lacks, in words, and the files of the library that can give each: one is used by itself, of several one must be chosen. */
  lacks: z.array(z.object({ words: z.string(), isOptional: z.boolean(), files: z.array(z.string()) })).optional(),
  /** Of a network that finds objects and comes in two files: which half this is. */
  half: z.enum(['picture encoder', 'mask decoder']).optional(),
  /** Of a picture that a model learned: how, and the hash of the picture. */
  learned: z.object({ method: z.enum(['imagic', 'unitune']), picture: z.string() }).optional(),
  /** A small picture that the file carries, as a data URL. */
  preview: z.string().optional(),
  /** A picture lies beside its file: `models.picture` gives it. */
  hasPicture: z.boolean().optional(),
  /** Its files are no longer where they were. */
  missing: z.boolean().optional(),
  /** Set when it cannot be used now: one sentence that says why and what to do. */
  problem: z.string().optional(),
})
export type ModelInfo = z.infer<typeof ModelInfo>

/** What became of paths that were to be imported. */
export const ImportReport = z.object({
  /** Files and folders that looked like models. */
  found: z.int(),
  models: z.array(ModelInfo),
  refused: z.array(z.object({ path: z.string(), problem: z.string() })),
})
export type ImportReport = z.infer<typeof ImportReport>

/** What a person asks for. Parameters that are left out take the model's own values. */
export const JobRequest = z.object({
  operation: z.string(),
  model: z.string(),
  parameters: z.record(z.string(), z.unknown()),
})
export type JobRequest = z.infer<typeof JobRequest>

/** What is asked of a prompt before it is drawn. */
export const PromptQuestion = z.object({
  model: z.string(),
  prompt: z.string().max(20_000),
  longPrompts: z.enum(['chunks', 'cut']).default('chunks'),
  /** Learned words that stand beside the model, as its jobs name them. */
  embeddings: z
    .array(z.object({ model: z.string(), word: z.string().optional() }))
    .max(100)
    .default([]),
})

/** What a token is, and what of the text it stands for. */
export const ReadToken = z.object({
  id: z.int(),
  /** UTF-16 units of the text: from `start` up to `end`, without. Tokens that are bytes of one character share it. */
  start: z.int(),
  end: z.int(),
  weight: z.number(),
  /** Which chunk it is read in, from 0. */
  chunk: z.int(),
  isCut: z.boolean(),
})
export type ReadToken = z.infer<typeof ReadToken>
