import { sizeOf } from '../../tensor/tensor.ts'
import type { SafetensorsFile, TensorEntry } from '../safetensors.ts'

/** What becomes of the tensors under a path of the file:
 *  - a path: they stand under that path of the reference's layout;
 *  - `matrix`: the same, and a 1x1 convolution [out, in, 1, 1] is a matrix [out, in];
 *  - `parts`: cut along the first dimension, into equal parts or into parts of these sizes;
 *  - `transposed`: a matrix [rows, columns] whose transpose the reference keeps;
 *  - `swapped`: the two halves along the first dimension stand in the other order. */
export type Target =
  | string
  | { readonly matrix: string }
  | { readonly parts: readonly string[]; readonly sizes?: readonly number[] }
  | { readonly transposed: string }
  | { readonly swapped: string }

/** Paths of a file, as `input_blocks.1.0.in_layers.2`, and what becomes of what stands there; the longest path that fits counts. */
export type KeyTable = ReadonlyMap<string, Target>

/** A parameter of the reference's layout: its `name` there, and where its bytes stand in the file. */
export interface MappedTensor extends TensorEntry {
  /** The tensor's name in the file. */
  readonly from: string
}

/** The tensors under a prefix, by the rest of their names. */
export function under(file: SafetensorsFile, prefix: string): Map<string, TensorEntry> {
  const found = new Map<string, TensorEntry>()
  for (const entry of file.tensors.values()) {
    if (entry.name.startsWith(prefix)) found.set(entry.name.slice(prefix.length), entry)
  }
  return found
}

/** Names that were taken from a table of one place and put below another: rows `[from, to]` of leaves. */
export function below(from: string, to: string, leaves: readonly (readonly [string, string])[]): [string, string][] {
  return leaves.map(([stored, wanted]) => [`${from}.${stored}`, `${to}.${wanted}`])
}

/** Applies a table. What no row names keeps its name, so that a network that uses all its weights refuses it. */
export function mapKeys(tensors: ReadonlyMap<string, TensorEntry>, table: KeyTable): MappedTensor[] {
  return [...tensors].flatMap(([key, entry]) => {
    const [path, target] = longestMatch(key, table)
    if (target === undefined) return [{ ...entry, from: entry.name, name: key }]
    return place(entry, target, key.slice(path.length))
  })
}

function longestMatch(key: string, table: KeyTable): [string, Target | undefined] {
  for (let path = key; path !== ''; path = path.slice(0, Math.max(path.lastIndexOf('.'), 0))) {
    const target = table.get(path)
    if (target !== undefined) return [path, target]
  }
  return ['', undefined]
}

function place(entry: TensorEntry, target: Target, rest: string): MappedTensor[] {
  const one = (path: string, change: Partial<TensorEntry> = {}): MappedTensor[] => [
    { ...entry, ...change, from: entry.name, name: path + rest },
  ]
  const { shape } = entry
  if (typeof target === 'string') return one(target)
  if ('matrix' in target) return one(target.matrix, shape.length === 4 ? { shape: shape.slice(0, 2) } : {})
  // A pickle may keep a matrix transposed already; such a one is neither cut nor swapped, and is missed under its name.
  if (entry.arrangement !== undefined && !('transposed' in target)) return [{ ...entry, from: entry.name }]
  if ('swapped' in target) return one(target.swapped, { arrangement: 'swapped' })
  if ('parts' in target) return cut(entry, target, rest)
  const arrangement = entry.arrangement === undefined ? 'transposed' : undefined
  return one(target.transposed, { shape: shape.toReversed(), arrangement })
}

/** Parts along the first dimension are byte ranges. A tensor that cannot be cut so keeps its name and is refused where it is missed. */
function cut(entry: TensorEntry, target: { parts: readonly string[]; sizes?: readonly number[] }, rest: string) {
  const [rows = 0, ...inner] = entry.shape
  const { parts, sizes = parts.map(() => rows / parts.length) } = target
  // One scale for all of it is each part's.
  if (entry.length > 0 && sizeOf(entry.shape) === 1)
    return parts.map(part => ({ ...entry, from: entry.name, name: part + rest }))
  const fits = sizes.every(size => Number.isInteger(size) && size > 0) && sizes.reduce((a, b) => a + b, 0) === rows
  if (!fits) return [{ ...entry, from: entry.name }]
  let row = 0
  return parts.map((part, index): MappedTensor => {
    const offset = entry.offset + (entry.length / rows) * row
    row += sizes[index]
    const length = (entry.length / rows) * sizes[index]
    return { ...entry, from: entry.name, name: part + rest, shape: [sizes[index], ...inner], offset, length }
  })
}

/** Something by keys. */
type Names = ReadonlyMap<string, unknown>

/** How many different numbers stand at a place of the keys: `resblocks.0.`, `resblocks.1.` ... */
export const countOf = (tensors: Names, path: string): number => numbersIn(tensors).get(path)?.size ?? 0

/** Counted once for a file: networks ask for hundreds of places. */
const counted = new WeakMap<Names, ReadonlyMap<string, ReadonlySet<string>>>()

function numbersIn(tensors: Names): ReadonlyMap<string, ReadonlySet<string>> {
  const known = counted.get(tensors)
  if (known !== undefined) return known
  const numbers = new Map<string, Set<string>>()
  for (const key of tensors.keys()) {
    for (const { 0: number, index } of key.matchAll(/(?<=\.)\d{1,3}(?=\.)/g)) {
      const path = key.slice(0, index - 1)
      const known = numbers.get(path)
      if (known === undefined) numbers.set(path, new Set([number]))
      else known.add(number)
    }
  }
  counted.set(tensors, numbers)
  return numbers
}
