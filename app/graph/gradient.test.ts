import { describe, expect, test } from 'vitest'
import { gradient } from './gradient.ts'
import { constant, Graph } from './graph.ts'
import { largestLive } from './liveness.ts'
import {
  add,
  argMin,
  cast,
  dynamicQuantizeLinear,
  exp,
  gather,
  greater,
  matMul,
  matMulIntegerToFloat,
  multiply,
  sigmoid,
  sum,
  where,
} from './ops/index.ts'
import { blocksOf, chooseBlocks } from './recompute.ts'
import { targets } from './targets.ts'

const vector = (graph: Graph, name: string, size = 4) => graph.input(name, 'float32', [size])

describe('reverse mode', () => {
  test('gives one gradient for each value, of its shape, and nothing for what the loss does not depend on', () => {
    const graph = new Graph(targets.cpu)
    const [x, y, other] = [vector(graph, 'x'), graph.input('y', 'float32', [3, 1]), vector(graph, 'other')]
    const [dx, dy, none] = gradient(sum(multiply(x, y)), [x, y, other])
    expect([dx?.shape, dy?.shape, none]).toEqual([[4], [3, 1], undefined])
  })

  test('leaves the nodes that are there as they are', () => {
    const graph = new Graph(targets.cpu)
    const x = vector(graph, 'x')
    const loss = sum(exp(multiply(x, x)))
    const before = [...graph.nodes]
    gradient(loss, [x])
    expect(graph.nodes.slice(0, before.length)).toEqual(before)
  })

  test('a value that is not continuous passes nothing on', () => {
    const graph = new Graph(targets.cpu)
    const [x, table] = [vector(graph, 'x'), graph.input('table', 'float32', [4, 2])]
    const row = gather(table, argMin(x))
    const [dx, dTable] = gradient(sum(row), [x, table])
    expect([dx, dTable?.shape]).toEqual([undefined, [4, 2]])
    const chosen = where(greater(x, 0), x, multiply(x, 2))
    expect(gradient(sum(chosen), [x])[0]?.shape).toEqual([4])
    expect(gradient(sum(cast(cast(x, 'int64'), 'float32')), [x])).toEqual([undefined])
  })

  test('an operation without a way back is refused by name, with the layer', () => {
    const graph = new Graph(targets.cpu)
    const x = graph.input('x', 'float32', [2, 4])
    const weight = constant(graph, 'int8', [4, 1], [1, 2, 3, 4])
    const scales = constant(graph, 'float32', [1], [0.5])
    const y = graph.within('mid_block.proj', () => matMulIntegerToFloat(dynamicQuantizeLinear(x), weight, scales))
    expect(() => gradient(sum(y), [x])).toThrow(
      expect.objectContaining({
        code: 'GRADIENT',
        message: expect.stringContaining('MatMulIntegerToFloat of the layer "mid_block.proj"'),
      }),
    )
    // What is before it is not asked for.
    const other = vector(graph, 'other')
    expect(gradient(add(sum(y), sum(other)), [other])[0]?.shape).toEqual([4])
  })
})

/** A chain of blocks, each of which must know what it computed inside. */
function chain(length: number, chosen: (place: number) => boolean) {
  const graph = new Graph(targets.cpu)
  const x = graph.input('x', 'float32', [64, 64])
  let hidden = x
  for (let k = 0; k < length; k++) {
    const weight = graph.input(`weight_${k}`, 'float32', [64, 64])
    hidden = graph.within(`blocks.${k}`, () =>
      graph.block(() => add(matMul(sigmoid(exp(sigmoid(hidden))), weight), hidden)),
    )
  }
  const loss = sum(hidden)
  const blocks = blocksOf(loss)
  const [dx] = gradient(loss, [x], { recompute: new Set(blocks.filter((_, k) => chosen(k))) })
  graph.output('loss', loss)
  if (dx) graph.output('dx', dx)
  return { graph, blocks }
}

describe('blocks that are computed again', () => {
  test('are found by the paths of their layers', () => {
    expect(chain(3, () => false).blocks.map(({ path }) => path)).toEqual(['blocks.0', 'blocks.1', 'blocks.2'])
  })

  test('compute what the way back asks for once more, and hold less', () => {
    const [none, all] = [chain(8, () => false), chain(8, () => true)]
    const count = (graph: Graph, wanted: string) => graph.needed().filter(({ op }) => op === wanted).length
    expect([count(none.graph, 'Exp'), count(all.graph, 'Exp')]).toEqual([8, 16])
    expect(largestLive(all.graph)).toBeLessThan(0.8 * largestLive(none.graph))
  })

  test('are as few as a budget needs', () => {
    const bytes = (places: number) => largestLive(chain(8, place => place < places).graph)
    const build = (places: ReadonlySet<number>) => ({ ...chain(8, place => places.has(place)), places })
    expect(chooseBlocks(build, bytes(0)).places.size).toBe(0)
    const some = chooseBlocks(build, bytes(0) - 1)
    expect(largestLive(some.graph)).toBeLessThan(bytes(0))
    expect(some.places.size).toBeLessThan(8)
    expect(chooseBlocks(build, 1).places.size).toBe(8)
  })
})
