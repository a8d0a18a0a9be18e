import { Graph, type Value } from '../graph/graph.ts'
import {
  blockedConv,
  blocksToPlaces,
  conv,
  fromBlocks,
  placesToBlocks,
  toBlocks,
  transpose,
  upsampleBlocks,
} from '../graph/ops/index.ts'
import { targets } from '../graph/targets.ts'
import { sizeOf, type Tensor, tensor } from '../tensor/tensor.ts'
import { blockedFilter } from '../weights/blocked-filter.ts'
import { Session } from './session.ts'

let found: Promise<number | undefined> | undefined

/** Channels that ONNX Runtime lays side by side in convolutions on this computer (see ops/blocked.ts), found out once, in some milliseconds: 16 fill
 *  a register of AVX-512, 8 one of AVX. undefined: it has no such layout, or a known answer came out wrong, so convolutions stay as they are. */
export const convolutionBlock = (): Promise<number | undefined> => {
  found ??= knownBlock()
  return found
}

async function knownBlock(): Promise<number | undefined> {
  const block = await filledChannels()
  return block > 1 && (await isLayout(block, blockedFilter)) ? block : undefined
}

/** Channels that a picture of 4 channels has in blocks, where the rest is filled with zeros: what ONNX Runtime itself says. It is asked, not tried
 *  out: with another block than its own it writes past the end of its memory. 1: it has no blocks. */
async function filledChannels(): Promise<number> {
  const shape = [1, 4, 1, 1]
  const graph = new Graph(targets.cpu)
  graph.output('blocks', toBlocks(graph.input('x', 'float32', shape)))
  try {
    const session = await Session.open(graph, { threads: 1 })
    const { blocks } = await session.run({ x: tensor(shape) })
    await session.release()
    // Blocks of 4 or less channels would fill nothing; nobody has such.
    return blocks.shape[1] > shape[1] ? blocks.shape[1] : 1
  } catch {
    return 1
  }
}

/** Whether operations on this computer's blocks are right, with weights laid out as we know it: each beside its plain form, on small whole numbers,
 *  whose sums are exact in any order. */
export async function isLayout(block: number, layout: typeof blockedFilter): Promise<boolean> {
  const shape = [1, 2 * block, 3, 5]
  const channels = 3 * block
  const filter = wholeNumbers([channels, 2 * block, 3, 3], 7)
  const graph = new Graph(targets.cpu)
  const constant = ({ shape, data }: Tensor): Value =>
    graph.constant('float32', shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  const x = graph.input('x', 'float32', shape)
  const bias = constant(wholeNumbers([channels], 5))
  const window = { stride: 1, padding: 1 }
  const blocked = constant(tensor(filter.shape, layout(filter.data, filter.shape, block)))
  const once = blockedConv(toBlocks(x), blocked, { bias }, window)
  const twice = blockedConv(placesToBlocks(transpose(x, [0, 2, 3, 1])), blocked, { bias, plus: once }, window)
  graph.output('plain', conv(x, constant(filter), bias, window))
  graph.output('picture', fromBlocks(once))
  graph.output('twice', blocksToPlaces(twice))
  graph.output('enlarged', fromBlocks(upsampleBlocks(once, 2)))
  try {
    const session = await Session.open(graph, { threads: 1 })
    const { plain, picture, twice, enlarged } = await session.run({ x: wholeNumbers(shape, 9) })
    await session.release()
    return isWanted(plain, picture, twice, enlarged)
  } catch {
    // Without these operations, or with blocks that do not fit, ONNX Runtime refuses the graph.
    return false
  }
}

function isWanted(plain: Tensor, picture: Tensor, twice: Tensor, enlarged: Tensor): boolean {
  const [, channels, height, width] = plain.shape
  const places = height * width
  return plain.data.every((value, index) => {
    const [channel, place] = [Math.floor(index / places), index % places]
    const [row, column] = [Math.floor(place / width), place % width]
    const large = ((channel * height + row) * 2 + 1) * 2 * width + 2 * column
    return (
      picture.data[index] === value &&
      twice.data[place * channels + channel] === 2 * value &&
      enlarged.data[large] === value &&
      enlarged.data[large + 1] === value
    )
  })
}

/** Small whole numbers without a pattern that a swap of places could leave unchanged. */
const wholeNumbers = (shape: readonly number[], range: number): Tensor =>
  tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, k) => (Math.imul(k + 1, 2654435761) >>> 8) % range),
  )
