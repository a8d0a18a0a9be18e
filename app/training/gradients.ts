import type { Numbers } from './numbers.ts'

/** Length of all gradients together, as of one vector (torch.nn.utils.clip_grad_norm_ gives the same number). */
export function globalNorm(gradients: Numbers): number {
  const squares = gradients.values().map(data => {
    let sum = 0
    for (const value of data) sum += value * value
    // torch takes the norm of each tensor in float32 first.
    return Math.fround(Math.sqrt(sum)) ** 2
  })
  return Math.fround(Math.sqrt(squares.reduce((sum, square) => sum + square, 0)))
}

/** Shortens all gradients together to a length, in place, where they are longer (Pascanu et al. 2012, arXiv:1211.5063), as
 *  torch.nn.utils.clip_grad_norm_ does. @returns their length before */
export function clip(gradients: Numbers, longest: number): number {
  const norm = globalNorm(gradients)
  const scale = Math.fround(longest / (norm + 1e-6))
  if (scale < 1) scaleBy(gradients, scale)
  return norm
}

/** Multiplies all in place. */
export function scaleBy(gradients: Numbers, factor: number): void {
  for (const data of gradients.values()) for (let i = 0; i < data.length; i++) data[i] *= factor
}

/** Adds gradients to a sum of the same names, in place. */
export function addTo(sum: Numbers, gradients: Numbers): void {
  for (const [name, data] of sum) {
    const added = gradients.get(name)
    for (let i = 0; added !== undefined && i < data.length; i++) data[i] += added[i]
  }
}
