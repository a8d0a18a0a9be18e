import type { RgbImage } from '../tensor/images.ts'

/** How well lines of one picture lie where those of another do: the harmonic mean of precision and recall, each the share of lit pixels that have one of
 *  the other picture within some pixels (the boundary F-measure of Martin et al. 2004).
 *  @param found, wanted white lines on black, of one size  @param reach pixels in both directions  @returns 0 to 1; 1 where both are empty */
export function edgeAgreement(found: RgbImage, wanted: RgbImage, reach = 2): number {
  const [ours, theirs] = [lit(found), lit(wanted)]
  const share = (from: Uint8Array, to: Uint8Array) => {
    const all = from.reduce((sum, each) => sum + each, 0)
    if (all === 0) return undefined
    const near = grown(to, found, reach)
    return from.reduce((sum, each, k) => sum + each * near[k], 0) / all
  }
  const [precision, recall] = [share(ours, theirs), share(theirs, ours)]
  if (precision === undefined && recall === undefined) return 1
  const [p, r] = [precision ?? 0, recall ?? 0]
  return p + r === 0 ? 0 : (2 * p * r) / (p + r)
}

const lit = ({ width, height, data }: RgbImage): Uint8Array =>
  Uint8Array.from({ length: width * height }, (_, k) => (data[k * (data.length / (width * height))] > 127 ? 1 : 0))

/** Every pixel with a lit one within the reach. */
function grown(marks: Uint8Array, { width, height }: RgbImage, reach: number): Uint8Array {
  const near = new Uint8Array(marks.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (marks[y * width + x] === 0) continue
      for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
        near.fill(1, row * width + Math.max(0, x - reach), row * width + Math.min(width - 1, x + reach) + 1)
      }
    }
  }
  return near
}
