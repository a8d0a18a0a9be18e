import { copyFileSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import { type JsonObject, readJsonObject } from './json-file.ts'
import { type ChangedTensor, storeAs } from './merge.ts'
import { isFile, type ModelSource } from './model-source.ts'
import { fileProblem, syncFile, syncFolder, temporaryName } from './safe-file.ts'
import {
  arranged,
  type Dtype,
  dtypeBits,
  readStored,
  type SafetensorsFile,
  type TensorEntry,
  writeMadeSafetensors,
} from './safetensors.ts'
import { openTensorFile } from './tensor-file.ts'
import type { FoundTensor } from './weight-files.ts'

/** A model that is another one but for some of its parameters. */
export interface ChangedCopy {
  readonly source: ModelSource
  /** Components whose weights are copied; of a folder all others that have weights are left out. */
  readonly parts: readonly string[]
  readonly changed: readonly ChangedTensor[]
  /** Parameters that the source has not. */
  readonly added?: readonly AddedTensor[]
  /** Of a folder: configs that take the place of the source's, by component. */
  readonly configs?: Readonly<Record<string, JsonObject>>
  /** Of a folder: the class of its pipeline, where that is another one than the source's. */
  readonly pipeline?: string
  /** Added to that of the source's files. */
  readonly metadata: Readonly<Record<string, string>>
  /** Of a folder: the text of its README.md. */
  readonly card: string
}

/** A parameter that goes beside another one of the source, stored as that is. */
export interface AddedTensor {
  readonly beside: FoundTensor
  /** In the file. */
  readonly name: string
  readonly shape: Shape
  readonly values: () => Float32Array
}

/** How many of a copy's tensors are written. */
export interface Written {
  readonly done: number
  readonly total: number
}

/** Writes a copy of a model, a single file or a folder as the model is: under a temporary name, made sure to be on the disk, then renamed. Left
 *  early, it leaves nothing behind. Files of PyTorch become safetensors. @param path where nothing is yet
 *  @returns yields after each tensor  @throws Problem FILE_*, DISK_FULL, SAFETENSORS_*, PICKLE_* */
export async function* writeChangedCopy(path: string, copy: ChangedCopy): AsyncGenerator<Written, void> {
  const { source } = copy
  if (isFile(source.path)) {
    const file = { ...openTensorFile(source.path), path: realpathSync(source.path) }
    yield* counted([[file.tensors.size, writeChangedFile(path, [file], copy, copy.metadata)]])
    return
  }
  const temporary = temporaryName(path)
  try {
    mkdirSync(temporary)
    copySmallFiles(temporary, copy)
    yield* counted(copy.parts.map(name => partOf(temporary, name, copy)))
    for (const name of readdirSync(temporary)) if (!isFile(join(temporary, name))) syncFolder(join(temporary, name))
    syncFolder(temporary)
    renameSync(temporary, path)
    syncFolder(dirname(path))
  } catch (error) {
    throw fileProblem(error, path)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

type Writing = readonly [tensors: number, names: AsyncGenerator<string, void>]

async function* counted(writings: readonly Writing[]): AsyncGenerator<Written, void> {
  const total = writings.reduce((sum, [tensors]) => sum + tensors, 0)
  let done = 0
  for (const [, names] of writings) for await (const _ of names) yield { done: ++done, total }
}

function partOf(folder: string, name: string, { source, metadata, ...changes }: ChangedCopy): Writing {
  const { weights } = source.component(name)
  const isText = source.components.get(name)?.library === 'transformers'
  const file = isText ? 'model.safetensors' : 'diffusion_pytorch_model.safetensors'
  const tensors = weights.files.reduce((sum, { tensors }) => sum + tensors.size, 0)
  return [tensors, writeChangedFile(join(folder, name, file), weights.files, changes, metadata)]
}

/** What becomes of the tensors of a file. */
type Changes = Pick<ChangedCopy, 'changed' | 'added'>

/** Writes the tensors of files into one, some of them changed. A change may stand for a part of a tensor (views of other layouts cut them).
 *  @returns yields the name of each tensor that was written */
export function writeChangedFile(
  path: string,
  files: readonly SafetensorsFile[],
  { changed, added = [] }: Changes,
  metadata: Readonly<Record<string, string>>,
): AsyncGenerator<string, void> {
  const others = added.filter(({ beside }) => files.some(file => file.path === beside.file.path))
  const tensors = files.flatMap(file => {
    const own = changed.filter(({ found }) => found.file.path === file.path)
    return [...file.tensors].map(([name, entry]) => {
      const inside = own.filter(({ found }) => isWithin(found.entry, entry))
      const { dtype, shape } = entry
      const reshaped = inside.find(change => change.shape !== undefined)
      if (reshaped?.shape) return newTensor(name, dtype, reshaped.shape, reshaped.values)
      return [name, { dtype, shape, make: () => changedBytes(file, entry, inside) }] as const
    })
  })
  const whole = [
    ...tensors,
    ...others.map(({ beside, name, shape, values }) => newTensor(name, beside.entry.dtype, shape, values)),
  ]
  return writeMadeSafetensors(path, whole, { ...keptMetadata(files[0].metadata), format: 'pt', ...metadata })
}

/** A tensor that takes no bytes from the source. */
function newTensor(name: string, dtype: Dtype, shape: Shape, values: ChangedTensor['values']) {
  const make = async () => {
    const bytes = new Uint8Array((sizeOf(shape) * dtypeBits[dtype]) / 8)
    storeAs(dtype, await values(), bytes)
    return bytes
  }
  return [name, { dtype, shape, make }] as const
}

const isWithin = (part: TensorEntry, whole: TensorEntry): boolean =>
  part.length > 0 && part.offset >= whole.offset && part.offset + part.length <= whole.offset + whole.length

/** What is true of the source's bytes alone is not true of the copy. */
const keptMetadata = (metadata: SafetensorsFile['metadata']): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => !/hash|thumbnail|modelspec\.date/.test(key)))

async function changedBytes(
  file: SafetensorsFile,
  entry: TensorEntry,
  changes: readonly ChangedTensor[],
): Promise<Uint8Array> {
  const isWhole = changes.some(({ found }) => found.entry.length === entry.length)
  const bytes = isWhole ? new Uint8Array(entry.length) : readStored(file, entry)
  for (const { found, values } of changes) {
    const { dtype, offset, length } = found.entry
    const own = bytes.subarray(offset - entry.offset, offset - entry.offset + length)
    storeAs(dtype, await values(), own)
    inFileOrder(found.entry, own)
  }
  return arranged(entry, bytes)
}

/** Puts bytes into the order in which the file has them: each arrangement is undone by itself, of the other shape. */
function inFileOrder({ shape, arrangement }: TensorEntry, bytes: Uint8Array<ArrayBuffer>): void {
  if (arrangement === undefined) return
  bytes.set(arranged({ shape: arrangement === 'transposed' ? shape.toReversed() : shape, arrangement }, bytes))
}

/** Weights in any program's format, and the tables of their shards. */
const weightFile = /\.(?:safetensors|bin|ckpt|pt|pth|h5|msgpack|onnx|onnx_data|pb)$|\.index(?:\.[\w-]+)?\.json$/

/** Configs, tokenizers, the card: all but the weights. Components that are not copied are null in the index, as where they were never there. */
function copySmallFiles(folder: string, { source, parts, card, configs = {}, pipeline }: ChangedCopy): void {
  const index: Record<string, unknown> = {
    ...readJsonObject(join(source.path, 'model_index.json')),
    ...(pipeline !== undefined && { _class_name: pipeline }),
  }
  for (const { name, className, folder: from } of source.components.values()) {
    if (className === undefined) continue
    const files = filesIn(from)
    if (files.length === 0 || (!parts.includes(name) && files.some(file => weightFile.test(file)))) {
      index[name] = [null, null]
      continue
    }
    mkdirSync(join(folder, name))
    for (const file of files.filter(file => !weightFile.test(file))) {
      const to = join(folder, name, basename(file))
      const config = basename(file) === 'config.json' ? configs[name] : undefined
      if (config === undefined) copyFileSync(file, to)
      else writeFileSync(to, `${JSON.stringify(config, undefined, 2)}\n`)
      syncFile(to)
    }
  }
  for (const [name, text] of [
    ['model_index.json', `${JSON.stringify(index, undefined, 2)}\n`],
    ['README.md', card],
  ] as const) {
    writeFileSync(join(folder, name), text)
    syncFile(join(folder, name))
  }
}

/** Paths of the files in a folder; none where there is no such folder. */
function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .map(name => join(folder, name))
      .filter(isFile)
  } catch {
    return []
  }
}
