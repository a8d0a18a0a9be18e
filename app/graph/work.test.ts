import { expect, test } from 'vitest'
import { Graph, type Value } from './graph.ts'
import { conv, convTranspose, gemm, matMul } from './ops/index.ts'
import { targets } from './targets.ts'
import { multiplyAdds } from './work.ts'

const zeros = (graph: Graph, ...shape: number[]): Value =>
  graph.constant('float32', shape, new Uint8Array(4 * shape.reduce((size, side) => size * side, 1)))

test('multiplications of products and convolutions, counted by hand', () => {
  const count = (shape: number[], build: (x: Value, graph: Graph) => Value) => {
    const graph = new Graph(targets.cpu)
    graph.output('out', build(graph.input('x', 'float32', shape), graph))
    return multiplyAdds(graph)
  }
  expect(count([2, 3, 5], (x, graph) => matMul(x, zeros(graph, 2, 5, 7)))).toBe(2 * 3 * 7 * 5)
  expect(count([3, 5], (x, graph) => gemm(x, zeros(graph, 7, 5)))).toBe(3 * 7 * 5)
  // 8 x 6 places, 4 channels out, each a sum of 3 x 3 x 2 numbers.
  const window = { stride: 1, padding: 1 }
  expect(count([1, 2, 8, 6], (x, graph) => conv(x, zeros(graph, 4, 2, 3, 3), undefined, window))).toBe(8 * 6 * 4 * 18)
  // Each of 2 x 4 x 3 numbers goes to 2 x 2 places of 5 channels.
  const doubled = { stride: 2, padding: 0 }
  expect(count([1, 2, 4, 3], (x, graph) => convTranspose(x, zeros(graph, 2, 5, 2, 2), doubled))).toBe(24 * 20)
})

test('what no output needs is not counted', () => {
  const graph = new Graph(targets.cpu)
  const x = graph.input('x', 'float32', [3, 5])
  gemm(x, zeros(graph, 7, 5))
  graph.output('out', gemm(x, zeros(graph, 2, 5)))
  expect(multiplyAdds(graph)).toBe(3 * 2 * 5)
})
