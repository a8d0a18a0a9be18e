import type { Rectangle } from './rectangle.ts'

/** The smallest rectangle that holds all pixels that are not wholly transparent; empty where there is none. @param data RGBA, row by row */
export function filledPart({ data, width, height }: Pick<ImageData, 'data' | 'width' | 'height'>): Rectangle {
  const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height)
  let [left, right, top, bottom] = [width, -1, height, -1]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Opacity is the highest byte of a little-endian word.
      if ((pixels[y * width + x] ?? 0) >>> 24 === 0) continue
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      bottom = y
    }
  }
  return right < 0
    ? { x: 0, y: 0, width: 0, height: 0 }
    : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}
