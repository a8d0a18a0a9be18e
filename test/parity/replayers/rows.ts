import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'

/** One entry of the first dimension. */
export const row = ({ shape, data }: Tensor, k: number): Tensor => {
  const size = data.length / shape[0]
  return tensor(shape.slice(1), data.slice(k * size, (k + 1) * size))
}
