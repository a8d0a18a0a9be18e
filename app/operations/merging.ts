import { mkdirSync, statfsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { cardText, readCard } from '../models/card.ts'
import { weightParts } from '../models/parts.ts'
import { Problem } from '../problem.ts'
import { writeChangedCopy } from '../weights/changed-copy.ts'
import { type ChangedTensor, type MergeRecord, mergeMetadata } from '../weights/merge.ts'
import { isFile, type ModelSource } from '../weights/model-source.ts'
import { fileProblem } from '../weights/safe-file.ts'
import type { Making, OperationPicture, OperationSurroundings, Progress } from './operation.ts'
import { Stopwatch } from './stopwatch.ts'

/** What a merge comes to: a model that is another one but for some parameters. */
export interface Merged {
  readonly source: ModelSource
  readonly changed: readonly ChangedTensor[]
  readonly record: MergeRecord
  readonly name: string
}

/** The parts of a model whose weights are merged: a file of Stable Diffusion 3 or Flux may hold the transformer alone. */
export const mergedParts = (source: ModelSource): readonly string[] =>
  Object.keys(weightParts(source)).filter(name => source.components.has(name))

/** Where a merged model goes: a file if the one that it is made of is one, else a folder. */
export const mergedPlace = ({ name }: { readonly name: string }, source: string): string =>
  isFile(source) ? `${name}.safetensors` : name

/** A line of the record of what a model was merged from. */
export const partOfRecord = (path: string, factor: number, { hashes }: Making): MergeRecord['parts'][number] => ({
  name: basename(path),
  ...(hashes[path] !== undefined && { sha256: hashes[path] }),
  factor,
})

/** Writes a merged model to its place; nothing is left behind when it is stopped or fails.
 *  @throws Problem DISK_FULL before anything is written, FILE_*, SAFETENSORS_* */
export async function* writeMerged(
  { source, changed, record, name }: Merged,
  { signal }: OperationSurroundings,
  { target }: Making,
): AsyncGenerator<Progress, readonly OperationPicture[]> {
  const parts = mergedParts(source)
  const bytes = parts.reduce((sum, part) => sum + source.component(part).weights.byteLength, 0)
  prepareFolder(dirname(target), bytes)
  const metadata = { 'modelspec.title': name, ...mergeMetadata(record) }
  const watch = new Stopwatch()
  const copy = { source, parts, changed, metadata, card: cardOf(source.path, name, record) }
  for await (const { done, total } of writeChangedCopy(target, copy)) {
    signal.throwIfAborted()
    const secondsLeft = watch.step(done, total)
    const progress = { phase: `Merging weights, ${done} of ${total}`, step: done, total }
    yield { ...progress, ...(secondsLeft !== undefined && { secondsLeft }) }
  }
  return []
}

/** @throws Problem DISK_FULL, FILE_* */
function prepareFolder(folder: string, needed: number): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw fileProblem(error, folder)
  }
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  if (needed < free) return
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toPrecision(2)} GB`
  throw new Problem(
    'DISK_FULL',
    `The new model needs ${gigabytes(needed)} in ${folder}, but ${gigabytes(free)} are free.`,
    { hint: 'Free some space.' },
  )
}

function cardOf(path: string, name: string, { method, parts }: MergeRecord): string {
  const lines = parts.map(({ name, factor, sha256 }) => `- ${name}, ${factor}${sha256 ? `, sha256 ${sha256}` : ''}`)
  const words = `Merged with Sfumato (${method}). The licences of all of these hold:\n\n${lines.join('\n')}`
  return cardText({ ...readCard(path), name }, words)
}
