import { Problem } from '../problem.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import { float32ToBfloat16, halfTables } from './half.ts'
import { type Dtype, readRaw } from './safetensors.ts'
import { type FoundTensor, readParameter, type WeightFiles } from './weight-files.ts'

/** A set of weights and how much of it goes into a sum. */
export interface MergeTerm {
  readonly weights: WeightFiles
  readonly factor: number
}

/** A parameter that a merge changes: where it stands, and what its numbers become (in the order of its shape). */
export interface ChangedTensor {
  readonly found: FoundTensor
  readonly values: () => Float32Array | Promise<Float32Array>
  /** Where it becomes another one, of this shape; absent: the shape stays. */
  readonly shape?: Shape
}

/** What a sum comes to. */
export interface WeightSum {
  readonly changed: readonly ChangedTensor[]
  /** Parameters of the first model that another one lacks: they stay as they are. */
  readonly kept: readonly string[]
}

/** What a file was merged from. */
export interface MergeRecord {
  readonly method: string
  /** @param sha256 of the weights, where it is known */
  readonly parts: readonly { readonly name: string; readonly sha256?: string; readonly factor: number }[]
}

/** Key of a file's metadata that says what was merged into it: a `MergeRecord` as JSON. */
const MERGE_RECORD = 'sfumato_merge'

/** What the metadata of a merged file says: ModelSpec's fields (github.com/Stability-AI/ModelSpec), and the whole record. */
export const mergeMetadata = (record: MergeRecord): Readonly<Record<string, string>> => ({
  'modelspec.merged_from': record.parts.map(({ name }) => name).join(', '),
  [MERGE_RECORD]: JSON.stringify(record),
})

/** (1 - share) a + share b. @param share 0: all a, 1: all b */
export const weightedSum = (a: WeightFiles, b: WeightFiles, share: number): WeightSum =>
  sumOf([
    { weights: a, factor: 1 - share },
    { weights: b, factor: share },
  ])

/** a + amount (b - c): what b learned beyond c is put on a. */
export const addedDifference = (a: WeightFiles, b: WeightFiles, c: WeightFiles, amount: number): WeightSum =>
  sumOf([
    { weights: a, factor: 1 },
    { weights: b, factor: amount },
    { weights: c, factor: -amount },
  ])

/** The sum of weights times factors, in float32. The first model gives names, types and whatever the others lack.
 *  @throws Problem MERGE_SHAPE, MERGE_BASE where they are no models of one kind; MERGE_PRECISION */
function sumOf(terms: readonly [MergeTerm, ...MergeTerm[]]): WeightSum {
  const [{ weights: first }] = terms
  const kept: string[] = []
  const changed: ChangedTensor[] = []
  for (const key of first.keys()) {
    const found = terms.map(({ weights }) => weights.find(key))
    const [own] = found
    if (own === undefined) continue
    refuseFewBits(own)
    const parts = found.filter(part => part !== undefined)
    if (parts.length < terms.length) kept.push(key)
    if (parts.length < terms.length || !isFloating(own.entry.dtype)) continue
    for (const part of parts) refuseOtherShape(key, own, part)
    changed.push({ found: own, values: () => sumOfParts(parts, terms) })
  }
  if (changed.length > 0) return { changed, kept }
  throw new Problem('MERGE_BASE', `${terms.map(({ weights }) => weights.label).join(' and ')} share no weights.`, {
    hint: ofOneKind,
  })
}

const ofOneKind = 'Merge models of one kind (two of Stable Diffusion 1.5, say; neither for in-painting, or both).'

/** Numbers of 8 bits would be rounded to 8 bits once more. @throws Problem MERGE_PRECISION */
export function refuseFewBits({ file, entry, scale }: FoundTensor): void {
  if (scale === undefined && !entry.dtype.startsWith('F8')) return
  throw new Problem(
    'MERGE_PRECISION',
    `${file.path} stores its weights in 8 bits, which are too coarse to merge into.`,
    {
      hint: 'Take the same model in fp16, bf16 or fp32.',
    },
  )
}

function refuseOtherShape(key: string, first: FoundTensor, other: FoundTensor): void {
  if (sizeOf(first.entry.shape) === sizeOf(other.entry.shape) && ones(first) === ones(other)) return
  throw new Problem(
    'MERGE_SHAPE',
    `"${key}" is [${first.entry.shape}] in ${first.file.path}, but [${other.entry.shape}] in ${other.file.path}.`,
    { hint: ofOneKind },
  )
}

/** A linear layer may be stored as a convolution of 1 x 1. */
const ones = ({ entry }: FoundTensor): string => String(entry.shape.filter(size => size !== 1))

function sumOfParts(parts: readonly FoundTensor[], terms: readonly MergeTerm[]): Float32Array {
  const sum = new Float32Array(sizeOf(parts[0].entry.shape))
  for (const [k, part] of parts.entries()) addTo(sum, part, terms[k].factor)
  return sum
}

/** Adds numbers times a factor. Halves are looked up, never written out in between: models have thousands of millions of them. */
function addTo(sum: Float32Array, part: FoundTensor, factor: number): void {
  const { file, entry, scale } = part
  const { dtype, name } = entry
  if (scale === undefined && (dtype === 'F16' || dtype === 'BF16')) {
    const bits = new Uint16Array(readRaw(file, name).buffer)
    const table = halfTables[dtype]
    for (let i = 0; i < sum.length; i++) sum[i] += factor * table[bits[i]]
    return
  }
  const values = readParameter(part)
  for (let i = 0; i < sum.length; i++) sum[i] += factor * values[i]
}

const isFloating = (dtype: Dtype): boolean => dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64'

/** Writes numbers as a file stores them, rounded to nearest. @param dtype a floating-point type of 16 bits or more
 *  @param into as many bytes as they take; they begin where a number of this type can */
export function storeAs(dtype: Dtype, values: Float32Array, into: Uint8Array<ArrayBuffer>): void {
  const { buffer, byteOffset } = into
  if (dtype === 'F16') new Float16Array(buffer, byteOffset, values.length).set(values)
  else if (dtype === 'BF16') new Uint16Array(buffer, byteOffset, values.length).set(float32ToBfloat16(values))
  else if (dtype === 'F64') new Float64Array(buffer, byteOffset, values.length).set(values)
  else new Float32Array(buffer, byteOffset, values.length).set(values)
}
