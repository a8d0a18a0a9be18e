import { Problem } from '../problem.ts'

/** Mean squared difference of two 8-bit pictures of one size, 0 to 255². @throws Problem METRIC_SIZES */
export function meanSquaredError(a: Uint8Array, b: Uint8Array): number {
  mustMatch(a, b)
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length
}

/** Mean difference of two 8-bit pictures of one size, 0 to 255. @throws Problem METRIC_SIZES */
export function meanAbsoluteError(a: Uint8Array, b: Uint8Array): number {
  mustMatch(a, b)
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length
}

/** Peak signal-to-noise ratio of two 8-bit pictures of one size, in decibels: 10 log10(255² / mean squared difference).
 *  Equal pictures give Infinity; from about 45 dB on nobody sees a difference. @throws Problem METRIC_SIZES */
export const psnr = (a: Uint8Array, b: Uint8Array): number => 10 * Math.log10(255 ** 2 / meanSquaredError(a, b))

function mustMatch(a: Uint8Array, b: Uint8Array): void {
  if (a.length === b.length && a.length > 0) return
  throw new Problem('METRIC_SIZES', `Pictures of ${a.length} and ${b.length} bytes cannot be compared.`)
}
