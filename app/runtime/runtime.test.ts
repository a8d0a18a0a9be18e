import { expect, test } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { sigmoid } from '../graph/ops/index.ts'
import { type Target, targets } from '../graph/targets.ts'
import { Runtime } from './runtime.ts'

/** How often a network's graph is opened when it is used before and after a rest. */
async function openings(target: Target, weights: number): Promise<number> {
  const runtime = new Runtime({ target: { ...target, provider: 'cpu' }, threads: 1, memoryBudget: 1e9 })
  let opened = 0
  const build = () => {
    opened++
    const graph = new Graph(runtime.target)
    graph.output('out', sigmoid(graph.input('in', 'float32', [2])))
    return graph
  }
  const use = (network: string) => runtime.session(network, '2', build)
  await use('texts as stored encode')
  await use('texts_2 as stored encode')
  await runtime.rest('texts as stored ', weights)
  await use('texts as stored encode')
  await use('texts_2 as stored encode')
  await runtime.release()
  return opened
}

test('a large network whose weights are pages of a file is closed while it rests, and opened again', async () => {
  expect(await openings(targets.cpu, 246e6)).toBe(3)
})

test('a small one stays open, and so does one whose weights a provider holds', async () => {
  expect(await openings(targets.cpu, 10e6)).toBe(2)
  expect(await openings(targets.webgpu, 246e6)).toBe(2)
})
