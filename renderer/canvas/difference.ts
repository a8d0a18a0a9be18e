/** The difference of two pictures of equal size: |a - b| of each colour, times `gain`, opaque.
 *  All are RGBA, 8 bit; `gain` is 1 for the true difference, more to see a small one. */
export function difference(a: Uint8ClampedArray, b: Uint8ClampedArray, gain: number): Uint8ClampedArray<ArrayBuffer> {
  if (a.length !== b.length)
    throw new RangeError(`Pictures of ${a.length / 4} and ${b.length / 4} pixels cannot be compared.`)
  const result = new Uint8ClampedArray(a.length)
  for (let i = 0; i < a.length; i++) {
    result[i] = i % 4 === 3 ? 255 : Math.abs((a[i] ?? 0) - (b[i] ?? 0)) * gain
  }
  return result
}

/** Draws the difference of two pictures; the second is scaled to the size of the first. */
export function differenceCanvas(a: HTMLImageElement, b: HTMLImageElement, gain: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = a.naturalWidth
  canvas.height = a.naturalHeight
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return canvas
  const pixels = (image: HTMLImageElement) => {
    context.drawImage(image, 0, 0, canvas.width, canvas.height)
    return context.getImageData(0, 0, canvas.width, canvas.height).data
  }
  const result = difference(pixels(a), pixels(b), gain)
  context.putImageData(new ImageData(result, canvas.width, canvas.height), 0, 0)
  return canvas
}
