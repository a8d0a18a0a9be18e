import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { cardText, readCard } from '../models/card.ts'
import { weightParts } from '../models/parts.ts'
import { type ChangedCopy, writeChangedCopy } from '../weights/changed-copy.ts'
import type { ModelSource } from '../weights/model-source.ts'
import type { Progress } from './operation.ts'

/** A model of its own that a training makes of another one. */
export interface TaughtModel extends Pick<ChangedCopy, 'source' | 'changed' | 'added' | 'configs' | 'pipeline'> {
  readonly name: string
  /** How it came to be, for its card. */
  readonly about: string
  /** Prompts that show what it does; absent: those of the model that it was made of. */
  readonly examples?: readonly string[]
  /** Beside its title. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** Writes it, with progress. @param target where nothing is yet  @param steps of the training  @throws Problem as `writeChangedCopy` */
export async function* writeTaughtModel(
  target: string,
  { name, about, examples, metadata, source, ...changes }: TaughtModel,
  steps: number,
): AsyncGenerator<Progress, void> {
  mkdirSync(dirname(target), { recursive: true })
  const card = readCard(source.path)
  const copy: ChangedCopy = {
    ...{ source, parts: Object.keys(weightParts(source)), ...changes },
    metadata: { 'modelspec.title': name, ...metadata },
    card: cardText({ ...card, name, examples: examples ?? card.examples }, about),
  }
  for await (const { done, total } of writeChangedCopy(target, copy)) {
    yield { phase: `Writing the model, ${done} of ${total} weights`, step: steps, total: steps }
  }
}

/** Bytes of all parts that such a model holds. */
export const bytesOfTaught = (source: ModelSource): number =>
  Object.keys(weightParts(source)).reduce((sum, part) => sum + source.component(part).weights.byteLength, 0)

/** What a single file says of what its network answers. @param prediction of the scheduler's config */
export const predictionMetadata = (prediction: unknown): Readonly<Record<string, string>> => ({
  'modelspec.prediction_type': prediction === 'v_prediction' ? 'v' : 'epsilon',
})
