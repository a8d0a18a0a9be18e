import type { ElementType, Shape } from '../../tensor/tensor.ts'
import { scalar, type Value, type ValueType } from '../graph.ts'
import { defineOp, shown } from '../op.ts'

/** ONNX's (and NumPy's) broadcasting of two shapes; undefined where they do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length)
  const at = (shape: Shape, axis: number) => shape[axis - (rank - shape.length)] ?? 1
  const result = Array.from({ length: rank }, (_, axis) => {
    const [left, right] = [at(a, axis), at(b, axis)]
    return left === right || right === 1 ? left : left === 1 ? right : -1
  })
  return result.includes(-1) ? undefined : result
}

function binary(name: string, type?: ElementType) {
  const op = defineOp<undefined>({
    name,
    infer: ([a, b]) => {
      const shape = broadcast(a.shape, b.shape)
      if (shape === undefined) throw a.graph.problem(`${name} cannot combine ${shown(a)} with ${shown(b)}.`)
      if (a.type !== b.type) throw a.graph.problem(`${name} cannot combine ${a.type} with ${b.type}.`)
      return [{ type: type ?? a.type, shape }]
    },
  })
  return (a: Value, b: Value | number): Value => op([a, typeof b === 'number' ? scalar(a.graph, b) : b], undefined)[0]
}

const whereOp = defineOp<undefined>({
  name: 'Where',
  infer: ([condition, yes, no]) => {
    const values = broadcast(yes.shape, no.shape)
    const shape = values && broadcast(condition.shape, values)
    if (shape === undefined || yes.type !== no.type || condition.type !== 'bool') {
      throw condition.graph.problem(`Where cannot choose by ${shown(condition)} from ${shown(yes)} and ${shown(no)}.`)
    }
    return [{ type: yes.type, shape }]
  },
})
/** Element by element, with broadcasting: `yes` where the condition is true, else `no`. */
export const where = (condition: Value, yes: Value, no: Value): Value => whereOp([condition, yes, no], undefined)[0]

const same = ([x]: readonly Value[]): readonly ValueType[] => [x]

function unary(name: string) {
  const op = defineOp<undefined>({ name, infer: same })
  return (x: Value): Value => op([x], undefined)[0]
}

/** Element by element, with broadcasting; the second operand may be a number (float32 graphs). */
export const add = binary('Add')
export const subtract = binary('Sub')
export const multiply = binary('Mul')
export const divide = binary('Div')
export const greater = binary('Greater', 'bool')

export const sqrt = unary('Sqrt')
export const reciprocal = unary('Reciprocal')
export const exp = unary('Exp')
export const log = unary('Log')
export const sin = unary('Sin')
export const cos = unary('Cos')
export const sigmoid = unary('Sigmoid')
export const tanh = unary('Tanh')
export const relu = unary('Relu')
/** log(1 + exp(x)) */
export const softplus = unary('Softplus')

/** The Gaussian error linear unit by erf: x * Phi(x); torch's `gelu` (approximate='none'). */
export const gelu = unary('Gelu')

const geluTanhOp = defineOp<undefined>({
  name: 'Gelu',
  infer: same,
  emit: () => ({ approximate: { string: 'tanh' } }),
})
/** The Gaussian error linear unit by its tanh approximation; torch's `gelu` (approximate='tanh'), transformers' `gelu_new`. */
export const geluTanh = (x: Value): Value => geluTanhOp([x], undefined)[0]

const quickGeluOp = defineOp<{ alpha: number }>({
  name: 'QuickGelu',
  domain: 'com.microsoft',
  infer: same,
  emit: ({ alpha }) => ({ alpha: { float: alpha } }),
})
/** x * sigmoid(alpha * x) in one pass; alpha 1.702 is transformers' QuickGELUActivation, alpha 1 is SiLU. */
export const quickGelu = (x: Value, alpha = 1.702): Value => quickGeluOp([x], { alpha })[0]

const clipOp = defineOp<undefined>({ name: 'Clip', infer: same })
/** Limits to minimum..maximum. */
export const clip = (x: Value, minimum: number, maximum: number): Value =>
  clipOp([x, scalar(x.graph, minimum), scalar(x.graph, maximum)], undefined)[0]

/** ONNX's numbers of element types (TensorProto.DataType). */
export const onnxTypes: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e5m2: 19,
}

const castOp = defineOp<{ to: ElementType }>({
  name: 'Cast',
  infer: ([x], { to }) => [{ type: to, shape: x.shape }],
  emit: ({ to }) => ({ to: { int: onnxTypes[to] } }),
})
/** The same numbers in another type; the value itself where it has that type already. */
export const cast = (x: Value, to: ElementType): Value => (x.type === to ? x : castOp([x], { to })[0])
