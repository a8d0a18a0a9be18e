import type { Value } from '../graph.ts'
import { defineOp, shown } from '../op.ts'

/* Windows that move over pictures [batch, channels, height, width] and that diffusion models do without: pooling, and kernels that are not square. */

interface Pooling {
  readonly kernel: number
  readonly stride: number
  readonly padding: number
}

const lengthOf = (size: number, kernel: number, { stride, padding }: Pick<Pooling, 'stride' | 'padding'>): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1

function pooledShape(x: Value, window: Pooling) {
  const [batch, channels, height, width] = x.shape
  const shape = [batch, channels, ...[height, width].map(size => lengthOf(size, window.kernel, window))]
  if (x.shape.length !== 4 || shape.some(size => size < 1)) {
    throw x.graph.problem(`${shown(x)} is too small for a window of ${window.kernel} x ${window.kernel}.`)
  }
  return [{ type: x.type, shape }]
}

const poolingAttributes = ({ kernel, stride, padding }: Pooling) => ({
  kernel_shape: { ints: [kernel, kernel] },
  strides: { ints: [stride, stride] },
  pads: { ints: [padding, padding, padding, padding] },
})

const maxPoolOp = defineOp<Pooling>({
  name: 'MaxPool',
  infer: ([x], window) => pooledShape(x, window),
  gradient: 'none',
  emit: poolingAttributes,
})
/** The largest value in each window (torch.nn.MaxPool2d); what is beyond the border counts for nothing. */
export const maxPool = (x: Value, window: Pooling): Value => maxPoolOp([x], window)[0]

const averagePoolOp = defineOp<Pooling & { readonly countsPadding: boolean }>({
  name: 'AveragePool',
  infer: ([x], window) => pooledShape(x, window),
  gradient: 'none',
  emit: window => ({ ...poolingAttributes(window), count_include_pad: { int: Number(window.countsPadding) } }),
})
/** The mean of each window (torch.nn.AvgPool2d). @param window.countsPadding whether zeros beyond the border are among the values */
export const averagePool = (x: Value, window: Pooling & { readonly countsPadding: boolean }): Value =>
  averagePoolOp([x], window)[0]

/** Step, the same for both axes, and zero padding of rows and columns. */
interface OblongWindow {
  readonly stride: number
  readonly padding: readonly [rows: number, columns: number]
}

const oblongConvOp = defineOp<OblongWindow>({
  name: 'Conv',
  infer: ([x, weight], { stride, padding }) => {
    const [batch, channels, height, width] = x.shape
    const [out, inside, kernelHeight, kernelWidth] = weight.shape
    const shape = [
      ...[batch, out],
      lengthOf(height, kernelHeight, { stride, padding: padding[0] }),
      lengthOf(width, kernelWidth, { stride, padding: padding[1] }),
    ]
    if (x.shape.length !== 4 || channels !== inside || shape.some(size => size < 1)) {
      throw x.graph.problem(`A convolution with weight ${shown(weight)} cannot take ${shown(x)}.`)
    }
    return [{ type: x.type, shape }]
  },
  gradient: 'none',
  emit: ({ stride, padding: [rows, columns] }) => ({
    strides: { ints: [stride, stride] },
    pads: { ints: [rows, columns, rows, columns] },
  }),
})
/** A convolution without bias whose kernel need not be square: x [batch, in, height, width], weight [out, in, rows, columns]
 *  -> [batch, out, height', width'] */
export const oblongConv = (x: Value, weight: Value, window: OblongWindow): Value => oblongConvOp([x, weight], window)[0]
