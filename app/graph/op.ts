import type { Attribute, BackwardStep, Node, Value, ValueType } from './graph.ts'

/** Everything that is true of one operation: its ONNX name, its shape rule, its gradient, how its attributes are written. */
export interface OpDefinition<Attributes> {
  readonly name: string
  /** Absent: ONNX's own domain. */
  readonly domain?: Node['domain']
  /** Types and shapes of the outputs; throws `graph.problem` with both shapes where inputs do not fit. */
  readonly infer: (inputs: readonly Value[], attributes: Attributes) => readonly ValueType[]
  /** The way back, for each input: how its gradient is computed from those of the outputs; undefined where none goes back, `stops` where none
   *  goes back to any, 'none' where there should be a way back but is not (quantised operations). */
  readonly gradient: GradientRule<Attributes>
  /** Attributes as ONNX writes them; absent: none. */
  readonly emit?: (attributes: Attributes) => Readonly<Record<string, Attribute>>
}

export type GradientRule<Attributes> =
  | 'none'
  | ((step: BackwardStep, attributes: Attributes) => readonly ((() => Value) | undefined)[])

/** The rule of operations that no gradient goes back through: comparisons, whole numbers. */
export const stops = (): readonly undefined[] => []

/** An operation that can be applied to values of one graph. Inputs that are left out (optional ones) are undefined. */
export type Op<Attributes> = (inputs: readonly (Value | undefined)[], attributes: Attributes) => readonly Value[]

/** Makes an operation from its definition. */
export function defineOp<Attributes>(definition: OpDefinition<Attributes>): Op<Attributes> {
  const { name, domain = '', infer, gradient, emit } = definition
  return (inputs, attributes) => {
    const present = inputs.filter(input => input !== undefined)
    const [first] = present
    if (first === undefined) throw new Error(`${name} needs an input`)
    const backward = gradient === 'none' ? gradient : (step: BackwardStep) => gradient(step, attributes)
    const written = emit?.(attributes) ?? {}
    return first.graph.apply({ op: name, domain, inputs, attributes: written, backward }, infer(present, attributes))
  }
}

/** `[2, 4, 8, 8]`, as errors show shapes. */
export const shown = (value: ValueType): string => `[${value.shape.join(', ')}]`
