import type { Point } from '../viewport.ts'
import type { Coverage } from './coverage.ts'

const COVERED = 128

/** The closed lines between pixels that are covered by half and more and those that are not, corner by corner. Around what is covered
 *  they go clockwise on the screen, around holes the other way. */
export function outlines(coverage: Coverage): readonly (readonly Point[])[] {
  const next = edges(coverage)
  const width = coverage.width + 1
  const lines: Point[][] = []
  for (const start of next.keys()) {
    if (!next.has(start)) continue
    const line: Point[] = []
    let [from, heading] = [start, -1]
    for (;;) {
      const ways = next.get(from)
      const way = ways === undefined ? undefined : takeWay(ways, heading)
      if (ways === undefined || way === undefined) break
      if (ways.length === 0) next.delete(from)
      if (way !== heading) line.push({ x: coverage.x + (from % width), y: coverage.y + Math.floor(from / width) })
      heading = way
      from += STEPS(width)[way] ?? 0
    }
    // The walk began in the middle of a side: its first corner is none then.
    const [first, second] = line
    const last = line.at(-1)
    if (first && second && last && line.length > 4 && isStraight(last, first, second)) line.shift()
    lines.push(line)
  }
  return lines
}

/** 0 right, 1 down, 2 left, 3 up. */
const STEPS = (width: number): readonly number[] => [1, width, -1, -width]
const isStraight = (a: Point, b: Point, c: Point): boolean =>
  (a.x === b.x && b.x === c.x) || (a.y === b.y && b.y === c.y)

/** Where two ways lead on from a corner, the sharper turn keeps pixels that touch with their corners apart. */
function takeWay(ways: number[], heading: number): number | undefined {
  const right = ways.indexOf((heading + 1) % 4)
  const at = ways.length > 1 && right >= 0 ? right : 0
  return ways.splice(at, 1)[0]
}

/** Corner -> directions of the edges that begin there. */
function edges({ width, height, data }: Coverage): Map<number, number[]> {
  const covered = (column: number, row: number): boolean =>
    column >= 0 && row >= 0 && column < width && row < height && (data[row * width + column] ?? 0) >= COVERED
  const found = new Map<number, number[]>()
  const corner = (column: number, row: number) => row * (width + 1) + column
  const add = (from: number, way: number) => {
    const ways = found.get(from)
    if (ways === undefined) found.set(from, [way])
    else ways.push(way)
  }
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (!covered(column, row)) continue
      if (!covered(column, row - 1)) add(corner(column, row), 0)
      if (!covered(column + 1, row)) add(corner(column + 1, row), 1)
      if (!covered(column, row + 1)) add(corner(column + 1, row + 1), 2)
      if (!covered(column - 1, row)) add(corner(column, row + 1), 3)
    }
  }
  return found
}
