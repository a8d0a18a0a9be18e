import sharp from 'sharp'
import type { RgbImage } from '../../app/tensor/images.ts'

const GAP = 4

/** One PNG of rows of pictures, each in a cell of the size of the largest, on white. @param rows with cells that stay empty */
export function pictureOfTiles(rows: readonly (readonly (RgbImage | undefined)[])[]): Promise<Buffer> {
  const all = rows.flat().filter(image => image !== undefined)
  const cell = {
    width: Math.max(...all.map(({ width }) => width)) + GAP,
    height: Math.max(...all.map(({ height }) => height)) + GAP,
  }
  const columns = Math.max(...rows.map(({ length }) => length))
  const tiles = rows.flatMap((row, y) =>
    row.flatMap((image, x) => {
      if (image === undefined) return []
      const { width, height, data } = image
      const raw = { width, height, channels: 3 } as const
      return [{ input: Buffer.from(data), raw, left: x * cell.width, top: y * cell.height }]
    }),
  )
  const size = { width: columns * cell.width, height: rows.length * cell.height }
  return sharp({ create: { ...size, channels: 3, background: 'white' } })
    .composite(tiles)
    .png()
    .toBuffer()
}
