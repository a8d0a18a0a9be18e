import type { Box, GrayImage } from './masks.ts'

/** Fewer marked pixels are a speck, unless there is nothing else. */
const SPECK = 16

/** What a mask marks in separate places, each as a mask of its own, from above; places touch at sides or corners. Specks are left out where anything larger
 *  is marked. */
export function partsOfMask({ width, height, data }: GrayImage): GrayImage[] {
  const seen = new Uint8Array(data.length)
  const parts: number[][] = []
  for (let first = 0; first < data.length; first++) {
    if (data[first] === 0 || seen[first] === 1) continue
    const part = [first]
    seen[first] = 1
    for (let k = 0; k < part.length; k++) {
      for (const near of neighbours(part[k], width, height)) {
        if (data[near] === 0 || seen[near] === 1) continue
        seen[near] = 1
        part.push(near)
      }
    }
    parts.push(part)
  }
  const large = parts.filter(({ length }) => length >= SPECK)
  return (large.length === 0 ? parts : large).map(part => {
    const alone = new Uint8Array(data.length)
    for (const place of part) alone[place] = data[place]
    return { width, height, data: alone }
  })
}

/** The eight places around one that are in the picture. */
function neighbours(place: number, width: number, height: number): number[] {
  const [x, y] = [place % width, Math.floor(place / width)]
  const around: number[] = []
  for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++) {
    for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) around.push(v * width + u)
  }
  return around
}

/** A mask that marks a box, as far as it lies in the picture. */
export function maskOfBox(
  { left, top, right, bottom }: Box,
  { width, height }: Pick<GrayImage, 'width' | 'height'>,
): GrayImage {
  const data = Uint8Array.from({ length: width * height }, (_, place) => {
    const [x, y] = [place % width, Math.floor(place / width)]
    return x >= left && x < right && y >= top && y < bottom ? 255 : 0
  })
  return { width, height, data }
}
