import { Problem } from '../problem.ts'

/** Element types that graphs and files use; the names are ONNX's. */
export type ElementType =
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'float64'
  | 'float8e4m3fn'
  | 'float8e5m2'
  | 'int64'
  | 'int32'
  | 'uint8'
  | 'int8'
  | 'bool'

/** Sizes of a tensor's dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly number[]

/** A dense float32 tensor in row-major order: what the studio's own arithmetic (schedulers, masks, colour) works on. */
export interface Tensor {
  readonly shape: Shape
  readonly data: Float32Array
}

/** The number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1)

/** A tensor over given values, or zeros. @throws Problem TENSOR_SIZE when the count of values does not fit the shape */
export function tensor(shape: Shape, data: Float32Array = new Float32Array(sizeOf(shape))): Tensor {
  if (data.length !== sizeOf(shape)) {
    throw new Problem('TENSOR_SIZE', `A tensor of shape [${shape}] cannot hold ${data.length} values.`)
  }
  return { shape, data }
}
