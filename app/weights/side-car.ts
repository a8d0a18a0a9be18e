import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, realpathSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import { blockedFilter, fillsBlocks } from './blocked-filter.ts'
import type { PreparedPrecision } from './precision.ts'
import { block4, scales4, scales8, values4, values8 } from './quantize.ts'
import { fileProblem } from './safe-file.ts'
import {
  openSafetensors,
  type SafetensorsFile,
  type TensorEntry,
  type TensorToWrite,
  writeSafetensors,
} from './safetensors.ts'
import { type FoundTensor, readParameter, type WeightFiles } from './weight-files.ts'

/** What a side-car's tensors are called: the parameter's name, then this. Single precision has the name alone. */
export const suffixes = { int8: '.int8', int4: '.int4', scales: '.scales', blocked: '.blocked' } as const

/** Raised when the same weights would be written otherwise. */
const VERSION = 2

/** A network's weights in another precision: a file in a cache, made from the person's own file, which is never changed. It may be deleted at any
 *  time; it counts as absent as soon as the person's file has another size or time of change. */
export class SideCar {
  readonly path: string
  readonly #folder: string
  readonly #weights: WeightFiles
  readonly #precision: PreparedPrecision
  readonly #block: number | undefined
  /** Names of side-cars of the same network and precision begin so. */
  readonly #family: string

  /** @param folder where side-cars lie; made when the first is written
   *  @param block channels that convolutions in single precision take side by side; absent: they are written as they are
   *  @throws Problem FILE_* when the person's file cannot be looked at */
  constructor(folder: string, weights: WeightFiles, precision: PreparedPrecision, block?: number) {
    this.#folder = folder
    this.#weights = weights
    this.#precision = precision
    this.#block = precision === 'fp32' ? block : undefined
    this.#family = `${hash(weights.label)}-${precision.replace(' ', '')}-`
    const content = [`${VERSION} ${this.#block}`, ...weights.keys(), ...weights.files.map(({ path }) => stampOf(path))]
    this.path = join(folder, `${this.#family}${hash(content.join('\n'))}.safetensors`)
  }

  /** Bytes of the file, there or not. */
  get bytes(): number {
    return this.#tensors().reduce((sum, [, { dtype, shape }]) => sum + sizeOf(shape) * (dtype === 'F32' ? 4 : 1), 0)
  }

  /** Whether all weights are as they should be in their own files. */
  get isEmpty(): boolean {
    return this.#tensors().length === 0
  }

  /** Whether it must be written first. */
  get isMissing(): boolean {
    return this.#existing() === undefined
  }

  /** The file; written if it is not there or not sound. Older ones of the same network and precision are deleted.
   *  @throws Problem DISK_FULL, FILE_*, SAFETENSORS_*: then nothing is left behind */
  open(): SafetensorsFile {
    return this.#existing() ?? this.#write()
  }

  #existing(): SafetensorsFile | undefined {
    try {
      const file = openSafetensors(this.path)
      return { ...file, path: realpathSync(this.path) }
    } catch {
      return undefined
    }
  }

  #write(): SafetensorsFile {
    try {
      mkdirSync(this.#folder, { recursive: true })
    } catch (error) {
      throw fileProblem(error, this.#folder)
    }
    this.#removeOutdated()
    this.#refuseFullDisk()
    writeSafetensors(this.path, this.#tensors())
    return { ...openSafetensors(this.path), path: realpathSync(this.path) }
  }

  #tensors(): [string, TensorToWrite][] {
    return [...this.#weights.keys()].flatMap(key => {
      const found = this.#weights.find(key)
      return found === undefined ? [] : tensorsOf(found, this.#precision, this.#block)
    })
  }

  /** What is left of a writer that was ended is as large as a side-car; a writer at work touches its file all the time. */
  #removeOutdated(): void {
    const abandoned = Date.now() - 10 * 60_000
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name)
      const isAbandoned =
        name.endsWith('.part') && (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < abandoned
      if (name.startsWith(this.#family) || isAbandoned) rmSync(path, { force: true })
    }
  }

  #refuseFullDisk(): void {
    const { bavail, bsize } = statfsSync(this.#folder)
    const [free, needed] = [bavail * bsize, this.bytes]
    if (needed < free) return
    const gigabytes = (bytes: number) => `${(bytes / 1e9).toPrecision(2)} GB`
    throw new Problem(
      'DISK_FULL',
      `The weights in ${this.#precision} need ${gigabytes(needed)} in ${this.#folder}, but ${gigabytes(free)} are free.`,
      { hint: 'Free some space, or choose the precision "as stored", which needs none.' },
    )
  }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

function stampOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path)
    return `${path} ${size} ${mtimeMs}`
  } catch (error) {
    throw fileProblem(error, path)
  }
}

/** What a parameter becomes; nothing where it stays in its file. */
function tensorsOf(
  found: FoundTensor,
  precision: PreparedPrecision,
  block: number | undefined,
): [string, TensorToWrite][] {
  const { entry, scale } = found
  const { name, shape } = entry
  const read = () => readParameter(found)
  const [out] = shape
  const taps = sizeOf(shape.slice(2))
  if (block !== undefined && fillsBlocks(shape, block)) {
    return [[`${name}${suffixes.blocked}`, { dtype: 'F32', shape, data: () => blockedFilter(read(), shape, block) }]]
  }
  if (precision === 'fp32' && entry.dtype === 'F32' && scale === undefined && entry.arrangement === undefined) return []
  if (precision === 'fp32' || !isProduct(entry)) return [[name, { dtype: 'F32', shape, data: read }]]
  const scales = (size: Shape, make: (weight: Float32Array, out: number) => Float32Array): [string, TensorToWrite] => [
    `${name}${suffixes.scales}`,
    { dtype: 'F32', shape: size, data: () => make(read(), out) },
  ]
  if (precision === '4 bit' && shape.length === 2 && !keptIn8.test(name)) {
    const blocks = Math.ceil(shape[1] / block4)
    const data = () => {
      const weight = read()
      return values4(weight, out, scales4(weight, out))
    }
    const values: TensorToWrite = { dtype: 'U8', shape: [out, blocks, block4 / 2], data }
    return [[`${name}${suffixes.int4}`, values], scales([out * blocks], scales4)]
  }
  const data = () => {
    const weight = read()
    return values8(weight, out, taps, scales8(weight, out))
  }
  const values: TensorToWrite = { dtype: 'I8', shape: [taps * shape[1], out], data }
  return [[`${name}${suffixes.int8}`, values], scales([out], scales8)]
}

/** Layers at the ends of the network stay in single precision: they are small, and what they lose is lost for all others. */
const keptExact = /(^|\.)(conv_in|conv_out|time_embedding|class_embedding|add_embedding)\./

/** Linear layers around the transformers' blocks lose much in 4 bits (5 dB of the embedded model's pictures) and are a tenth of the weights. */
const keptIn8 = /(^|\.)(time_emb_proj|proj_in|proj_out)\./

/** Whether a parameter is the weight of a linear layer or of a convolution that is computed in few bits. */
const isProduct = ({ name, shape }: TensorEntry): boolean =>
  name.endsWith('.weight') && (shape.length === 2 || shape.length === 4) && !keptExact.test(name)
