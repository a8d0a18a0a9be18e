import type { z } from 'zod'
import type { Shape, Tensor } from '../../../app/tensor/tensor.ts'
import type { Variant } from '../goldens.ts'

/** What came out, to be held against the tensor of the same name. */
export type Output = Tensor | { readonly shape: Shape; readonly data: ArrayLike<number> }

/** A variant computed by us. */
export interface Replay {
  /** By the names of the reference's outputs; one that the reference has and this lacks is a failure. */
  readonly outputs: Readonly<Record<string, Output>>
  /** By the names of the reference's expected values; compared exactly. */
  readonly expected?: Readonly<Record<string, unknown>>
  /** Outputs that must agree to the last bit although they are fractions. */
  readonly exact?: readonly string[]
  /** Errors count relative to max(1, |value|). */
  readonly isRelative?: boolean
}

/** A variant that our programs do not do, and why; it is counted as left out, never as passed. */
export interface LeftOut {
  readonly leftOut: string
}

/** Left out because of a parameter that is not known here. */
export const unknownParameters = (error: z.ZodError): LeftOut => {
  const [{ path, message }] = error.issues
  return { leftOut: `nothing takes these parameters: ${path.join('.') || 'all'}: ${message}` }
}

/** Computes the variants of one kind with our own programs, from the parameters and inputs alone. */
export type Replayer = (variant: Variant) => Promise<Replay | LeftOut> | Replay | LeftOut

/** A list of numbers as an output of one dimension. */
export const list = (data: ArrayLike<number>): Output => ({ shape: [data.length], data })

/** A single number as an output without dimensions. */
export const scalar = (value: number): Output => ({ shape: [], data: [value] })

/** Tensors of one shape as one output with a new first dimension. */
export const stack = (tensors: readonly Tensor[]): Output => {
  const [{ shape, data }] = tensors
  const all = new Float32Array(tensors.length * data.length)
  for (const [i, each] of tensors.entries()) all.set(each.data, i * data.length)
  return { shape: [tensors.length, ...shape], data: all }
}
