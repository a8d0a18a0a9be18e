import { toGray } from './fit.ts'
import type { RgbImage } from './images.ts'
import { resample } from './resample.ts'

/** Side of the grid that a picture is seen on, and how many of its slowest waves count. */
const [side, waves] = [32, 8]

/** What a picture looks like: which of its 64 slowest waves (two-dimensional cosine transform of brightness) are above their median
 *  (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", section 3.2.1), and its mean colour. Copies in other
 *  sizes, formats and qualities differ by few bits; other pictures by about half.
 *  @returns 16 hexadecimal digits of waves, 6 of colour */
export function perceptualHash(image: RgbImage): string {
  const { data } = resample(toGray(image), { width: side, height: side }, 'bilinear')
  const found = slowestWaves(data)
  // The first is the mean brightness; in a flat picture it is all there is, and rounding errors must not count.
  const middle = found.slice(1).sort((a, b) => a - b)[Math.floor((found.length - 1) / 2)]
  const bits = found.reduce((sum, value, k) => (sum << 1n) | BigInt(k > 0 && value - middle > 1e-6), 0n)
  return bits.toString(16).padStart(16, '0') + meanColour(image)
}

const cosines = Array.from({ length: waves }, (_, wave) =>
  Array.from({ length: side }, (_, place) => Math.cos((Math.PI / side) * wave * (place + 0.5))),
)

function slowestWaves(gray: Uint8Array): number[] {
  const rows = Array.from({ length: side }, (_, y) =>
    cosines.map(wave => wave.reduce((sum, cosine, x) => sum + cosine * gray[y * side + x], 0)),
  )
  return cosines.flatMap(wave => cosines.map((_, k) => wave.reduce((sum, cosine, y) => sum + cosine * rows[y][k], 0)))
}

function meanColour({ data }: RgbImage): string {
  const sums = [0, 0, 0]
  data.forEach((byte, at) => {
    sums[at % 3] += byte
  })
  return sums
    .map(sum =>
      Math.round((sum * 3) / data.length)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')
}
