import { grown, intersection, isEmpty, outward, type Rectangle, union } from '../raster/rectangle.ts'
import type { Point } from '../viewport.ts'

/** How much of each pixel is meant: 0 nothing to 255 wholly, row by row inside a rectangle of whole pixels; nothing outside. */
export interface Coverage extends Rectangle {
  readonly data: Uint8Array<ArrayBuffer>
}

export const emptyCoverage = (at: Rectangle): Coverage => ({ ...at, data: new Uint8Array(at.width * at.height) })
export const noCoverage: Coverage = emptyCoverage({ x: 0, y: 0, width: 0, height: 0 })

export function coverageAt({ x, y, width, height, data }: Coverage, column: number, row: number): number {
  if (column < x || row < y || column >= x + width || row >= y + height) return 0
  return data[(row - y) * width + column - x] ?? 0
}

export const isBlank = ({ data }: Coverage): boolean => data.every(value => value === 0)

/** The same coverage in another rectangle; what lies outside of it is lost. */
export function inRectangle(coverage: Coverage, at: Rectangle): Coverage {
  const result = emptyCoverage(at)
  const common = intersection(coverage, at)
  for (let row = common.y; row < common.y + common.height; row++) {
    const from = (row - coverage.y) * coverage.width + common.x - coverage.x
    result.data.set(coverage.data.subarray(from, from + common.width), (row - at.y) * at.width + common.x - at.x)
  }
  return result
}

/** The same coverage without empty rows and columns at its edges. */
export function trimmed(coverage: Coverage): Coverage {
  const { width, height, data } = coverage
  let [left, top, right, bottom] = [width, height, -1, -1]
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (data[row * width + column] === 0) continue
      left = Math.min(left, column)
      right = Math.max(right, column)
      top = Math.min(top, row)
      bottom = row
    }
  }
  if (right < 0) return noCoverage
  return inRectangle(coverage, {
    x: coverage.x + left,
    y: coverage.y + top,
    width: right - left + 1,
    height: bottom - top + 1,
  })
}

export type Combining = 'replace' | 'add' | 'subtract' | 'intersect'

/** What a new coverage makes of the one before. */
export function combined(before: Coverage, next: Coverage, how: Combining): Coverage {
  if (how === 'replace') return next
  const at = how === 'add' ? union(before, next) : how === 'subtract' ? before : intersection(before, next)
  if (isEmpty(at)) return noCoverage
  const [result, other] = [inRectangle(before, at), inRectangle(next, at)]
  for (let k = 0; k < result.data.length; k++) {
    const [a = 0, b = 0] = [result.data[k], other.data[k]]
    result.data[k] = how === 'add' ? Math.max(a, b) : how === 'subtract' ? Math.min(a, 255 - b) : Math.min(a, b)
  }
  return trimmed(result)
}

/** What is not covered, inside a rectangle. */
export function inverted(coverage: Coverage, within: Rectangle): Coverage {
  const result = inRectangle(coverage, within)
  for (let k = 0; k < result.data.length; k++) result.data[k] = 255 - (result.data[k] ?? 0)
  return trimmed(result)
}

// ---- Shapes --------------------------------------------------------------------------------------------------------------

/** Lines that a row of pixels is cut into. */
const LINES = 4

/** The inside of closed outlines (nonzero winding), with soft edges. */
export function ofPolygon(points: readonly Point[]): Coverage {
  if (points.length < 3) return noCoverage
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const at = outward({ x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top })
  if (isEmpty(at)) return noCoverage
  const sums = new Float32Array(at.width)
  const result = emptyCoverage(at)
  for (let row = 0; row < at.height; row++) {
    sums.fill(0)
    for (let line = 0; line < LINES; line++) {
      const y = at.y + row + (line + 0.5) / LINES
      for (const [from, to] of spansAt(points, y)) addSpan(sums, from - at.x, to - at.x)
    }
    for (let column = 0; column < at.width; column++) {
      result.data[row * at.width + column] = Math.round((255 * Math.min(LINES, sums[column] ?? 0)) / LINES)
    }
  }
  return trimmed(result)
}

/** Where a horizontal line is inside. */
function spansAt(points: readonly Point[], y: number): [number, number][] {
  const crossings: { x: number; turn: number }[] = []
  let before = points[points.length - 1]
  for (const point of points) {
    if (before !== undefined && before.y <= y !== point.y <= y) {
      const x = before.x + ((y - before.y) / (point.y - before.y)) * (point.x - before.x)
      crossings.push({ x, turn: point.y > before.y ? 1 : -1 })
    }
    before = point
  }
  crossings.sort((a, b) => a.x - b.x)
  const spans: [number, number][] = []
  let winding = 0
  for (const [k, { x, turn }] of crossings.entries()) {
    winding += turn
    const next = crossings[k + 1]
    if (winding !== 0 && next !== undefined) spans.push([x, next.x])
  }
  return spans
}

function addSpan(sums: Float32Array, from: number, to: number): void {
  const [first, last] = [Math.floor(from), Math.min(sums.length - 1, Math.floor(to))]
  for (let column = first; column <= last; column++) {
    sums[column] = (sums[column] ?? 0) + Math.min(to, column + 1) - Math.max(from, column)
  }
}

export const cornersOf = ({ x, y, width, height }: Rectangle): readonly Point[] => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
]

export const ofRectangle = (at: Rectangle): Coverage => ofPolygon(cornersOf(at))

/** The outline of the ellipse in a rectangle, as a polygon that differs from it by less than a tenth of a pixel. */
export function ellipseOutline({ x, y, width, height }: Rectangle): readonly Point[] {
  const [across, down] = [width / 2, height / 2]
  const corners = Math.max(12, Math.ceil(Math.PI / Math.acos(1 - 0.1 / Math.max(1, across, down))))
  return Array.from({ length: corners }, (_, k) => {
    const angle = (2 * Math.PI * k) / corners
    return { x: x + across + across * Math.cos(angle), y: y + down + down * Math.sin(angle) }
  })
}

// ---- Growing, shrinking, softening ------------------------------------------------------------------------------------------

/** Grows by so many pixels in all directions; shrinks where it is negative. Edges are soft over one pixel. */
export function grownBy(coverage: Coverage, pixels: number): Coverage {
  if (pixels === 0 || isEmpty(coverage)) return coverage
  const room = inRectangle(coverage, grown(coverage, Math.max(1, Math.ceil(pixels) + 1)))
  const grows = pixels > 0
  const far = distances(room, grows)
  for (let k = 0; k < room.data.length; k++) {
    const near = Math.min(1, Math.max(0, Math.abs(pixels) + 0.5 - Math.sqrt(far[k] ?? 0) + 0.5))
    room.data[k] = Math.round(255 * (grows ? near : 1 - near))
  }
  return trimmed(room)
}

/** Squared distance of each pixel to the nearest one that is covered (or, with `inside` false, that is not): the two passes of
 *  Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions" (2012). */
function distances({ width, height, data }: Coverage, inside: boolean): Float64Array {
  const far = Float64Array.from(data, value => (value >= 128 === inside ? 0 : 1e10))
  const column = new Float64Array(height)
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) column[y] = far[y * width + x] ?? 0
    const swept = envelope(column)
    for (let y = 0; y < height; y++) far[y * width + x] = swept[y] ?? 0
  }
  for (let y = 0; y < height; y++) far.set(envelope(far.slice(y * width, (y + 1) * width)), y * width)
  return far
}

/** The lower envelope of parabolas that stand at each place, as high as `heights` says. */
function envelope(heights: Float64Array): Float64Array {
  const count = heights.length
  const roots = new Int32Array(count)
  const starts = new Float64Array(count + 1)
  let last = 0
  starts[0] = Number.NEGATIVE_INFINITY
  starts[1] = Number.POSITIVE_INFINITY
  const meet = (a: number, b: number) => ((heights[b] ?? 0) + b * b - (heights[a] ?? 0) - a * a) / (2 * (b - a))
  for (let place = 1; place < count; place++) {
    while (last > 0 && meet(roots[last] ?? 0, place) <= (starts[last] ?? 0)) last--
    const start = meet(roots[last] ?? 0, place)
    if (start > (starts[last] ?? 0)) last++
    roots[last] = place
    starts[last] = last === 0 ? Number.NEGATIVE_INFINITY : start
    starts[last + 1] = Number.POSITIVE_INFINITY
  }
  const result = new Float64Array(count)
  let root = 0
  for (let place = 0; place < count; place++) {
    while ((starts[root + 1] ?? 0) < place) root++
    const at = roots[root] ?? 0
    result[place] = (place - at) ** 2 + (heights[at] ?? 0)
  }
  return result
}

/** Softens the edges over about so many pixels to each side: three box blurs, which are nearly a Gaussian of that many pixels'
 *  half width. */
export function feathered(coverage: Coverage, pixels: number): Coverage {
  const radius = Math.round(pixels / 2)
  if (radius < 1 || isEmpty(coverage)) return coverage
  const room = inRectangle(coverage, grown(coverage, 3 * radius + 1))
  for (let time = 0; time < 3; time++) {
    for (let y = 0; y < room.height; y++) blurLine(room.data, y * room.width, 1, room.width, radius)
    for (let x = 0; x < room.width; x++) blurLine(room.data, x, room.width, room.height, radius)
  }
  return trimmed(room)
}

function blurLine(data: Uint8Array, start: number, step: number, count: number, radius: number): void {
  const line = Uint8Array.from({ length: count }, (_, k) => data[start + k * step] ?? 0)
  const across = 2 * radius + 1
  let sum = 0
  for (let k = 0; k < Math.min(radius, count); k++) sum += line[k] ?? 0
  for (let k = 0; k < count; k++) {
    sum += (line[k + radius] ?? 0) - (k > radius ? (line[k - radius - 1] ?? 0) : 0)
    data[start + k * step] = Math.round(sum / across)
  }
}

// ---- Flooding ------------------------------------------------------------------------------------------------------------

/** Pixels of a picture like the one that is pointed at.
 *  @param pixels RGBA of the rectangle, row by row  @param tolerance 0 to 255: how far each of the four may differ
 *  @param isConnected only what hangs together with that pixel */
export function likeThis(
  at: Rectangle,
  pixels: Uint8ClampedArray,
  point: Point,
  tolerance: number,
  isConnected: boolean,
): Coverage {
  const result = emptyCoverage(at)
  const { width, height } = at
  const [column, row] = [Math.floor(point.x) - at.x, Math.floor(point.y) - at.y]
  if (column < 0 || row < 0 || column >= width || row >= height) return noCoverage
  const first = (row * width + column) * 4
  const wanted = [0, 1, 2, 3].map(channel => pixels[first + channel] ?? 0)
  const alike = (place: number): boolean =>
    wanted.every((value, channel) => Math.abs((pixels[place * 4 + channel] ?? 0) - value) <= tolerance)
  if (isConnected) flood(result.data, width, height, row * width + column, alike)
  else for (let place = 0; place < width * height; place++) if (alike(place)) result.data[place] = 255
  return trimmed(result)
}

/** Fills rows as far as they go, and notes where rows above and below begin. */
function flood(
  data: Uint8Array,
  width: number,
  height: number,
  start: number,
  alike: (place: number) => boolean,
): void {
  const seeds = [start]
  for (let seed = seeds.pop(); seed !== undefined; seed = seeds.pop()) {
    if (data[seed] !== 0) continue
    const row = Math.floor(seed / width)
    let left = seed
    while (left > row * width && data[left - 1] === 0 && alike(left - 1)) left--
    let right = seed
    while (right < (row + 1) * width - 1 && data[right + 1] === 0 && alike(right + 1)) right++
    data.fill(255, left, right + 1)
    for (const shift of [-width, width]) {
      if (row + Math.sign(shift) < 0 || row + Math.sign(shift) >= height) continue
      let inside = false
      for (let place = left + shift; place <= right + shift; place++) {
        const open = data[place] === 0 && alike(place)
        if (open && !inside) seeds.push(place)
        inside = open
      }
    }
  }
}

/** The part of a coverage that hangs together with a point; nothing where the point is not covered. */
export function partAt(coverage: Coverage, point: Point): Coverage {
  const result = emptyCoverage(coverage)
  const { x, y, width, height, data } = coverage
  const [column, row] = [Math.floor(point.x) - x, Math.floor(point.y) - y]
  const start = row * width + column
  if (column < 0 || row < 0 || column >= width || row >= height || data[start] === 0) return noCoverage
  flood(result.data, width, height, start, place => (data[place] ?? 0) > 0)
  return trimmed(result)
}

/** A coverage of a whole picture at another size: between four values in proportion, so that edges become soft, not steps.
 *  @param coverage begins at the corner and is as large as the picture */
export function resized(
  { width, height, data }: Coverage,
  to: { readonly width: number; readonly height: number },
): Coverage {
  if (to.width === width && to.height === height) return { x: 0, y: 0, width, height, data }
  const result = emptyCoverage({ x: 0, y: 0, ...to })
  const at = (column: number, row: number) =>
    data[Math.min(height - 1, Math.max(0, row)) * width + Math.min(width - 1, Math.max(0, column))] ?? 0
  for (let y = 0; y < to.height; y++) {
    const row = ((y + 0.5) * height) / to.height - 0.5
    const [top, down] = [Math.floor(row), row - Math.floor(row)]
    for (let x = 0; x < to.width; x++) {
      const column = ((x + 0.5) * width) / to.width - 0.5
      const [left, across] = [Math.floor(column), column - Math.floor(column)]
      const upper = at(left, top) * (1 - across) + at(left + 1, top) * across
      const lower = at(left, top + 1) * (1 - across) + at(left + 1, top + 1) * across
      result.data[y * to.width + x] = Math.round(upper * (1 - down) + lower * down)
    }
  }
  return trimmed(result)
}

/** A coverage of runs: how many pixels in a row are not covered, then how many are, and so on. */
export function ofRuns(
  runs: readonly number[],
  { width, height }: { readonly width: number; readonly height: number },
): Coverage {
  const result = emptyCoverage({ x: 0, y: 0, width, height })
  let at = 0
  for (const [k, length] of runs.entries()) {
    if (k % 2 === 1) result.data.fill(255, at, at + length)
    at += length
  }
  return result
}
