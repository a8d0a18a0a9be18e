import type { Value } from '../../graph/graph.ts'
import {
  add,
  blockedConv,
  concat,
  conv,
  cos,
  divide,
  fromBlocks,
  gelu,
  geluTanh,
  gemm,
  instanceNormalization,
  layerNormalization,
  log,
  multiply,
  padAfter,
  quickGelu,
  reciprocal,
  reduceMean,
  relu,
  reshape,
  sigmoid,
  sin,
  softplus,
  split,
  sqrt,
  subtract,
  tanh,
  toBlocks,
} from '../../graph/ops/index.ts'
import { type Shape, sizeOf } from '../../tensor/tensor.ts'
import { withAdapters } from './adapters.ts'
import { computed, inFull, throughFull } from './half.ts'
import type { Layer } from './layer.ts'
import { quantizedConvolution, quantizedLinear } from './quantized.ts'

/** torch.nn.Linear: x [.., in] -> [.., out].  @param options.inFull in single precision whatever the target computes with */
export function linear(layer: Layer, x: Value, out: number, options: { bias?: boolean; inFull?: boolean } = {}): Value {
  const typed = options.inFull ? inFull : computed
  return layer.build(() => {
    const width = x.shape[x.shape.length - 1]
    const shape = [out, width]
    const quantized = layer.quantized('weight', shape)
    const bias = options.bias === false ? undefined : typed(layer.parameter('bias', [out], { anchor: x }))
    const rows = reshape(typed(x), [sizeOf(x.shape) / width, width])
    const weight = () => typed(layer.parameter('weight', shape, { anchor: x }))
    const product = quantized ? quantizedLinear(rows, quantized, bias) : gemm(rows, weight(), bias)
    const y = withAdapters(layer.adapters(), product, { x: rows, shape, weight, bias })
    return reshape(y, [...x.shape.slice(0, -1), out])
  })
}

/** `linear`, cut on the last axis into parts of the given widths. Where rows of the weight can be had apart each part is a product by itself, and
 *  nothing is copied. */
export function linearParts(layer: Layer, x: Value, widths: readonly number[]): readonly Value[] {
  const [axis, out] = [x.shape.length - 1, widths.reduce((sum, width) => sum + width, 0)]
  const shape = [out, x.shape[axis]]
  const isPlain = layer.adapters().length === 0 && layer.quantized('weight', shape) === undefined
  const parts = isPlain ? separateParts(layer, x, widths, shape) : undefined
  if (parts === undefined) return split(linear(layer, x, out), axis, widths)
  // For those who look at what the layer computed; else nothing needs it.
  layer.build(() => concat(parts, axis))
  return parts
}

function separateParts(layer: Layer, x: Value, widths: readonly number[], shape: Shape): Value[] | undefined {
  const rows = reshape(computed(x), [sizeOf(x.shape) / shape[1], shape[1]])
  const parts: Value[] = []
  let first = 0
  for (const count of widths) {
    const weight = layer.part('weight', shape, { first, count }, x)
    const bias = layer.part('bias', shape.slice(0, 1), { first, count }, x)
    if (weight === undefined || bias === undefined) return undefined
    parts.push(reshape(gemm(rows, weight, bias), [...x.shape.slice(0, -1), count]))
    first += count
  }
  return parts
}

/** torch.nn.Conv2d with a square kernel: x [batch, in, height, width] -> [batch, out, height', width']. */
export function convolution(
  layer: Layer,
  fed: Value,
  out: number,
  options: { kernel?: number; stride?: number; padding?: number; bias?: boolean } = {},
): Value {
  const { kernel = 3, stride = 1, padding = (kernel - 1) / 2 } = options
  return layer.build(() => {
    const x = computed(fed)
    const shape = [out, x.shape[1], kernel, kernel]
    const window = { stride, padding }
    const quantized = layer.quantized('weight', shape)
    const blocked = layer.blocked('weight', shape)
    const bias = options.bias === false ? undefined : layer.parameter('bias', [out], { anchor: x })
    const weight = () => layer.parameter('weight', shape, { anchor: x })
    const product = () => {
      if (blocked) return fromBlocks(blockedConv(toBlocks(x), blocked, { bias }, window))
      if (quantized?.bits === 8) return quantizedConvolution(x, quantized, bias, { ...window, kernel })
      return conv(x, weight(), bias, window)
    }
    return withAdapters(layer.adapters(), product(), { x, shape, weight, bias, window })
  })
}

/** torch.nn.GroupNorm of x [batch, channels, ..]: each group of channels to mean 0 and variance 1, then scale and shift by channel. */
export function groupNormalization(layer: Layer, x: Value, groups: number, epsilon: number): Value {
  return layer.build(() => {
    const [batch, channels, ...rest] = x.shape
    if (channels % groups !== 0) throw x.graph.problem(`${channels} channels cannot be normalised in ${groups} groups.`)
    const use = [1, channels, ...rest.map(() => 1)]
    const weight = layer.parameter('weight', [channels], { use, anchor: x })
    const bias = layer.parameter('bias', [channels], { use, anchor: x })
    const grouped = reshape(inFull(x), [batch, groups, (channels / groups) * sizeOf(rest)])
    const normal = computed(normalizedRows(layer, grouped, epsilon))
    return add(multiply(reshape(normal, x.shape), weight), bias)
  })
}

/** Rows [batch, groups, n] to mean 0 and variance 1, in the target's form. */
export function normalizedRows(layer: Layer, x: Value, epsilon: number): Value {
  const groups = x.shape[1]
  if (layer.graph.target.groupNormalization === 'instance') {
    const ones = layer.numbers([groups], new Array(groups).fill(1))
    const zeros = layer.numbers([groups], new Array(groups).fill(0))
    return instanceNormalization(x, ones, zeros, epsilon)
  }
  const centred = subtract(x, reduceMean(x, 2))
  return divide(centred, sqrt(add(reduceMean(multiply(centred, centred), 2), epsilon)))
}

/** torch.nn.LayerNorm over the last axis of x [.., width]. */
export function layerNorm(layer: Layer, x: Value, epsilon = 1e-5): Value {
  return layer.build(() => {
    const width = x.shape[x.shape.length - 1]
    const scale = inFull(layer.parameter('weight', [width], { anchor: x }))
    const shift = inFull(layer.parameter('bias', [width], { anchor: x }))
    return computed(layerNormalization(inFull(x), scale, shift, epsilon))
  })
}

/** T5's layer normalisation (Zhang & Sennrich 2019, arXiv:1910.07467): x [.., width] divided by its root mean square, then scaled. */
export function rootMeanSquareNorm(layer: Layer, x: Value, epsilon: number): Value {
  return layer.build(() => {
    const axis = x.shape.length - 1
    const scale = layer.parameter('weight', [x.shape[axis]], { anchor: x })
    const full = inFull(x)
    const root = sqrt(add(reduceMean(multiply(full, full), axis), epsilon))
    return multiply(computed(divide(full, root)), scale)
  })
}

/** x * sigmoid(x), in the target's form. */
export const silu = (x: Value): Value =>
  x.graph.target.silu === 'quick-gelu' ? quickGelu(x, 1) : multiply(x, sigmoid(x))

/** torch.nn.RMSNorm over the last axis of x [.., width] (Zhang & Sennrich 2019, arXiv:1910.07467, equation 4). */
export function rmsNorm(layer: Layer, x: Value, epsilon: number): Value {
  return layer.build(() => {
    const width = x.shape[x.shape.length - 1]
    const full = inFull(x)
    const meanSquare = reduceMean(multiply(full, full), x.shape.length - 1)
    const normal = multiply(full, reciprocal(sqrt(add(meanSquare, epsilon))))
    return multiply(computed(normal), layer.parameter('weight', [width], { anchor: x }))
  })
}

/** The activations that configs name. */
export const activations = {
  silu,
  swish: silu,
  relu,
  gelu,
  mish: throughFull(x => multiply(x, tanh(softplus(x)))),
  // It takes the third power, which half precision holds up to 40 alone.
  gelu_tanh: throughFull(geluTanh),
  gelu_new: throughFull(geluTanh),
  quick_gelu: (x: Value): Value =>
    x.graph.target.silu === 'quick-gelu' ? quickGelu(x) : multiply(x, sigmoid(multiply(x, 1.702))),
} as const

/** An activation: element by element. */
export type Activation = (x: Value) => Value

/** Sinusoidal embedding of timesteps [n] (float32) -> [n, width]: the reference's get_timestep_embedding, float32 roundings included.
 *  With flipSinToCos the cosines come first; an odd width ends with a zero. */
export function timestepEmbedding(
  layer: Layer,
  timesteps: Value,
  width: number,
  options: { flipSinToCos: boolean; frequencyShift: number },
): Value {
  return layer.build(() => {
    const half = Math.floor(width / 2)
    const frequencies = Array.from({ length: half }, (_, k) =>
      Math.exp(Math.fround(Math.fround(Math.fround(-Math.log(10000)) * k) / (half - options.frequencyShift))),
    )
    const angles = multiply(reshape(timesteps, [timesteps.shape[0], 1]), layer.numbers([1, half], frequencies))
    const parts = options.flipSinToCos ? [cos(angles), sin(angles)] : [sin(angles), cos(angles)]
    const rows = concat(parts, 1)
    return width % 2 === 0 ? rows : padAfter(rows, [0, 1])
  })
}

/** Gaussian Fourier features of noise levels [n] -> [n, 2 x size] (Song et al. 2021, arXiv:2011.13456, appendix C): the reference's
 *  GaussianFourierProjection, whose random frequencies are a weight. */
export function fourierEmbedding(
  layer: Layer,
  levels: Value,
  size: number,
  options: { flipSinToCos: boolean; logarithm: boolean },
): Value {
  return layer.build(() => {
    const column = reshape(levels, [levels.shape[0], 1])
    const frequencies = inFull(layer.parameter('weight', [size], { use: [1, size], anchor: levels }))
    // The reference multiplies in this order, and large angles keep its roundings.
    const angles = multiply(multiply(multiply(options.logarithm ? log(column) : column, frequencies), 2), Math.PI)
    return concat(options.flipSinToCos ? [cos(angles), sin(angles)] : [sin(angles), cos(angles)], 1)
  })
}

/** The reference's `TimestepEmbedding`: two linear layers with an activation between. [n, in] -> [n, width] */
export function embeddingLayers(layer: Layer, x: Value, width: number, activation: Activation = silu): Value {
  return layer.build(() => linear(layer.at('linear_2'), activation(linear(layer.at('linear_1'), x, width)), width))
}
