/** Numbers by name: what is trained, or its gradients (the same names, the same sizes). */
export type Numbers = ReadonlyMap<string, Float32Array>

/** A copy that shares nothing. */
export const copied = (numbers: Numbers): Map<string, Float32Array> =>
  new Map(numbers.entries().map(([name, values]) => [name, values.slice()]))

/** How many numbers they hold together. */
export const countOf = (numbers: Numbers): number => numbers.values().reduce((sum, { length }) => sum + length, 0)
