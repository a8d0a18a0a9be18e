import type { Shape } from '../tensor/tensor.ts'
import type { Factor } from './lora.ts'
import type { FactorName } from './lora-keys.ts'
import type { SafetensorsFile, TensorEntry } from './safetensors.ts'
import { countOf, type Target } from './single-file/key-table.ts'
import { fluxRows, stableDiffusion3Rows } from './single-file/transformer.ts'

/** Which rows of a layer of a file are a layer of ours: the authors of Stable Diffusion 3 and Flux keep queries, keys and values in one. */
export interface Rows {
  readonly first: number
  readonly count: number
  /** Of the file's layer. */
  readonly of: number
  /** Whether the two halves stand in the other order. */
  readonly swapped: boolean
}

/** A layer of a network that a layer of a file changes, or a part of it does. */
export interface LayerPlace {
  readonly path: string
  /** Absent: all of them, as they stand. */
  readonly rows?: Rows
}

/** The layers of a transformer by the names of its authors, which kohya's trainer and ComfyUI use; empty for a UNet.
 *  @param layers paths in diffusers, with the shapes of their weights */
export function authorsPlaces(layers: ReadonlyMap<string, Shape>): ReadonlyMap<string, readonly LayerPlace[]> {
  const places = new Map<string, readonly LayerPlace[]>()
  for (const [from, target] of authorsRows(layers)) {
    const own = placesOf(target, layers)
    if (own.length > 0) places.set(withoutKind(from), own)
  }
  return places
}

function authorsRows(layers: ReadonlyMap<string, Shape>): [string, Target][] {
  if (!layers.has('transformer_blocks.0.attn.add_q_proj')) return []
  const blocks = countOf(layers, 'transformer_blocks')
  if (layers.has('pos_embed.proj')) return stableDiffusion3Rows(blocks)
  const [width = 0] = layers.get('x_embedder') ?? []
  const [inner = 0] = layers.get('single_transformer_blocks.0.proj_mlp') ?? []
  return fluxRows({ layers: blocks, singles: countOf(layers, 'single_transformer_blocks'), width, inner })
}

/** Rows of a table may name a layer or its weight. */
const withoutKind = (path: string): string => path.replace(/\.weight$/, '')

function placesOf(target: Target, layers: ReadonlyMap<string, Shape>): LayerPlace[] {
  if (typeof target === 'string') return layers.has(target) ? [{ path: target }] : []
  if ('swapped' in target && target.swapped.endsWith('.weight')) {
    const path = withoutKind(target.swapped)
    const [of] = layers.get(path) ?? []
    return of === undefined ? [] : [{ path, rows: { first: 0, count: of, of, swapped: true } }]
  }
  if (!('parts' in target) || !target.parts.every(part => layers.has(withoutKind(part)))) return []
  const paths = target.parts.map(withoutKind)
  const counts = paths.map(path => layers.get(path)?.[0] ?? 0)
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
  return paths.map((path, k) => ({
    path,
    rows: { first: sum(counts.slice(0, k)), count: counts[k], of: sum(counts), swapped: false },
  }))
}

/** Factors whose first dimension is the layer's outputs. */
const byOutput: readonly FactorName[] = ['up', 'magnitude', 'hada_w1_a', 'hada_w2_a']

/** The factors of some rows of a layer: those that have a row for each output are cut by bytes, the others belong to all.
 *  @returns the tensors that were cut too, by the keys of the new factors; undefined where the factors cannot be cut */
export function factorsOfRows(
  file: SafetensorsFile,
  factors: ReadonlyMap<FactorName, Factor>,
  rows: Rows,
): { readonly factors: ReadonlyMap<FactorName, Factor>; readonly cut: readonly TensorEntry[] } | undefined {
  const cut: TensorEntry[] = []
  const own = new Map(factors)
  for (const name of byOutput) {
    const entry = file.tensors.get(factors.get(name)?.key ?? '')
    if (entry === undefined) continue
    if (entry.shape[0] !== rows.of) return undefined
    const part = rowsOf(entry, rows)
    cut.push(part)
    own.set(name, { key: part.name, shape: part.shape })
  }
  return { factors: own, cut }
}

function rowsOf(entry: TensorEntry, { first, count, of, swapped }: Rows): TensorEntry {
  const row = entry.length / of
  return {
    ...entry,
    name: `${entry.name}[${first}]`,
    shape: [count, ...entry.shape.slice(1)],
    offset: entry.offset + first * row,
    length: count * row,
    ...(swapped && { arrangement: 'swapped' }),
  }
}
