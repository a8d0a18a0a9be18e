import { fstatSync } from 'node:fs'
import { Problem } from '../problem.ts'
import { readBytes, withFile } from './safetensors.ts'

/** What an ONNX file says of itself, read without its weights: a walk over the fields of onnx.proto3
 *  (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3), which passes over nodes and tensors. */

/** Something that a network takes or gives. */
export interface OnnxValue {
  readonly name: string
  /** "float32", "int64" ...; "other" for what cannot be fed here. */
  readonly type: string
  /** Sides; undefined where it is told only when the network runs. */
  readonly shape: readonly (number | undefined)[]
}

export interface OnnxFile {
  readonly path: string
  readonly byteLength: number
  /** Without the weights, which old files list among their inputs. */
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

/** Whether a file begins as ONNX files do, with the version of their format. Nothing else that holds models begins so.
 *  @throws Problem FILE_* */
export function looksLikeOnnx(path: string): boolean {
  return withFile(path, file => {
    const bytes = new FileBytes(file, path)
    if (bytes.length < SHORTEST) return false
    const [tag, version, next] = bytes.at(0, SHORTEST)
    return tag === 0x08 && version > 0 && version < 64 && next !== 0
  })
}

const SHORTEST = 3

/** Reads what a network takes and gives. @throws Problem FILE_*; ONNX_FILE where it is none or not all of one */
export function openOnnx(path: string): OnnxFile {
  return withFile(path, file => {
    const bytes = new FileBytes(file, path)
    try {
      const graph = [...fieldsOf(bytes, 0, bytes.length)].find(({ field }) => field === MODEL_GRAPH)
      if (graph === undefined) throw new RangeError('it has no graph')
      const [weights, inputs, outputs] = [new Set<string>(), [] as OnnxValue[], [] as OnnxValue[]]
      for (const { field, start, end } of fieldsOf(bytes, graph.start, graph.end)) {
        if (field === GRAPH_INITIALIZER) weights.add(textOf(bytes, start, end, TENSOR_NAME))
        else if (field === GRAPH_INPUT) inputs.push(onnxValue(bytes, start, end))
        else if (field === GRAPH_OUTPUT) outputs.push(onnxValue(bytes, start, end))
      }
      return { path, byteLength: bytes.length, inputs: inputs.filter(({ name }) => !weights.has(name)), outputs }
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      throw new Problem('ONNX_FILE', `${path} is not an ONNX network, or not all of one.`, {
        hint: 'Download or export it again, and wait until it is complete.',
        cause,
      })
    }
  })
}

const MODEL_GRAPH = 7
const [GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT] = [5, 11, 12]
const TENSOR_NAME = 8
const [VALUE_NAME, VALUE_TYPE] = [1, 2]

/** Numbers of TensorProto.DataType. */
const types: Readonly<Record<number, string>> = {
  ...{ 1: 'float32', 2: 'uint8', 3: 'int8', 6: 'int32', 7: 'int64', 9: 'bool', 10: 'float16', 11: 'float64' },
}

function onnxValue(bytes: FileBytes, start: number, end: number): OnnxValue {
  const name = textOf(bytes, start, end, VALUE_NAME)
  const tensor = inside(bytes, inside(bytes, { start, end }, VALUE_TYPE), 1)
  const type = types[firstOf(bytes, tensor, 1)?.value ?? 0] ?? 'other'
  const shape = firstOf(bytes, tensor, 2)
  const sides = shape === undefined ? [] : [...fieldsOf(bytes, shape.start, shape.end)]
  return { name, type, shape: sides.map(side => positive(firstOf(bytes, side, 1)?.value)) }
}

const positive = (side: number | undefined) => (side !== undefined && side > 0 ? side : undefined)

interface Span {
  readonly start: number
  readonly end: number
}

interface Field extends Span {
  readonly field: number
  /** Of numbers. */
  readonly value: number
}

function firstOf(bytes: FileBytes, { start, end }: Span, field: number): Field | undefined {
  for (const each of fieldsOf(bytes, start, end)) if (each.field === field) return each
  return undefined
}

const inside = (bytes: FileBytes, span: Span, field: number): Span =>
  firstOf(bytes, span, field) ?? { start: span.end, end: span.end }

function textOf(bytes: FileBytes, start: number, end: number, field: number): string {
  const found = firstOf(bytes, { start, end }, field)
  return found === undefined ? '' : Buffer.from(bytes.at(found.start, found.end - found.start)).toString('utf8')
}

/** The fields of a message, one after the other. @throws RangeError where the bytes are no message */
function* fieldsOf(bytes: FileBytes, start: number, end: number): Generator<Field> {
  let at = start
  const number = (): number => {
    let value = 0
    for (let shift = 0; shift < 64; shift += 7) {
      const [byte] = bytes.at(at++, 1)
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
    throw new RangeError('a number does not end')
  }
  while (at < end) {
    const tag = number()
    const [field, wire] = [Math.floor(tag / 8), tag % 8]
    if (field === 0) throw new RangeError('a field has no number')
    if (wire === 0) yield { field, value: number(), start: at, end: at }
    else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4
    else if (wire === 2) {
      const length = number()
      if (at + length > end) throw new RangeError('a field is longer than what holds it')
      yield { field, value: 0, start: at, end: at + length }
      at += length
    } else throw new RangeError(`there is no field of the kind ${wire}`)
  }
}

/** Bytes of a file, read piece by piece. */
class FileBytes {
  readonly length: number
  readonly #file: number
  readonly #path: string
  #piece = new Uint8Array()
  #start = 0

  constructor(file: number, path: string) {
    this.#file = file
    this.#path = path
    this.length = fstatSync(file).size
  }

  /** @throws RangeError past the end */
  at(offset: number, length: number): Uint8Array {
    if (offset + length > this.length) throw new RangeError('the file ends')
    if (offset < this.#start || offset + length > this.#start + this.#piece.length) {
      this.#piece = readBytes(this.#file, this.#path, offset, Math.min(Math.max(length, PIECE), this.length - offset))
      this.#start = offset
    }
    return this.#piece.subarray(offset - this.#start, offset - this.#start + length)
  }
}

/** Bytes that are read at once. */
const PIECE = 1 << 14
