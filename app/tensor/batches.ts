import { type Tensor, tensor } from './tensor.ts'

/** Joins tensors on their first axis; the other sizes must agree. */
export function joinBatches(parts: readonly Tensor[]): Tensor {
  const [first] = parts
  if (parts.length === 1) return first
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return tensor([parts.reduce((sum, part) => sum + part.shape[0], 0), ...first.shape.slice(1)], data)
}

/** Cuts the first axis into equal parts; the parts are views of the same memory. */
export function splitBatches(whole: Tensor, parts: number): Tensor[] {
  const [batch, ...rest] = whole.shape
  const size = whole.data.length / parts
  return Array.from({ length: parts }, (_, k) =>
    tensor([batch / parts, ...rest], whole.data.subarray(k * size, (k + 1) * size)),
  )
}

/** Repeats a tensor's members: with 2, [a, b] becomes [a, a, b, b], as the reference repeats prompts. */
export function repeatEach(whole: Tensor, times: number): Tensor {
  return joinBatches(splitBatches(whole, whole.shape[0]).flatMap(member => Array.from({ length: times }, () => member)))
}

/** Joins [1, tokens, width] on the second axis. */
export function joinTokens(parts: readonly Tensor[]): Tensor {
  if (parts.length === 1) return parts[0]
  const joined = joinBatches(parts.map(({ shape, data }) => tensor(shape.slice(1), data)))
  return tensor([1, ...joined.shape], joined.data)
}

/** Joins tensors [batch, channels, height, width] on their channels. */
export function joinChannels(parts: readonly Tensor[]): Tensor {
  const [batch, , height, width] = parts[0].shape
  const members = Array.from({ length: batch }, (_, k) =>
    joinBatches(
      parts.map(part => {
        const [member] = splitBatches(part, batch).slice(k)
        return tensor(member.shape.slice(1), member.data)
      }),
    ),
  )
  const [{ shape }] = members
  return joinBatches(members.map(({ data }) => tensor([1, shape[0], height, width], data)))
}

/** The first channels of [batch, channels, height, width]; the tensor itself where that is all. */
export function firstChannels(whole: Tensor, channels: number): Tensor {
  const [batch, all, height, width] = whole.shape
  if (all === channels) return whole
  const members = splitBatches(whole, batch).map(({ data }) => data.subarray(0, channels * height * width))
  return joinBatches(members.map(data => tensor([1, channels, height, width], data)))
}
