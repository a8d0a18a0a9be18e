import type { ElementType, Shape } from '../../tensor/tensor.ts'
import { type BackwardStep, scalar, scalarBeside, type Value, type ValueType } from '../graph.ts'
import { defineOp, shown } from '../op.ts'
import { sumTo } from './reductions.ts'

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

/** What goes back to one operand, before it is summed to the operand's shape. */
type Operand = (step: BackwardStep) => Value

function binary(name: string, operands: readonly [Operand, Operand] | undefined, type?: ElementType) {
  const op = defineOp<undefined>({
    name,
    infer: ([a, b]) => {
      const shape = broadcast(a.shape, b.shape)
      if (shape === undefined) throw a.graph.problem(`${name} cannot combine ${shown(a)} with ${shown(b)}.`)
      if (a.type !== b.type) throw a.graph.problem(`${name} cannot combine ${a.type} with ${b.type}.`)
      return [{ type: type ?? a.type, shape }]
    },
    gradient: step => (operands ?? []).map((operand, place) => () => sumTo(operand(step), step.typeOf(place).shape)),
  })
  return (a: Value, b: Value | number): Value => op([a, typeof b === 'number' ? scalarBeside(a, b) : b], undefined)[0]
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
  gradient: step => {
    const { gradient } = step
    const zero = scalar(gradient.graph, 0)
    return [
      undefined,
      () => sumTo(where(step.input(0), gradient, zero), step.typeOf(1).shape),
      () => sumTo(where(step.input(0), zero, gradient), step.typeOf(2).shape),
    ]
  },
})
/** Element by element, with broadcasting: `yes` where the condition is true, else `no`. */
export const where = (condition: Value, yes: Value, no: Value): Value => whereOp([condition, yes, no], undefined)[0]

const same = ([x]: readonly Value[]): readonly ValueType[] => [x]

function unary(name: string, gradient: (step: BackwardStep) => Value) {
  const op = defineOp<undefined>({ name, infer: same, gradient: step => [() => gradient(step)] })
  return (x: Value): Value => op([x], undefined)[0]
}

/** Element by element, with broadcasting; the second operand may be a number. */
export const add = binary('Add', [({ gradient }) => gradient, ({ gradient }) => gradient])
export const subtract = binary('Sub', [({ gradient }) => gradient, ({ gradient }) => multiply(gradient, -1)])
export const multiply = binary('Mul', [
  step => multiply(step.gradient, step.input(1)),
  step => multiply(step.gradient, step.input(0)),
])
export const divide = binary('Div', [
  step => divide(step.gradient, step.input(1)),
  step => multiply(multiply(divide(step.gradient, step.input(1)), step.output()), -1),
])
export const greater = binary('Greater', undefined, 'bool')

export const sqrt = unary('Sqrt', step => divide(multiply(step.gradient, 0.5), step.output()))
export const reciprocal = unary('Reciprocal', step =>
  multiply(multiply(step.gradient, multiply(step.output(), step.output())), -1),
)
export const exp = unary('Exp', step => multiply(step.gradient, step.output()))
export const log = unary('Log', step => divide(step.gradient, step.input(0)))
export const sin = unary('Sin', step => multiply(step.gradient, cos(step.input(0))))
export const cos = unary('Cos', step => multiply(multiply(step.gradient, sin(step.input(0))), -1))
/** The angle from -pi/2 to pi/2 whose sine is x. */
export const asin = unary('Asin', step => divide(step.gradient, sqrt(oneMinus(multiply(step.input(0), step.input(0))))))
export const sigmoid = unary('Sigmoid', step =>
  multiply(step.gradient, multiply(step.output(), oneMinus(step.output()))),
)
export const tanh = unary('Tanh', step => multiply(step.gradient, oneMinus(multiply(step.output(), step.output()))))
export const relu = unary('Relu', step =>
  where(greater(step.output(), 0), step.gradient, scalar(step.gradient.graph, 0)),
)
/** log(1 + exp(x)) */
export const softplus = unary('Softplus', step => multiply(step.gradient, sigmoid(step.input(0))))
/** 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export const erf = unary('Erf', step => {
  const x = step.input(0)
  return multiply(step.gradient, multiply(exp(multiply(multiply(x, x), -1)), 2 / Math.sqrt(Math.PI)))
})

const oneMinus = (x: Value): Value => subtract(scalar(x.graph, 1), x)

/** The Gaussian error linear unit by erf: x * Phi(x); torch's `gelu` (approximate='none'). */
export const gelu = unary('Gelu', step => {
  const x = step.input(0)
  // The derivative is Phi(x) + x * phi(x).
  const distribution = multiply(add(erf(multiply(x, Math.SQRT1_2)), 1), 0.5)
  const density = multiply(exp(multiply(multiply(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
  return multiply(step.gradient, add(distribution, multiply(x, density)))
})

const geluTanhOp = defineOp<undefined>({
  name: 'Gelu',
  infer: same,
  gradient: step => [() => multiply(step.gradient, geluTanhSlope(step.input(0)))],
  emit: () => ({ approximate: { string: 'tanh' } }),
})
/** The Gaussian error linear unit by its tanh approximation; torch's `gelu` (approximate='tanh'), transformers' `gelu_new`. */
export const geluTanh = (x: Value): Value => geluTanhOp([x], undefined)[0]

/** Of x * (1 + t) / 2 with t = tanh(a * (x + b * x^3)). */
function geluTanhSlope(x: Value): Value {
  const [a, b] = [Math.sqrt(2 / Math.PI), 0.044715]
  const square = multiply(x, x)
  const t = tanh(multiply(multiply(x, a), add(multiply(square, b), 1)))
  const inner = multiply(add(multiply(square, 3 * b), 1), a)
  const steep = multiply(multiply(x, oneMinus(multiply(t, t))), inner)
  return multiply(add(add(t, 1), steep), 0.5)
}

const quickGeluOp = defineOp<{ alpha: number }>({
  name: 'QuickGelu',
  domain: 'com.microsoft',
  infer: same,
  gradient: (step, { alpha }) => [
    () => {
      const x = step.input(0)
      const gate = sigmoid(alpha === 1 ? x : multiply(x, alpha))
      const steep = multiply(alpha === 1 ? x : multiply(x, alpha), oneMinus(gate))
      return multiply(step.gradient, multiply(gate, add(steep, 1)))
    },
  ],
  emit: ({ alpha }) => ({ alpha: { float: alpha } }),
})
/** x * sigmoid(alpha * x) in one pass; alpha 1.702 is transformers' QuickGELUActivation, alpha 1 is SiLU. */
export const quickGelu = (x: Value, alpha = 1.702): Value => quickGeluOp([x], { alpha })[0]

const leakyReluOp = defineOp<{ alpha: number }>({
  name: 'LeakyRelu',
  infer: same,
  gradient: (step, { alpha }) => [
    () => where(greater(step.input(0), 0), step.gradient, multiply(step.gradient, alpha)),
  ],
  emit: ({ alpha }) => ({ alpha: { float: alpha } }),
})
/** x where it is positive, else alpha x. */
export const leakyRelu = (x: Value, alpha: number): Value => leakyReluOp([x], { alpha })[0]

const clipOp = defineOp<undefined>({
  name: 'Clip',
  infer: same,
  gradient: step => [
    () => {
      const [x, minimum, maximum] = [0, 1, 2].map(place => step.input(place))
      const zero = scalar(x.graph, 0)
      return where(greater(x, maximum), zero, where(greater(minimum, x), zero, step.gradient))
    },
  ],
})
/** Limits to minimum..maximum. */
export const clip = (x: Value, minimum: number, maximum: number): Value =>
  clipOp([x, scalarBeside(x, minimum), scalarBeside(x, maximum)], undefined)[0]

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
  gradient: step => [() => cast(step.gradient, step.typeOf(0).type)],
  emit: ({ to }) => ({ to: { int: onnxTypes[to] } }),
})
/** The same numbers in another type; the value itself where it has that type already. */
export const cast = (x: Value, to: ElementType): Value => (x.type === to ? x : castOp([x], { to })[0])
