import type { Rectangle } from '../raster/rectangle.ts'
import type { Point } from '../viewport.ts'
import { type Coverage, emptyCoverage, noCoverage, trimmed } from './coverage.ts'

/** The object under a point, found by its edges: what can be reached from the point crossing fewer of them than from the border of the
 *  picture, as in Bai and Sapiro, "A Geodesic Framework for Fast Interactive Image and Video Segmentation and Matting" (2007). It is found in a
 *  small picture first, then its outline is drawn anew in the large one, between what is surely inside and surely outside. */

/** Colours of a picture, four numbers a pixel: OKLab (Björn Ottosson, 2020) and opacity, each about 0 to 100. */
interface Field {
  readonly width: number
  readonly height: number
  readonly colours: Float32Array
  /** Differences between neighbours that are no edges. */
  readonly noise: number
}

/** Longest side of the picture that the object is looked for in. */
const SMALL = 200
/** Differences under this are noise, and so are those that are as usual in the picture: so many times the middle one. */
const LEAST_NOISE = 1.5
const USUAL = 2.5
/** Each unit above costs so much; a step costs 1 beside that. */
const EDGE = 50
const DEAREST = 5000
/** What a path costs at least that crosses an edge, however long it is. */
const CROSSING = 400

/** @param pixels RGBA of the rectangle, row by row  @param extent 0 to 100: how far it reaches; 50 is as far as the picture's border */
export function objectAt(at: Rectangle, pixels: Uint8ClampedArray, point: Point, extent: number): Coverage {
  const { width, height } = at
  const [column, row] = [Math.floor(point.x) - at.x, Math.floor(point.y) - at.y]
  if (column < 0 || row < 0 || column >= width || row >= height) return noCoverage
  const shrink = Math.max(1, Math.max(width, height) / SMALL)
  const small = reduced(width, height, pixels, shrink)
  const seed = Math.floor(row / shrink) * small.width + Math.floor(column / shrink)
  const inside = insideOf(small, seed, 4 ** ((extent - 50) / 50))
  const result = emptyCoverage(at)
  if (shrink === 1) result.data.set(inside.map(is => 255 * is))
  else outlined(result, pixels, small, inside, shrink)
  return trimmed(result)
}

/** 1 where the object is. @param reach how much more an edge may cost on the way from the point than from the border */
function insideOf(small: Field, seed: number, reach: number): Uint8Array {
  const { width, height } = small
  const fromPoint = spread(small, [seed])
  const border = borderOf(width, height)
  const farthest = border.reduce((most, place) => Math.max(most, fromPoint[place] ?? 0), 0)
  const outside = border.filter(place => (fromPoint[place] ?? 0) >= Math.max(CROSSING, farthest / 2))
  if (outside.length === 0) {
    // The point itself belongs to what surrounds everything else.
    const limit = divide(fromPoint) * reach
    return Uint8Array.from(fromPoint, far => Number(far <= limit))
  }
  const fromBorder = spread(small, outside)
  const nearer = (costs: Int32Array) =>
    Uint8Array.from(costs, (far, at) => Number(far <= reach * (fromBorder[at] ?? 0)))
  let inside = nearer(fromPoint)
  // What is found is as near as the point itself: from an eye to the outline of a head is far, from its face it is not.
  for (let turn = 0; turn < TURNS; turn++) inside = nearer(spread(small, placesIn(inside)))
  return inside
}

const TURNS = 2

function placesIn(inside: Uint8Array): number[] {
  const places: number[] = []
  for (const [at, is] of inside.entries()) if (is === 1) places.push(at)
  return places
}

function borderOf(width: number, height: number): number[] {
  const places: number[] = []
  for (let x = 0; x < width; x++) places.push(x, (height - 1) * width + x)
  for (let y = 0; y < height; y++) places.push(y * width, y * width + width - 1)
  return places
}

/** The cost that divides near from far best: between-class variance is greatest there (Otsu, 1979). */
function divide(costs: Int32Array): number {
  const bins = new Float64Array(128)
  const step = (2 * DEAREST) / bins.length
  for (const cost of costs) {
    const bin = Math.min(bins.length - 1, Math.floor(cost / step))
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  const [count, sum] = [costs.length, bins.reduce((all, each, k) => all + each * k, 0)]
  let [below, belowSum, best, most] = [0, 0, bins.length, 0]
  for (const [k, each] of bins.entries()) {
    below += each
    belowSum += each * k
    if (below === 0 || below === count) continue
    const apart = belowSum / below - (sum - belowSum) / (count - below)
    const variance = below * (count - below) * apart * apart
    if (variance > most) [most, best] = [variance, k + 1]
  }
  return Math.max(CROSSING, best * step)
}

/** The picture made smaller: means of the pixels that fall together. */
function reduced(width: number, height: number, pixels: Uint8ClampedArray, shrink: number): Field {
  const [across, down] = [Math.ceil(width / shrink), Math.ceil(height / shrink)]
  const colours = new Float32Array(across * down * 4)
  for (let y = 0; y < down; y++) {
    const [top, bottom] = [
      Math.floor(y * shrink),
      Math.min(height, Math.max(Math.floor(y * shrink) + 1, Math.floor((y + 1) * shrink))),
    ]
    for (let x = 0; x < across; x++) {
      const [left, right] = [
        Math.floor(x * shrink),
        Math.min(width, Math.max(Math.floor(x * shrink) + 1, Math.floor((x + 1) * shrink))),
      ]
      let [red, green, blue, opacity] = [0, 0, 0, 0]
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          const k = (row * width + column) * 4
          const alpha = pixels[k + 3] ?? 0
          red += (pixels[k] ?? 0) * alpha
          green += (pixels[k + 1] ?? 0) * alpha
          blue += (pixels[k + 2] ?? 0) * alpha
          opacity += alpha
        }
      }
      const weight = Math.max(1, opacity)
      place(
        colours,
        y * across + x,
        red / weight,
        green / weight,
        blue / weight,
        opacity / ((bottom - top) * (right - left)),
      )
    }
  }
  return { width: across, height: down, colours, noise: noiseOf(across, down, colours) }
}

const linear = Float32Array.from({ length: 256 }, (_, value) => {
  const share = value / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
})

/** Writes a pixel's colour; where it is transparent, colour counts less. */
function place(colours: Float32Array, at: number, red: number, green: number, blue: number, opacity: number): void {
  const [r, g, b] = [linear[Math.round(red)] ?? 0, linear[Math.round(green)] ?? 0, linear[Math.round(blue)] ?? 0]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  const share = (opacity / 255) * 100
  colours[at * 4] = share * (0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s)
  colours[at * 4 + 1] = share * (1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s)
  colours[at * 4 + 2] = share * (0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s)
  colours[at * 4 + 3] = share
}

function differenceOf(colours: Float32Array, from: number, to: number): number {
  let sum = 0
  for (let k = 0; k < 4; k++) sum += ((colours[from * 4 + k] ?? 0) - (colours[to * 4 + k] ?? 0)) ** 2
  return Math.sqrt(sum)
}

/** What a picture's grain or texture makes of neighbours, told by those beside each other. */
function noiseOf(width: number, height: number, colours: Float32Array): number {
  const differences = new Float32Array((width - 1) * height)
  for (let k = 0; k < differences.length; k++) {
    const at = Math.floor(k / (width - 1)) * width + (k % (width - 1))
    differences[k] = differenceOf(colours, at, at + 1)
  }
  return Math.max(LEAST_NOISE, USUAL * (differences.sort()[Math.floor(differences.length / 2)] ?? 0))
}

/** What a step from one pixel to a neighbour costs. */
const costOf = ({ colours, noise }: Field, from: number, to: number): number =>
  1 + Math.min(DEAREST, Math.round(EDGE * Math.max(0, differenceOf(colours, from, to) - noise)))

const NEIGHBOURS = [
  ...([
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const),
  ...([
    [1, 1],
    [-1, 1],
    [1, -1],
    [-1, -1],
  ] as const),
]
const UNREACHED = 2 ** 30

/** What the cheapest way to each pixel costs from the nearest seed: Dijkstra's algorithm with a bucket for each cost (Dial, 1969).
 *  @param isOpen pixels that ways may go to  @param labels of the seeds; each pixel takes that of its nearest */
function spread(
  field: Field,
  seeds: readonly number[],
  isOpen: (place: number) => boolean = () => true,
  labels?: Uint8Array,
): Int32Array {
  const { width, height } = field
  const costs = new Int32Array(width * height).fill(UNREACHED)
  const most = Math.ceil(1.5 * (DEAREST + 1))
  const buckets: number[][] = Array.from({ length: most + 1 }, () => [])
  for (const seed of seeds) costs[seed] = 0
  buckets[0]?.push(...seeds)
  let waiting = seeds.length
  for (let cost = 0; waiting > 0; cost++) {
    const bucket = buckets[cost % buckets.length]
    for (let from = bucket?.pop(); from !== undefined; from = bucket?.pop()) {
      waiting--
      if (costs[from] !== cost) continue
      const [x, y] = [from % width, Math.floor(from / width)]
      for (const [dx, dy] of NEIGHBOURS) {
        if (x + dx < 0 || y + dy < 0 || x + dx >= width || y + dy >= height) continue
        const to = from + dy * width + dx
        if (!isOpen(to)) continue
        const step = costOf(field, from, to)
        const next = cost + (dx !== 0 && dy !== 0 ? Math.round(step * Math.SQRT2) : step)
        if (next >= (costs[to] ?? 0)) continue
        costs[to] = next
        if (labels !== undefined) labels[to] = labels[from] ?? 0
        buckets[next % buckets.length]?.push(to)
        waiting++
      }
    }
  }
  return costs
}

/** Draws the outline anew in the large picture: pixels of small ones that have another kind beside them go to the nearer side. */
function outlined(result: Coverage, pixels: Uint8ClampedArray, small: Field, inside: Uint8Array, shrink: number): void {
  const { width, height } = result
  const isUnsure = unsureOf(small, inside)
  const [labels, open] = [new Uint8Array(width * height), new Uint8Array(width * height)]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = Math.floor(y / shrink) * small.width + Math.floor(x / shrink)
      labels[y * width + x] = inside[cell] ?? 0
      open[y * width + x] = isUnsure[cell] ?? 0
    }
  }
  const seeds: number[] = []
  const seen = new Uint8Array(width * height)
  const colours = new Float32Array(width * height * 4)
  const see = (at: number) => {
    if (seen[at] === 1) return
    seen[at] = 1
    place(colours, at, pixels[at * 4] ?? 0, pixels[at * 4 + 1] ?? 0, pixels[at * 4 + 2] ?? 0, pixels[at * 4 + 3] ?? 0)
    if (open[at] === 0) seeds.push(at)
  }
  for (const [cell, is] of isUnsure.entries()) {
    if (is === 0) continue
    const [left, top] = [(cell % small.width) * shrink, Math.floor(cell / small.width) * shrink]
    for (let y = Math.max(0, Math.floor(top) - 1); y < Math.min(height, top + shrink + 1); y++) {
      for (let x = Math.max(0, Math.floor(left) - 1); x < Math.min(width, left + shrink + 1); x++) see(y * width + x)
    }
  }
  spread({ width, height, colours, noise: small.noise }, seeds, at => open[at] === 1, labels)
  for (const [at, label] of labels.entries()) result.data[at] = 255 * label
}

/** 1 where a pixel or one of its neighbours is of another kind. */
function unsureOf({ width, height }: Field, inside: Uint8Array): Uint8Array {
  return Uint8Array.from(inside, (own, at) => {
    const [x, y] = [at % width, Math.floor(at / width)]
    return Number(
      NEIGHBOURS.some(([dx, dy]) => {
        const isThere = x + dx >= 0 && y + dy >= 0 && x + dx < width && y + dy < height
        return isThere && inside[at + dy * width + dx] !== own
      }),
    )
  })
}
