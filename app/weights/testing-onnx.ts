import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Graph } from '../graph/graph.ts'
import { encodeOnnx } from '../graph/onnx.ts'
import { targets } from '../graph/targets.ts'

/** Writes a network for tests as an ONNX file, as people bring them. @returns its path */
export function writeOnnx(folder: string, name: string, build: (graph: Graph) => void): string {
  const graph = new Graph(targets.cpu)
  build(graph)
  const path = join(folder, name)
  writeFileSync(path, encodeOnnx(graph, folder))
  return path
}
