import type { Block, Graph, Value } from './graph.ts'
import { bytesOf, largestLive } from './liveness.ts'

/** Blocks of the nodes that a value depends on, in the order in which they were built. */
export const blocksOf = (value: Value): Block[] => [
  ...new Set(value.graph.needed([value]).flatMap(({ block }) => (block === undefined ? [] : [block]))),
]

/** Chooses which blocks are computed again on the way back: as few as keep the predicted bytes of live values within a budget, those that hold
 *  the most first (Chen et al. 2016, arXiv:1604.06174, trade operations for memory in the same way).
 *  @param build writes the graph with its gradients, where the blocks at those places in `blocksOf` are computed again
 *  @param budget bytes; where even all blocks do not suffice, all are chosen
 *  @returns what `build` gave for the choice */
export function chooseBlocks<Built extends { readonly graph: Graph; readonly blocks: readonly Block[] }>(
  build: (places: ReadonlySet<number>) => Built,
  budget: number,
): Built {
  const none = build(new Set())
  if (largestLive(none.graph) <= budget) return none
  const order = byHeldBytes(none.graph, none.blocks)
  // More blocks hold less: the least count that fits lies between `low`, which does not, and `high`.
  let [low, high] = [0, order.length]
  let best = build(new Set(order))
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    const tried = build(new Set(order.slice(0, middle)))
    if (largestLive(tried.graph) > budget) {
      low = middle
    } else {
      high = middle
      best = tried
    }
  }
  return best
}

/** Places of blocks, those first whose values hold the most bytes for nodes outside of any block: the way back. */
function byHeldBytes(graph: Graph, blocks: readonly Block[]): number[] {
  const held = new Map<Block, number>()
  const nodes = graph.needed()
  const makers = new Map(nodes.flatMap(node => node.outputs.map(output => [output.name, node] as const)))
  const seen = new Set<string>()
  for (const node of nodes) {
    if (node.block !== undefined) continue
    for (const input of node.inputs) {
      const block = input && makers.get(input.name)?.block
      if (input === undefined || block === undefined || seen.has(input.name)) continue
      seen.add(input.name)
      held.set(block, (held.get(block) ?? 0) + bytesOf(input))
    }
  }
  const bytes = (place: number) => held.get(blocks[place]) ?? 0
  return blocks.map((_, place) => place).sort((a, b) => bytes(b) - bytes(a))
}
