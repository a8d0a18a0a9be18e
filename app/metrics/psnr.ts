import { Problem } from '../problem.ts'

/** Peak signal-to-noise ratio of two 8-bit pictures of one size, in decibels: 10 log10(255² / mean squared difference).
 *  Equal pictures give Infinity; from about 45 dB on nobody sees a difference. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length || a.length === 0) {
    throw new Problem('METRIC_SIZES', `Pictures of ${a.length} and ${b.length} bytes cannot be compared.`)
  }
  const squares = a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)
  return 10 * Math.log10(255 ** 2 / (squares / a.length))
}
