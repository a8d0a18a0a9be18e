import { useEffect, useState } from 'react'
import { blobUrl } from './api.ts'

/** Pixels on a side at which pictures are compared: noise of single pixels is no change. */
const SIDE = 64

/** How much two pictures differ: the mean of |a - b| over all colours, 0 (equal) to 1. Both are RGBA, 8 bit, of one size. */
export function changeBetween(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) if (k % 4 !== 3) sum += Math.abs((a[k] ?? 0) - (b[k] ?? 0))
  return sum / (255 * 0.75 * Math.max(a.length, 1))
}

async function pixelsOf(hash: string): Promise<Uint8ClampedArray> {
  const image = Object.assign(new Image(), { src: blobUrl(hash) })
  await image.decode()
  const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d')
  if (context === null) throw new Error('no canvas could be made')
  context.drawImage(image, 0, 0, SIDE, SIDE)
  return context.getImageData(0, 0, SIDE, SIDE).data
}

/** How much two kept pictures differ; undefined until that is known, or where there are not two. */
export function useChange(one: string | undefined, other: string | undefined): number | undefined {
  const [found, setFound] = useState<{ of: string; change: number }>()
  const of = `${one} ${other}`
  useEffect(() => {
    if (one === undefined || other === undefined) return
    let isCurrent = true
    Promise.all([pixelsOf(one), pixelsOf(other)]).then(
      ([a, b]) => isCurrent && setFound({ of, change: changeBetween(a, b) }),
      () => {}, // a picture that is gone is compared with nothing
    )
    return () => {
      isCurrent = false
    }
  }, [one, other, of])
  return found?.of === of ? found.change : undefined
}
