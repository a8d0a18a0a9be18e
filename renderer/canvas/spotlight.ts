/** How dark it gets where nothing is looked at. */
const DARKEST = 0.8

/** What is laid over a picture so that it stays bright where a map is white: black of so much opacity.
 *  @param map RGBA, 8 bit, gray  @returns as large, to be put over the picture */
export function shadeAround(map: Uint8ClampedArray): Uint8ClampedArray<ArrayBuffer> {
  const shade = new Uint8ClampedArray(map.length)
  for (let k = 0; k < map.length; k += 4) shade[k + 3] = Math.round((255 - (map[k] ?? 0)) * DARKEST)
  return shade
}

/** The same as a canvas. */
export function shadeCanvas(map: HTMLImageElement): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  const { naturalWidth: width, naturalHeight: height } = map
  Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return canvas
  context.drawImage(map, 0, 0)
  const shade = shadeAround(context.getImageData(0, 0, width, height).data)
  context.putImageData(new ImageData(shade, width, height), 0, 0)
  return canvas
}

/** How much each place of several maps is looked at, at most: 0 to 255, as large as the first. */
export function brightest(maps: readonly HTMLImageElement[]): { width: number; height: number; data: Uint8Array } {
  const [width, height] = [maps[0]?.naturalWidth ?? 0, maps[0]?.naturalHeight ?? 0]
  const data = new Uint8Array(width * height)
  const context = new OffscreenCanvas(Math.max(width, 1), Math.max(height, 1)).getContext('2d')
  if (context === null) return { width, height, data }
  for (const map of maps) {
    context.drawImage(map, 0, 0, width, height)
    const { data: pixels } = context.getImageData(0, 0, width, height)
    for (let k = 0; k < data.length; k++) data[k] = Math.max(data[k] ?? 0, pixels[4 * k] ?? 0)
  }
  return { width, height, data }
}
