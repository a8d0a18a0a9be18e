import type { Image, Job, JobRequest, ModelInfo, OperationInfo } from './api.ts'
import { engine, isOver, useEngine } from './engine.ts'
import { fieldsOf } from './form.ts'
import { failureOf } from './problem.ts'
import { sayFailure } from './toasts.ts'

/* A single picture that the model in use learns, to be bent towards words afterwards. */

/** How it is learned: Imagic bends it towards words, UniTune holds on to it under other words. */
export type Method = 'imagic' | 'unitune'

/** What is set up of it. */
export interface Bending {
  readonly method: Method
  /** Imagic: what it shall become, before it is learned; UniTune: what it shall show, after. */
  readonly words: string
  /** Imagic: how far towards the words; UniTune: how much noise is put on the picture. 0 to 1. */
  readonly amount: number
  /** How long it is learned, as a part of what is usual. */
  readonly effort: number
  /** Path of what was learned before; absent: the newest. */
  readonly learned?: string | undefined
}

/** What was learned of a picture in this way, the newest last. */
export const learnedOf = (
  { hash }: Pick<Image, 'hash'>,
  method: Method,
  others: readonly ModelInfo[],
): readonly ModelInfo[] =>
  others.filter(
    ({ learned, problem }) => problem === undefined && learned?.picture === hash && learned.method === method,
  )

/** The picture that was learned, of one that was drawn with what was learned: its slider is moved on there. */
export function subjectOf(
  { hash, recipe }: Pick<Image, 'hash' | 'recipe'>,
  others: readonly Pick<ModelInfo, 'path' | 'learned'>[],
): string {
  return others.find(({ path }) => path === recipe?.parameters.learned)?.learned?.picture ?? hash
}

/** The job that learns a picture now. */
export const learningOf = (
  { hash }: Pick<Image, 'hash'>,
  method: Method,
  jobs: Readonly<Record<string, Job>>,
): Job | undefined =>
  Object.values(jobs).find(job => job.operation === `train-${method}` && !isOver(job) && job.parameters.image === hash)

/** Names of results are files' names, and the same words may be learned of several pictures. */
const nameFor = (words: string, hash: string): string => `${words.trim() || 'Picture'} ${hash.slice(0, 6)}`

/** The training that learns a picture; undefined where words are missing. */
export function trainingOf(
  { hash }: Pick<Image, 'hash'>,
  { method, words }: Pick<Bending, 'method' | 'words'>,
  model: Pick<ModelInfo, 'id'>,
  lengths: Readonly<Record<string, number>> = {},
): JobRequest | undefined {
  if (method === 'imagic' && words.trim() === '') return undefined
  const said = method === 'imagic' ? { words: words.trim() } : {}
  const name = nameFor(method === 'imagic' ? words : '', hash)
  return { operation: `train-${method}`, model: model.id, parameters: { image: hash, name, ...said, ...lengths } }
}

/** A training of the picture, whatever its words, to ask what it takes. */
export const anyTrainingOf = (
  picture: Pick<Image, 'hash'>,
  method: Method,
  model: Pick<ModelInfo, 'id'>,
  lengths: Readonly<Record<string, number>>,
) => trainingOf(picture, { method, words: '-' }, model, lengths)

/** Parameters that say how long a training takes. */
const LENGTHS = ['wordSteps', 'steps']

/** The lengths of a training that takes a part of the usual time; nothing where it is the usual. */
export function lengthsOf(operation: OperationInfo | undefined, effort: number): Readonly<Record<string, number>> {
  if (operation === undefined || effort === 1) return {}
  const lengths = fieldsOf(operation).filter(({ name }) => LENGTHS.includes(name))
  return Object.fromEntries(
    lengths.map(({ name, standard }) => [name, Math.max(1, Math.round(Number(standard) * effort))]),
  )
}

/** The drawing with what was learned; its seed is that of the picture, so that nothing but the amount differs from one to the next. */
export function drawingOf(
  { hash, width, height, recipe }: Pick<Image, 'hash' | 'width' | 'height' | 'recipe'>,
  { method, words, amount }: Bending,
  model: Pick<ModelInfo, 'id' | 'sizeMultiple'>,
  { path, triggerWords = [] }: Pick<ModelInfo, 'path' | 'triggerWords'>,
): JobRequest {
  const whole = (pixels: number) => Math.max(1, Math.round(pixels / model.sizeMultiple)) * model.sizeMultiple
  const common = {
    ...{ learned: path, seed: recipe?.seed ?? '0', count: 1 },
    ...{ width: whole(width), height: whole(height) },
  }
  const own =
    method === 'imagic'
      ? { prompt: triggerWords.join(', '), toward: amount }
      : { prompt: words.trim(), image: hash, strength: amount }
  return { operation: method, model: model.id, parameters: { ...common, ...own } }
}

/** Whether this engine can do it. */
export const canBend = (operations: readonly Pick<OperationInfo, 'id'>[]): boolean =>
  operations.some(({ id }) => id === 'train-imagic')

/** Puts a training into the queue. */
export async function learn(request: JobRequest): Promise<void> {
  try {
    await (await engine()).jobs.submit(request)
  } catch (error) {
    sayFailure(failureOf(error))
  }
}

/** What was learned, when something was. */
export const useLearned = (picture: Pick<Image, 'hash'>, method: Method): readonly ModelInfo[] => {
  const others = useEngine(state => state.others)
  return learnedOf(picture, method, others)
}
