/** An axis-aligned rectangle: corner, width and height, in the pixels of whatever space it lies in. */
export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const isEmpty = ({ width, height }: Rectangle): boolean => width <= 0 || height <= 0

/** The smallest rectangle that holds both; an empty one adds nothing. */
export function union(a: Rectangle, b: Rectangle): Rectangle {
  if (isEmpty(a)) return b
  if (isEmpty(b)) return a
  const x = Math.min(a.x, b.x)
  const y = Math.min(a.y, b.y)
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  }
}

/** What both have in common; width and height are 0 where they have nothing. */
export function intersection(a: Rectangle, b: Rectangle): Rectangle {
  const x = Math.max(a.x, b.x)
  const y = Math.max(a.y, b.y)
  const width = Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x)
  const height = Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y)
  return { x, y, width, height }
}

export const grown = ({ x, y, width, height }: Rectangle, by: number): Rectangle => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
})

export const moved = ({ x, y, width, height }: Rectangle, dx: number, dy: number): Rectangle => ({
  x: x + dx,
  y: y + dy,
  width,
  height,
})

/** The smallest rectangle of whole steps that holds this one: `step` 1 gives whole pixels, a tile's side whole tiles. */
export function outward({ x, y, width, height }: Rectangle, step = 1): Rectangle {
  const left = Math.floor(x / step) * step
  const top = Math.floor(y / step) * step
  return {
    x: left,
    y: top,
    width: Math.ceil((x + width) / step) * step - left,
    height: Math.ceil((y + height) / step) * step - top,
  }
}

export const scaled = ({ x, y, width, height }: Rectangle, by: number): Rectangle => ({
  x: x * by,
  y: y * by,
  width: width * by,
  height: height * by,
})

export const contains = (outer: Rectangle, inner: Rectangle): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height

/** Column and row of each cell of `side` pixels that the rectangle touches, row by row. */
export function* cells(rectangle: Rectangle, side: number): Generator<readonly [column: number, row: number]> {
  if (isEmpty(rectangle)) return
  const right = Math.ceil((rectangle.x + rectangle.width) / side)
  const bottom = Math.ceil((rectangle.y + rectangle.height) / side)
  for (let row = Math.floor(rectangle.y / side); row < bottom; row++) {
    for (let column = Math.floor(rectangle.x / side); column < right; column++) yield [column, row]
  }
}
