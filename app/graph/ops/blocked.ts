import type { Value } from '../graph.ts'
import { defineOp, shown } from '../op.ts'
import { add } from './elementwise.ts'
import type { ConvolutionWindow } from './linear.ts'
import { reshape } from './shape.ts'

/* ONNX Runtime's own layout for convolutions on CPUs, "NCHWc": channels in blocks, those of a block side by side. A value in blocks is said to
 * be [batch, channels, height, width], as ONNX Runtime says it, and lies in memory as [batch, channels / block, height, width, block]. Only the
 * operations of this file, and those that work on each number by itself, may take one. The block is the processor's, see
 * app/runtime/convolution-block.ts; channels are multiples of it. */

const domain = 'com.microsoft.nchwc'

/** Where the channels are outside of blocks. */
interface Order {
  /** [batch, height, width, channels] instead of [batch, channels, height, width]. */
  readonly channelsLast: boolean
}

const reorderInputOp = defineOp<Order>({
  name: 'ReorderInput',
  domain,
  infer: ([{ type, shape }], { channelsLast }) => {
    const [batch, ...sizes] = shape
    return [{ type, shape: channelsLast ? [batch, sizes[2], sizes[0], sizes[1]] : shape }]
  },
  gradient: 'none',
  emit: ({ channelsLast }) => ({ channels_last: { int: channelsLast ? 1 : 0 } }),
})

const reorderOutputOp = defineOp<Order & { channels: number }>({
  name: 'ReorderOutput',
  domain,
  infer: ([{ type, shape }], { channelsLast }) => {
    const [batch, channels, ...places] = shape
    return [{ type, shape: channelsLast ? [batch, ...places, channels] : shape }]
  },
  gradient: 'none',
  emit: ({ channels, channelsLast }) => ({
    channels: { int: channels },
    channels_last: { int: channelsLast ? 1 : 0 },
  }),
})

/** Blocks by the picture that came out of them. */
const blocksByPicture = new WeakMap<Value, Value>()

/** What makes blocks by other operations than a reorder of the picture, which then need not be computed. */
const waysIntoBlocks = new WeakMap<Value, () => Value>()

/** A picture [batch, channels, height, width] in blocks; what came out of blocks is taken as it was. */
export const toBlocks = (picture: Value): Value =>
  blocksOf(picture) ?? waysIntoBlocks.get(picture)?.() ?? reorderInputOp([picture], { channelsLast: false })[0]

/** The blocks that a picture came out of. */
export const blocksOf = (picture: Value): Value | undefined => blocksByPicture.get(picture)

/** Out of blocks: [batch, channels, height, width] */
export function fromBlocks(blocks: Value): Value {
  const [picture] = reorderOutputOp([blocks], { channels: blocks.shape[1], channelsLast: false })
  blocksByPicture.set(picture, blocks)
  return picture
}

/** Says how else a picture can be brought into blocks. @returns the picture */
export function withWayIntoBlocks(picture: Value, way: () => Value): Value {
  waysIntoBlocks.set(picture, way)
  return picture
}

/** Places with their channels side by side [batch, height, width, channels], in blocks. */
export const placesToBlocks = (places: Value): Value => reorderInputOp([places], { channelsLast: true })[0]

/** Out of blocks: [batch, height, width, channels] */
export const blocksToPlaces = (blocks: Value): Value =>
  reorderOutputOp([blocks], { channels: blocks.shape[1], channelsLast: true })[0]

const blockedConvOp = defineOp<ConvolutionWindow>({
  name: 'Conv',
  domain,
  infer: ([x, weight], { stride, padding }) => {
    const [batch, channels, height, width] = x.shape
    const [out, inside, kernelHeight, kernelWidth] = weight.shape
    if (channels !== inside) {
      throw x.graph.problem(`A convolution with weight ${shown(weight)} cannot take ${shown(x)}.`)
    }
    const length = (size: number, kernel: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1
    const shape = [batch, out, length(height, kernelHeight), length(width, kernelWidth)]
    if (shape.some(size => size < 1)) {
      throw x.graph.problem(`${shown(x)} is too small for a convolution with weight ${shown(weight)}.`)
    }
    return [{ type: x.type, shape }]
  },
  gradient: 'none',
  emit: ({ stride, padding }) => ({
    strides: { ints: [stride, stride] },
    pads: { ints: [padding, padding, padding, padding] },
  }),
})

/** What can be added in a convolution's own pass. */
interface Addends {
  /** [out] */
  readonly bias?: Value | undefined
  /** In blocks, of the result's shape. */
  readonly plus?: Value | undefined
}

/** A convolution of blocks: x [batch, in, height, width], weight [out, in, kernel, kernel] whose numbers lie as
 *  [out / block, in / block, kernel, kernel, block of in, block of out] -> [batch, out, height', width']. */
export function blockedConv(x: Value, weight: Value, { bias, plus }: Addends, window: ConvolutionWindow): Value {
  const inputs = plus ? [x, weight, bias, plus] : bias ? [x, weight, bias] : [x, weight]
  const [result] = blockedConvOp(inputs, window)
  if (plus === undefined) withPlus.set(result, more => blockedConv(x, weight, { bias, ...more(bias) }, window))
  return result
}

/** By a convolution's result: the same with other addends. */
const withPlus = new WeakMap<Value, (more: (bias: Value | undefined) => Addends) => Value>()

/** The sum of two pictures of one shape; in the first one's own pass where it is a convolution of blocks and the second is in blocks too. */
export function addPicture(x: Value, plus: Value): Value {
  const [convolution, blocks] = [blocksOf(x), blocksOf(plus)]
  const again = convolution && withPlus.get(convolution)
  return again && blocks ? fromBlocks(again(() => ({ plus: blocks }))) : add(x, plus)
}

/** x [batch, channels, height, width] plus a number for each channel [1 or batch, channels]. */
export function addToChannels(x: Value, shift: Value): Value {
  const [count, channels] = shift.shape
  const convolution = blocksOf(x)
  const again = convolution && withPlus.get(convolution)
  if (again === undefined || count !== 1) return add(x, reshape(shift, [count, channels, 1, 1]))
  const flat = reshape(shift, [channels])
  return fromBlocks(again(bias => ({ bias: bias ? add(bias, flat) : flat })))
}

const upsampleOp = defineOp<{ factors: readonly number[] }>({
  name: 'Upsample',
  domain,
  infer: ([x], { factors }) => [{ type: x.type, shape: x.shape.map((size, axis) => size * factors[axis]) }],
  gradient: 'none',
  emit: ({ factors }) => ({ scales: { ints: factors } }),
})
/** Blocks to `factor` times the height and width, by nearest neighbour. */
export const upsampleBlocks = (x: Value, factor: number): Value =>
  upsampleOp([x], { factors: [1, 1, factor, factor] })[0]
