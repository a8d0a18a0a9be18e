import { constant, type Graph, type Value } from '../graph/graph.ts'
import { add, cast, expand, multiply, reduceMean, relu, reshape, slice } from '../graph/ops/index.ts'
import { writeOnnx } from './testing-onnx.ts'

/** Networks for tests that are told by their names and shapes as the exported ones are. Depth is brightness; joints are where it is reddest. */

const COCO = 17
const SIDE = 56
const picture = (graph: Graph) => graph.input('pixel_values', 'float32', [1, 3, SIDE, SIDE])
const red = (graph: Graph): Value => slice(picture(graph), 1, 0, 1)

/** As Depth Anything (3 sides) and MiDaS (4) are exported. */
export const writeDepthNetwork = (folder: string, output = 'predicted_depth', sides: 3 | 4 = 3): string =>
  writeOnnx(folder, `${output}-${sides}.onnx`, graph => {
    const near = reduceMean(picture(graph), 1)
    graph.output(output, reshape(near, sides === 3 ? [1, SIDE, SIDE] : [1, 1, SIDE, SIDE]))
  })

/** Heat maps of COCO's 17 joints, all alike. */
export const writePoseMaps = (folder: string): string =>
  writeOnnx(folder, 'maps.onnx', graph => graph.output('heatmaps', expand(red(graph), [1, COCO, SIDE, SIDE])))

/** RTMPose's two rows. */
export const writePoseRows = (folder: string): string =>
  writeOnnx(folder, 'rows.onnx', graph => {
    const plane = reshape(relu(red(graph)), [1, SIDE, SIDE])
    const row = (axis: number) =>
      expand(reshape(multiply(reduceMean(plane, axis), SIDE), [1, 1, SIDE]), [1, COCO, SIDE])
    graph.output('simcc_x', row(1))
    graph.output('simcc_y', row(2))
  })

/** MoveNet's list, the same for all pictures: joint k lies at (0.5, k / 20); the last one is not sure. */
export const writePosePoints = (folder: string): string =>
  writeOnnx(folder, 'points.onnx', graph => {
    const bytes = cast(graph.input('input', 'int32', [1, SIDE, SIDE, 3]), 'float32')
    const nothing = multiply(reshape(slice(slice(slice(bytes, 1, 0, 1), 2, 0, 1), 3, 0, 1), [1, 1, 1, 1]), 0)
    const said = Array.from({ length: COCO }, (_, k) => [k / 20, 0.5, k === COCO - 1 ? 0.1 : 0.9]).flat()
    graph.output('output_0', add(constant(graph, 'float32', [1, 1, COCO, 3], said), nothing))
  })
