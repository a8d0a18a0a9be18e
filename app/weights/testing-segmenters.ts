import type { Graph, Value } from '../graph/graph.ts'
import {
  add,
  averageOfTiles,
  cast,
  concat,
  expand,
  multiply,
  reduceMean,
  reshape,
  slice,
  subtract,
  transpose,
} from '../graph/ops/index.ts'
import { writeOnnx } from './testing-onnx.ts'

/** Networks for tests that are as small as can be and told by their names and shapes as the exported ones are: what is bright belongs to a
 *  bright place that is clicked, what is dark to a dark one. */

/** Side of the pictures that they take, and of what they give. */
const [SIDE, CELLS] = [64, 8]
const CHANNELS = 4

/** How bright the parts of a picture are. */
const brightness = (picture: Value): Value => reduceMean(averageOfTiles(picture, [SIDE / CELLS, SIDE / CELLS]), 1)

/** The half that reads pictures. */
export const writeEncoder = (folder: string, name = 'a.onnx'): string =>
  writeOnnx(folder, name, graph => {
    const seen = reshape(brightness(graph.input('image', 'float32', [1, 3, SIDE, SIDE])), [1, 1, CELLS, CELLS])
    graph.output('image_embeddings', expand(seen, [1, CHANNELS, CELLS, CELLS]))
  })

/** What a decoder is fed, and the 0 [1] in which all of it counts: an input that nothing comes of is none of its file. */
function decoderInputs(graph: Graph) {
  const embeddings = graph.input('image_embeddings', 'float32', [1, CHANNELS, CELLS, CELLS])
  const points = graph.input('point_coords', 'float32', [1, 2, 2])
  const labels = graph.input('point_labels', 'float32', [1, 2])
  const earlier = graph.input('mask_input', 'float32', [1, 1, 16, 16])
  const hasEarlier = graph.input('has_mask_input', 'float32', [1])
  const size = graph.input('orig_im_size', 'float32', [2])
  const firsts = [points, labels, earlier, hasEarlier, size].map(input =>
    slice(reshape(input, [input.shape.reduce((all, side) => all * side, 1)]), 0, 0, 1),
  )
  const nothing = multiply(
    firsts.reduce((sum, first) => add(sum, first)),
    0,
  )
  return { embeddings, points, labels, size, nothing }
}

/** The half that answers clicks: of two masks, bright and dark, it holds that one for the better which the click asks for; the click is in
 *  pixels of the 64 x 64 that the encoder saw, whose left half is taken for bright. */
export const writeDecoder = (folder: string, name = 'b.onnx'): string =>
  writeOnnx(folder, name, graph => {
    const { embeddings, points, labels, nothing } = decoderInputs(graph)
    const seen = slice(embeddings, 1, 0, 1)
    const mask = concat([seen, multiply(seen, -1)], 1)
    graph.output('masks', add(mask, reshape(nothing, [1, 1, 1, 1])))
    const x = reshape(slice(slice(points, 1, 0, 1), 2, 0, 1), [1, 1])
    const isInside = slice(labels, 1, 0, 1)
    const right = multiply(subtract(x, SIDE / 2), isInside)
    graph.output('iou_predictions', concat([multiply(right, -1), right], 1))
  })

/** The half that reads pictures as some exports write it: it prepares a picture of fixed sides, channels last, itself, and fills it up to a square. */
export const writePreparingEncoder = (folder: string, name = 'e.onnx'): string =>
  writeOnnx(folder, name, graph => {
    const [high, wide] = [SIDE / 2, SIDE]
    const picture = transpose(graph.input('input_image', 'float32', [high, wide, 3]), [2, 0, 1])
    const rest = multiply(slice(picture, 1, 0, SIDE - high), 0)
    const square = reshape(multiply(concat([picture, rest], 1), 1 / 255), [1, 3, SIDE, SIDE])
    const seen = reshape(subtract(brightness(square), 0.5), [1, 1, CELLS, CELLS])
    graph.output('image_embeddings', expand(seen, [1, CHANNELS, CELLS, CELLS]))
  })

/** The half that answers clicks for that encoder, as published: it cuts its square of masks to the size that it is asked for, here half of its height. */
export const writeCuttingDecoder = (folder: string, name = 'f.onnx'): string =>
  writeOnnx(folder, name, graph => {
    const { embeddings, size, nothing } = decoderInputs(graph)
    const cells = slice(slice(embeddings, 1, 0, 1), 2, 0, CELLS / 2)
    const fine = reshape(
      expand(reshape(cells, [1, 1, CELLS / 2, 1, CELLS, 1]), [1, 1, CELLS / 2, SIDE / CELLS, CELLS, SIDE / CELLS]),
      [1, 1, SIDE / 2, SIDE],
    )
    // Wrong for any other size than it was asked for, so that a test sees what is asked: 32 high, 64 wide.
    const [high, wide] = [slice(size, 0, 0, 1), slice(size, 0, 1, 2)]
    const off = add(
      multiply(subtract(high, SIDE / 2), subtract(high, SIDE / 2)),
      multiply(subtract(wide, SIDE), subtract(wide, SIDE)),
    )
    graph.output('masks', subtract(fine, reshape(multiply(add(off, nothing), 100), [1, 1, 1, 1])))
    graph.output('iou_predictions', reshape(add(nothing, 1), [1, 1]))
    graph.output('low_res_masks', multiply(slice(embeddings, 1, 0, 1), 1))
  })

/** A network that gives one mask of a whole picture. */
export const writeMaskNetwork = (folder: string, name = 'c.onnx'): string =>
  writeOnnx(folder, name, graph => {
    const seen = brightness(graph.input('input', 'float32', [1, 3, SIDE, SIDE]))
    graph.output('output', reshape(seen, [1, 1, CELLS, CELLS]))
  })

/** A network that has nothing to do with objects: a part of a model that draws. */
export const writeOtherNetwork = (folder: string, name = 'd.onnx'): string =>
  writeOnnx(folder, name, graph => {
    const sample = graph.input('sample', 'float32', [1, 4, 8, 8])
    const timestep = graph.input('timestep', 'int64', [1])
    graph.output('out_sample', add(sample, reshape(cast(timestep, 'float32'), [1, 1, 1, 1])))
  })
