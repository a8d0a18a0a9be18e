import { expect, test } from 'vitest'
import { Graph, type Value } from '../graph/graph.ts'
import { targets } from '../graph/targets.ts'
import {
  doubleMirrored,
  doubleSmoothly,
  halve,
  halveMirrored,
  halveOrMore,
  halveSmoothly,
} from '../models/layers/filters.ts'
import { tensor } from '../tensor/tensor.ts'
import { Session } from './session.ts'

/** One change of size of a row or column of numbers repeated along the other axis, in two channels of which the second is twice the first. */
async function changed(change: (x: Value) => Value, numbers: readonly number[], repeated: number): Promise<number[]> {
  const graph = new Graph(targets.cpu)
  const shape = [1, 2, repeated, numbers.length]
  graph.output('out', change(graph.input('x', 'float32', shape)))
  const session = await Session.open(graph, { threads: 1 })
  const row = [1, 2].flatMap(factor => new Array(repeated).fill(numbers.map(value => value * factor)).flat())
  const { out } = await session.run({ x: tensor(shape, Float32Array.from(row)) })
  await session.release()
  const [, , height, width] = out.shape
  const middle = Math.floor(height / 2) * width
  const [first, second] = [0, height * width].map(begin => [...out.data.slice(begin + middle, begin + middle + width)])
  expect(second).toEqual(first.map(value => value * 2))
  return first.map(value => Math.round(value * 1e5) / 1e5)
}

// Binomial weights 1, 3, 3, 1 over 8; the rows all agree, so the other axis leaves the numbers as they are.
test.each<[string, (x: Value) => Value, number[], number[]]>([
  ['halved by means; what is odd is left out', halve, [1, 3, 5, 7, 100], [2, 6]],
  ['halved by means; what is odd is kept', halveOrMore, [1, 3, 5, 7, 100], [2, 6, 100]],
  [
    'halved by a filter over zeros outside',
    halveSmoothly,
    [8, 16, 24, 32],
    [(3 * 8 + 3 * 16 + 24) / 8, (16 + 3 * 24 + 3 * 32) / 8],
  ],
  ['halved by a filter over the mirror', halveMirrored, [8, 16, 24, 32], [14, (16 + 3 * 24 + 3 * 32 + 24) / 8]],
  ['doubled by a filter over zeros outside', doubleSmoothly, [4, 8], [3, 5, 7, 6]],
  ['doubled by a filter over the mirror', doubleMirrored, [4, 8], [5, 5, 7, 7]],
])('%s', async (_, change, numbers, expected) => {
  expect(await changed(change, numbers, 8)).toEqual(expected)
})
