import { expect, test } from 'vitest'
import type { Image } from '../state/api.ts'
import { columnsOf, GAP, moveIn, rowsOf } from './rows.ts'

const now = new Date(2026, 10, 23, 12).getTime()
const HOUR = 3_600_000
const image = (id: number, hoursAgo: number): Image => ({
  id: String(id),
  hash: '',
  width: 1,
  height: 1,
  createdAt: now - hoursAgo * HOUR,
  starred: false,
  index: 0,
})
/** Five of today, two of yesterday. */
const images = [0, 1, 2, 3, 4].map(k => image(k, k)).concat([image(5, 20), image(6, 21)])
const rows = rowsOf(images, 3, now)

test('rows are full from edge to edge', () => {
  for (const width of [200, 853, 1400]) {
    const { columns, side } = columnsOf(width, 128)
    expect(columns * side + (columns - 1) * GAP).toBeCloseTo(width)
    expect(side).toBeGreaterThanOrEqual(Math.min(128, width))
  }
})

test('pictures are grouped by day, latest first', () => {
  expect(
    rows.map(row => (row.kind === 'day' ? `${row.day} ${row.count}` : row.images.map(each => each.id).join(''))),
  ).toEqual(['Today 5', '012', '34', 'Yesterday 2', '56'])
})

test('100,000 pictures become rows within the time of a frame or two', () => {
  const many = Array.from({ length: 100_000 }, (_, k) => image(k, k / 10))
  const count = () => rowsOf(many, 6, now).filter(row => row.kind === 'day').length
  expect(count()).toBeGreaterThan(400)
  const times = [1, 2, 3, 4, 5].map(() => {
    const start = performance.now()
    count()
    return performance.now() - start
  })
  expect(Math.min(...times)).toBeLessThan(100)
})

test('a picture of the future stands under today', () => {
  const ahead = [image(0, -30), image(1, 1)]
  expect(rowsOf(ahead, 3, now).filter(row => row.kind === 'day')).toHaveLength(1)
})

const moves: readonly [number, string, number][] = [
  [0, 'ArrowRight', 1],
  [4, 'ArrowRight', 5],
  [6, 'ArrowRight', 6],
  [0, 'ArrowLeft', 0],
  [2, 'ArrowDown', 4],
  [3, 'ArrowDown', 5],
  [5, 'ArrowDown', 5],
  [6, 'ArrowUp', 4],
  [0, 'ArrowUp', 0],
  [3, 'Home', 0],
  [3, 'End', 6],
  [-1, 'ArrowRight', 0],
]
for (const [from, key, to] of moves)
  test(`${key} from ${from} leads to ${to}`, () => expect(moveIn(rows, from, key)).toBe(to))
