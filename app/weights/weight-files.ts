import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Problem } from '../problem.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import { isJsonObject, readJsonObject } from './json-file.ts'
import { isBuffer, namesOf, scaledBy } from './key-aliases.ts'
import { fileProblem } from './safe-file.ts'
import { readTensor, type SafetensorsFile, type TensorEntry } from './safetensors.ts'
import { openTensorFile } from './tensor-file.ts'

/** A parameter and the file that holds it. */
export interface FoundTensor {
  readonly file: SafetensorsFile
  readonly entry: TensorEntry
  /** Set where the stored numbers must be multiplied: reads one number, or one for each row. @throws Problem WEIGHTS_SCALE, FILE_* */
  readonly scale?: () => Float32Array
}

/** A parameter's numbers, as float32. @throws Problem FILE_*, SAFETENSORS_*, WEIGHTS_SCALE */
export const readParameter = ({ file, entry, scale }: FoundTensor): Float32Array =>
  scaledRows(readTensor(file, entry.name), entry.shape, scale?.())

/** Numbers of 8 bits of floating point are kept in a range that suits them: one scale for all, or one for each row. */
function scaledRows(values: Float32Array, [rows]: Shape, scale: Float32Array | undefined): Float32Array {
  if (scale === undefined) return values
  const columns = values.length / rows
  return values.map((value, k) => value * (scale.length === 1 ? scale[0] : scale[Math.floor(k / columns)]))
}

/** The parameters of one network, in one file or several shards. Only headers are read. */
export class WeightFiles {
  /** What a person chose, for messages: the file, or the index of the shards. */
  readonly label: string
  /** With their real paths: links (of a download cache) are followed. */
  readonly files: readonly SafetensorsFile[]
  readonly #tensors = new Map<string, FoundTensor>()

  constructor(label: string, files: readonly SafetensorsFile[]) {
    this.label = label
    this.files = files
    for (const file of files) {
      for (const entry of file.tensors.values()) {
        if (this.#tensors.has(entry.name))
          throw this.#problem('WEIGHTS_TWICE', `holds "${entry.name}" in two of its files`)
        if (!isBuffer(entry.name)) this.#tensors.set(entry.name, { file, entry })
      }
    }
    this.#attachScales()
  }

  /** Scales are no parameters: each belongs to the one beside it. */
  #attachScales(): void {
    for (const [name, { file, entry: scale }] of this.#tensors) {
      const scaled = scaledBy(name)
      const found = scaled === undefined ? undefined : this.#tensors.get(scaled)
      if (scaled === undefined || found === undefined) continue
      this.#tensors.delete(name)
      this.#tensors.set(scaled, { ...found, scale: () => this.#readScale(file, scale, found.entry) })
    }
  }

  #readScale(file: SafetensorsFile, scale: TensorEntry, { name, shape }: TensorEntry): Float32Array {
    const count = sizeOf(scale.shape)
    if (count === 1 || count === shape[0]) return readTensor(file, scale.name)
    throw this.#problem(
      'WEIGHTS_SCALE',
      `scales "${name}" by [${scale.shape}] numbers, which is not one for each of its rows`,
    )
  }

  /** Bytes of all files. */
  get byteLength(): number {
    return this.files.reduce((sum, file) => sum + file.byteLength, 0)
  }

  /** Bytes of the parameters; of a single file, those of all its networks. */
  get parameterBytes(): number {
    return [...this.#tensors.values()].reduce((sum, { entry }) => sum + entry.length, 0)
  }

  /** Names as they stand in the files, without buffers such as position_ids. */
  keys(): Iterable<string> {
    return this.#tensors.keys()
  }

  /** A parameter under its name or an older one (see key-aliases.ts). */
  find(key: string): FoundTensor | undefined {
    for (const name of namesOf(key)) {
      const found = this.#tensors.get(name)
      if (found) return found
    }
    return undefined
  }

  /** A parameter that must be there, of this shape; sizes of 1 do not count, so a 1x1 convolution serves as a linear layer.
   *  @throws Problem WEIGHTS_MISSING, WEIGHTS_SHAPE naming the key, what was found and what was expected */
  require(key: string, shape: Shape): FoundTensor {
    const found = this.find(key)
    if (!found) throw this.#problem('WEIGHTS_MISSING', `has no "${key}", which this model expects as [${shape}]`)
    const { entry } = found
    if (String(withoutOnes(entry.shape)) === String(withoutOnes(shape))) return found
    const transposed = String(entry.shape.toReversed()) === String(shape)
    throw new Problem(
      'WEIGHTS_SHAPE',
      `"${entry.name}" in ${this.label} is [${entry.shape}], but this model expects [${shape}].`,
      { hint: transposed ? 'It looks transposed: was it saved by another program?' : mismatch },
    )
  }

  #problem(code: string, found: string): Problem {
    return new Problem(code, `${this.label} ${found}.`, { hint: mismatch })
  }
}

const mismatch = 'The weights and the config.json beside them do not belong together: download the model again.'

const withoutOnes = (shape: Shape) => shape.filter(size => size !== 1)

/** Opens one file of weights. @throws Problem FILE_*, SAFETENSORS_*, PICKLE_* */
export const openWeightFile = (path: string): WeightFiles => new WeightFiles(path, [openReal(path)])

/** Opens all files that an index of shards names (`*.safetensors.index.json`).
 *  @throws Problem WEIGHTS_INDEX naming the index, FILE_*, SAFETENSORS_*, WEIGHTS_TWICE */
export function openShards(index: string): WeightFiles {
  const fail = (found: string) =>
    new Problem('WEIGHTS_INDEX', `${index} ${found}.`, { hint: 'Download the model again.' })
  const { weight_map: map } = readJsonObject(index)
  if (!isJsonObject(map)) throw fail('has no "weight_map"')
  const names = new Set(Object.values(map))
  const paths = [...names].map(name => {
    const isPlainName = typeof name === 'string' && name === basename(name) && name.endsWith('.safetensors')
    if (!isPlainName) throw fail(`names ${JSON.stringify(name)}, which is no .safetensors file beside it`)
    return join(dirname(index), name)
  })
  const files = paths.map(openReal)
  const held = new Set(files.flatMap(file => [...file.tensors.keys()]))
  const missing = Object.keys(map).find(key => !held.has(key))
  if (missing !== undefined) throw fail(`promises "${missing}", but none of its files has it`)
  return new WeightFiles(index, files)
}

/** Errors name the path that the person knows; the result names the file behind the link, which ONNX Runtime maps. */
function openReal(path: string): SafetensorsFile {
  const file = openTensorFile(path)
  try {
    return { ...file, path: realpathSync(path) }
  } catch (error) {
    throw fileProblem(error, path)
  }
}
