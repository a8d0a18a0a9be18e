import { basename } from 'node:path'
import { Problem } from '../problem.ts'
import { sizeOf } from '../tensor/tensor.ts'
import { float32ToBfloat16, float32ToFloat16 } from './half.ts'
import { type Dtype, readRaw, readTensor, type TensorToWrite, writeSafetensors } from './safetensors.ts'
import type { FoundTensor, WeightFiles } from './weight-files.ts'

/** A set of weights and how much of it goes into a sum. */
export interface MergeTerm {
  readonly weights: WeightFiles
  readonly factor: number
}

/** What became of the tensors of a merge. */
export interface MergeReport {
  readonly merged: number
  /** Tensors of the first model that another one lacks: they were kept as they are. */
  readonly kept: readonly string[]
}

/** Key of a file's metadata that says what was merged into it, as JSON. */
export const MERGE_RECORD = 'sfumato_merge'

/** (1 - share) * a + share * b for every tensor, into a new file. @param share 0: all a, 1: all b
 *  @throws Problem MERGE_SHAPE, MERGE_BASE where the two are no models of one kind; SAFETENSORS_*, FILE_*, DISK_FULL */
export const mergeWeightedSum = (path: string, a: WeightFiles, b: WeightFiles, share: number): MergeReport =>
  mergeSum(path, 'weighted sum', [
    { weights: a, factor: 1 - share },
    { weights: b, factor: share },
  ])

/** a + amount * (b - c) for every tensor, into a new file: what b learned beyond c is put on a. Same errors. */
export const mergeAddDifference = (
  path: string,
  a: WeightFiles,
  b: WeightFiles,
  c: WeightFiles,
  amount: number,
): MergeReport =>
  mergeSum(path, 'add difference', [
    { weights: a, factor: 1 },
    { weights: b, factor: amount },
    { weights: c, factor: -amount },
  ])

/** The sum of weights times factors. The first model gives names, types and whatever the others lack. One tensor after the other is read,
 *  summed in float32, rounded to its own type and written. */
function mergeSum(path: string, method: string, terms: readonly [MergeTerm, ...MergeTerm[]]): MergeReport {
  const [{ weights: first }] = terms
  const kept: string[] = []
  const tensors: [string, TensorToWrite][] = []
  for (const key of first.keys()) {
    const found = terms.map(({ weights }) => weights.find(key))
    const [own] = found
    if (own === undefined) continue
    const { dtype, shape } = own.entry
    const parts = found.filter(part => part !== undefined)
    const isMerged = parts.length === terms.length && isFloating(dtype)
    if (!isMerged) kept.push(key)
    else for (const part of parts) refuseOtherShape(key, own, part)
    const data = isMerged ? () => storedAs(dtype, sumOf(parts, terms)) : () => readRaw(own.file, own.entry.name)
    tensors.push([key, { dtype, shape, data }])
  }
  const merged = tensors.length - kept.length
  if (merged === 0) {
    throw new Problem('MERGE_BASE', `${terms.map(({ weights }) => weights.label).join(' and ')} share no weights.`, {
      hint: 'Merge models of one kind (two of Stable Diffusion 1.5, say).',
    })
  }
  const parts = terms.map(({ weights, factor }) => ({ name: basename(weights.label), path: weights.label, factor }))
  writeSafetensors(path, tensors, { format: 'pt', [MERGE_RECORD]: JSON.stringify({ method, parts }) })
  return { merged, kept }
}

function refuseOtherShape(key: string, first: FoundTensor, other: FoundTensor): void {
  if (String(first.entry.shape) === String(other.entry.shape)) return
  throw new Problem(
    'MERGE_SHAPE',
    `"${key}" is [${first.entry.shape}] in ${first.file.path}, but [${other.entry.shape}] in ${other.file.path}.`,
    { hint: 'Merge models of one kind (two of Stable Diffusion 1.5, say; neither for in-painting, or both).' },
  )
}

function sumOf(parts: readonly FoundTensor[], terms: readonly MergeTerm[]): Float32Array {
  const sum = new Float32Array(sizeOf(parts[0].entry.shape))
  for (const [k, { file, entry }] of parts.entries()) {
    const { factor } = terms[k]
    const values = readTensor(file, entry.name)
    for (let i = 0; i < sum.length; i++) sum[i] += factor * values[i]
  }
  return sum
}

const isFloating = (dtype: Dtype): boolean => dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64'

/** Numbers as a file stores them, rounded to nearest. @param dtype a floating-point type of 16 bits or more */
export function storedAs(dtype: Dtype, values: Float32Array): ArrayBufferView {
  if (dtype === 'F16') return float32ToFloat16(values)
  if (dtype === 'BF16') return float32ToBfloat16(values)
  return dtype === 'F64' ? Float64Array.from(values) : values
}
