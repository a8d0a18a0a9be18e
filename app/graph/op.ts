import type { Attribute, Node, Value, ValueType } from './graph.ts'

/** Everything that is true of one operation: its ONNX name, its shape rule, how its attributes are written. Gradients will
 *  stand here too, one rule beside each shape rule. */
export interface OpDefinition<Attributes> {
  readonly name: string
  /** Absent: ONNX's own domain. */
  readonly domain?: Node['domain']
  /** Types and shapes of the outputs; throws `graph.problem` with both shapes where inputs do not fit. */
  readonly infer: (inputs: readonly Value[], attributes: Attributes) => readonly ValueType[]
  /** Attributes as ONNX writes them; absent: none. */
  readonly emit?: (attributes: Attributes) => Readonly<Record<string, Attribute>>
}

/** An operation that can be applied to values of one graph. Inputs that are left out (optional ones) are undefined. */
export type Op<Attributes> = (inputs: readonly (Value | undefined)[], attributes: Attributes) => readonly Value[]

/** Makes an operation from its definition. */
export function defineOp<Attributes>(definition: OpDefinition<Attributes>): Op<Attributes> {
  return (inputs, attributes) => {
    const present = inputs.filter(input => input !== undefined)
    const [first] = present
    if (first === undefined) throw new Error(`${definition.name} needs an input`)
    const outputs = definition.infer(present, attributes)
    return first.graph.apply(
      definition.name,
      definition.domain ?? '',
      inputs,
      outputs,
      definition.emit?.(attributes) ?? {},
    )
  }
}

/** `[2, 4, 8, 8]`, as errors show shapes. */
export const shown = (value: ValueType): string => `[${value.shape.join(', ')}]`
