import { basename, dirname } from 'node:path'
import { Problem } from '../problem.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

/** The name of a network's place, as figures say it. */
export const placeName = (path: string): string => `${basename(dirname(path))}/${basename(path)}`

/** Runs a computation on parts of a list: graphs are built for a number of pictures, and a large one would take much memory.
 *  @param run pictures -> rows [pictures, width] */
export async function inParts<Item>(
  items: readonly Item[],
  run: (part: readonly Item[]) => Promise<Tensor>,
  size = 8,
): Promise<Tensor> {
  if (items.length === 0) throw new Problem('METRIC_FEW', 'There is nothing to look at.')
  const rows: Tensor[] = []
  for (let first = 0; first < items.length; first += size) rows.push(await run(items.slice(first, first + size)))
  return joinRows(rows)
}

/** Rows [n, width] of several tensors below each other. */
export function joinRows(parts: readonly Tensor[]): Tensor {
  const [{ shape }] = parts
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return tensor([data.length / shape[1], shape[1]], data)
}
