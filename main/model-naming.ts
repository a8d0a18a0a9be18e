import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { ModelInfo } from '../app/api/contract.ts'
import type { ModelRow } from '../app/library/models.ts'
import { noisyClassifier } from '../app/models/noisy-classifier.ts'
import { Problem } from '../app/problem.ts'
import { openClassifier } from '../app/weights/classifier-file.ts'
import type { Identity } from '../app/weights/identify.ts'
import { aboutLearnedPicture } from '../app/weights/learned-picture.ts'
import { drawingKinds, type ModelKind } from '../app/weights/model-kinds.ts'
import { isFile } from '../app/weights/model-source.ts'
import { openSafetensors } from '../app/weights/safetensors.ts'
import { holdsWordMasks } from '../app/weights/word-masks.ts'
import { sha256 } from './model-files.ts'

/** How models of the library are called, and what is told of those that draw no pictures. */

/** A model that jobs can name. */
export interface ShelfModel {
  readonly id: string
  readonly path: string
  readonly embedded: boolean
}

/** Whether a folder that comes with the app is a model that jobs can name. */
export const drawsAlone = (path: string): boolean => existsSync(join(path, 'model_index.json')) || holdsWordMasks(path)

/** Whether it is a model that draws by itself, which jobs can name. */
export const draws = ({ kind }: Identity): boolean => drawingKinds.some(each => each === kind)

export const missing = (path: string) => ({
  problem: `${path} is no longer there. Find it where it is now, put it back, or remove it from the list.`,
  missing: true,
})

/** Which picture a file holds that a model learned; nothing of one that cannot be read now. */
export function learnedBy(path: string): Pick<ModelInfo, 'learned'> {
  try {
    const { method, picture } = aboutLearnedPicture(openSafetensors(path))
    return { learned: { method, picture } }
  } catch {
    return {}
  }
}

/** What a classifier tells apart; nothing of one that cannot be read now. */
export function toldApartBy(path: string): Pick<ModelInfo, 'classNames'> {
  try {
    const { labels } = noisyClassifier.config.parse(openClassifier(path).config)
    return { classNames: labels }
  } catch {
    return {}
  }
}

/** An embedding is called by its file's name, which may change with its place. */
export const withoutName = ({ triggerWords: _, preview: __, ...rest }: Identity) => rest

/** Values of a model that draws no pictures by itself, or cannot be read. */
export const noDefaults = {
  bytes: 0,
  precision: '',
  defaults: { width: 0, height: 0, steps: 0, guidance: 0, sampler: '' },
  sizeMultiple: 1,
  beside: 'nothing' as const,
  samplers: 'diffusion' as const,
  promptTokens: 0,
  examples: [],
}

export function saidBy(identity: Identity | undefined) {
  if (identity === undefined) return {}
  const { family, licence, triggerWords, preview } = identity
  return {
    family,
    triggerWords: [...triggerWords],
    ...(licence !== undefined && { licence }),
    ...(preview !== undefined && { preview }),
  }
}

/** The real path of a model; its index stands for its folder. A link keeps its name: in a download cache the file behind it has none. */
export function placeOf(given: string): string {
  const path = resolve(given)
  if (basename(path) === 'model_index.json') return realpathSync(dirname(path))
  return isFile(path) ? join(realpathSync(dirname(path)), basename(path)) : realpathSync(path)
}

export const idOf = (path: string): string => `${isFile(path) ? 'file' : 'folder'}-${sha256(path).slice(0, 16)}`

/** Endings of models' files: one that is gone cannot be asked whether it was a file. */
const modelEnding = /\.(?:safetensors|sft|ckpt|pt|pth|bin|onnx)$/i

export const fileName = (path: string): string =>
  isFile(path) ? basename(path, extname(path)) : basename(path).replace(existsSync(path) ? /$/ : modelEnding, '')

export const nameOfRow = ({ path, identity }: ModelRow): string => identity?.title ?? fileName(path)

const additionWords: Readonly<Partial<Record<ModelKind, readonly [one: string, many: string]>>> = {
  lora: ['LoRA', 'LoRAs'],
  embedding: ['embedding', 'embeddings'],
  vae: ['VAE', 'VAEs'],
  'text-encoder': ['text encoder', 'text encoders'],
  'learned-picture': ['learned picture', 'learned pictures'],
  classifier: ['classifier', 'classifiers'],
  'image-encoder': ['image encoder', 'image encoders'],
  'depth-network': ['network for depth', 'networks for depth'],
  'pose-network': ['network for poses', 'networks for poses'],
  controlnet: ['ControlNet', 'ControlNets'],
}
/** Names that a sentence lists. */
const mostNames = 20

export function unknownAddition(reference: string, kind: ModelKind, names: readonly string[]): Problem {
  const [one, many] = additionWords[kind] ?? [kind, `models of the kind ${kind}`]
  const others = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  const there = `The ${many} here are ${names.slice(0, mostNames).join(', ')}${others}.`
  const isPath = /[/\\]/.test(reference)
  const message = `There is no ${isPath ? 'file' : one} "${reference}" on this computer.`
  return new Problem(isPath ? 'FILE_MISSING' : 'ADDITION_UNKNOWN', message, {
    hint: `${names.length === 0 ? `There are no ${many} here yet.` : there} The path of a file does too.`,
  })
}
