import { basename } from 'node:path'
import { Graph } from '../graph/graph.ts'
import { targets } from '../graph/targets.ts'
import { strengthInput, withLoras } from '../models/additions.ts'
import { adaptedWeight } from '../models/layers/adapters.ts'
import { storedParameters } from '../models/parameters.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { MERGE_RECORD, storedAs } from '../weights/merge.ts'
import { readRaw, type TensorToMake, writeMadeSafetensors } from '../weights/safetensors.ts'
import type { FoundTensor, WeightFiles } from '../weights/weight-files.ts'
import type { StrongLora } from './network.ts'
import { Session } from './session.ts'

/** Merges LoRAs into the weights of one network, into a new file: the same names and types, and what was merged in the metadata.
 *  One tensor after the other is computed, by the operations that would add it while a picture is drawn.
 *  @param loras fitted to this network (`fitLora`)
 *  @param threads of the CPU
 *  @returns layers that were changed
 *  @throws Problem WEIGHTS_*, SAFETENSORS_*, FILE_*, DISK_FULL */
export async function mergeLoras(
  path: string,
  weights: WeightFiles,
  loras: readonly StrongLora[],
  threads: number,
): Promise<readonly string[]> {
  const changed: string[] = []
  const tensors: [string, TensorToMake][] = []
  for (const key of weights.keys()) {
    const found = weights.find(key)
    if (found === undefined) continue
    const { dtype, shape } = found.entry
    const layer = key.replace(/^text_model\./, '').replace(/\.weight$/, '')
    const own = key.endsWith('.weight') ? loras.filter(({ fitted }) => fitted.deltas.has(layer)) : []
    if (own.length > 0) changed.push(layer)
    const make =
      own.length === 0
        ? async () => readRaw(found.file, found.entry.name)
        : async () => storedAs(dtype, (await mergedWeight(layer, found, own, threads)).data)
    tensors.push([key, { dtype, shape, make }])
  }
  const parts = loras.map(({ fitted, strength }) => ({
    name: basename(fitted.lora.label),
    path: fitted.lora.label,
    factor: strength,
  }))
  const record = {
    method: 'LoRA',
    parts: [{ name: basename(weights.label), path: weights.label, factor: 1 }, ...parts],
  }
  await writeMadeSafetensors(path, tensors, { format: 'pt', [MERGE_RECORD]: JSON.stringify(record) })
  return changed
}

async function mergedWeight(
  layer: string,
  { file, entry }: FoundTensor,
  loras: readonly StrongLora[],
  threads: number,
): Promise<Tensor> {
  const graph = new Graph(targets.cpu)
  const stored = storedParameters(() => ({
    path: file.path,
    dtype: entry.dtype,
    offset: entry.offset,
    length: entry.length,
  }))
  const source = withLoras(
    stored,
    graph,
    loras.map(({ fitted }) => fitted),
  )
  const weight = source.parameter(graph, entry.name, entry.shape, entry.shape, undefined)
  graph.output('merged', adaptedWeight(source.adapters?.(graph, layer) ?? [], weight))
  const session = await Session.open(graph, { threads })
  try {
    const strengths = loras.map(({ strength }, place) => [strengthInput(place), tensor([1], Float32Array.of(strength))])
    return (await session.run(Object.fromEntries(strengths))).merged
  } finally {
    await session.release()
  }
}
