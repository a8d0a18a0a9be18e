import { Graph } from '../graph/graph.ts'
import { targets } from '../graph/targets.ts'
import { strengthInput, withLoras } from '../models/additions.ts'
import { adaptedWeight } from '../models/layers/adapters.ts'
import { storedParameters } from '../models/parameters.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { type ChangedTensor, refuseFewBits } from '../weights/merge.ts'
import type { FoundTensor, WeightFiles } from '../weights/weight-files.ts'
import type { StrongLora } from './network.ts'
import { Session } from './session.ts'

/** The weights of one network with LoRAs in them, each computed when it is asked for, by the operations that would add the LoRAs while a picture
 *  is drawn. @param loras fitted to this network (`fitLora`)  @param threads of the CPU
 *  @throws Problem MERGE_PRECISION; on asking WEIGHTS_*, SAFETENSORS_*, FILE_* */
export function mergedLoras(weights: WeightFiles, loras: readonly StrongLora[], threads: number): ChangedTensor[] {
  return [...weights.keys()].flatMap(key => {
    const layer = key.replace(/^text_model\./, '').replace(/\.weight$/, '')
    const own = key.endsWith('.weight') ? loras.filter(({ fitted }) => fitted.deltas.has(layer)) : []
    const found = own.length === 0 ? undefined : weights.find(key)
    if (found === undefined) return []
    refuseFewBits(found)
    return [{ found, values: async () => (await mergedWeight(layer, found, own, threads)).data }]
  })
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
    ...(entry.arrangement !== undefined && { arrangement: entry.arrangement }),
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
